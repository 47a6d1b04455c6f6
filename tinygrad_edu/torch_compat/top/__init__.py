"""The modules that PyTorch keeps at its top level: `torch.cuda` is `tinygrad_edu.cuda`.

The package looks for its modules here as well as in its own folder (`__path__` in its face), so
`top/cuda.py` is `tinygrad_edu.cuda` and has no second name: a module with two would be loaded
twice, and its classes would not be their own equals. That is why the path below is empty, and why
the files here import one another with one dot and everything else by its full name.
"""

__path__ = []
