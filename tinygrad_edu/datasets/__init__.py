"""The data of the five systems, as plain NumPy arrays.

`xor`, `patterns`, `letters` and `digits` return `Samples`; `mnist` a `Split` into train and test.
`read_idx` and `write_idx` are the format MNIST comes in.
"""

from tinygrad_edu.datasets.download import DownloadError as DownloadError
from tinygrad_edu.datasets.idx import IdxError as IdxError
from tinygrad_edu.datasets.idx import read_idx as read_idx
from tinygrad_edu.datasets.idx import write_idx as write_idx
from tinygrad_edu.datasets.mnist_files import mnist as mnist
from tinygrad_edu.datasets.samples import Samples as Samples
from tinygrad_edu.datasets.samples import Split as Split
from tinygrad_edu.datasets.samples import split_indices as split_indices
from tinygrad_edu.datasets.small import letters as letters
from tinygrad_edu.datasets.small import patterns as patterns
from tinygrad_edu.datasets.small import unlabelled_patterns as unlabelled_patterns
from tinygrad_edu.datasets.small import xor as xor
from tinygrad_edu.datasets.uci_digits import digits as digits

__all__ = [
    "DownloadError",
    "IdxError",
    "Samples",
    "Split",
    "digits",
    "letters",
    "mnist",
    "patterns",
    "read_idx",
    "split_indices",
    "unlabelled_patterns",
    "write_idx",
    "xor",
]
