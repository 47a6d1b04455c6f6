"""Saving and loading: tensors, state dicts, and any nest of lists and dictionaries of them.

The file is a ZIP archive that holds no code, so that loading runs none:

* `structure.json`: what was saved; `{"tensor": 3}` stands for tensor number 3.
* `data/0.npy`, `data/1.npy`, …: the arrays, each readable with `numpy.load`.

Entries are not compressed, and each has a checksum. Files are written under another name in the
same folder and moved into place, so a file is either the old one or the new one, never half of it.

`load` also reads the ZIP archives that PyTorch writes. Objects of other classes (whole models) are
saved as a pickle beside the arrays; that is loaded only where it was allowed, by
`weights_only=False` or `safe_globals`.
"""

from .archive import CheckpointError as CheckpointError
from .archive import load as load
from .archive import save as save
from .restricted_pickle import add_safe_globals as add_safe_globals
from .restricted_pickle import clear_safe_globals as clear_safe_globals
from .restricted_pickle import get_safe_globals as get_safe_globals
from .restricted_pickle import safe_globals as safe_globals
