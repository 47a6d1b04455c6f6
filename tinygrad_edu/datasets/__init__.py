"""The data of the five systems, as plain NumPy arrays.

`xor`, `patterns`, `letters` and `digits` return `Samples`; `mnist` a `Split` into train and test.
`read_idx` and `write_idx` are the format MNIST comes in.
"""

from .download import DownloadError as DownloadError
from .idx import IdxError as IdxError
from .idx import read_idx as read_idx
from .idx import write_idx as write_idx
from .mnist_files import mnist as mnist
from .samples import Samples as Samples
from .samples import Split as Split
from .samples import split_indices as split_indices
from .small import letters as letters
from .small import patterns as patterns
from .small import unlabelled_patterns as unlabelled_patterns
from .small import xor as xor
from .uci_digits import digits as digits

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
