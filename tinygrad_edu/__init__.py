"""An autograd framework made of NumPy: PyTorch's names, every op drawn, every gradient provable.

`import tinygrad_edu as torch` and write PyTorch. Importing costs no more than importing NumPy: the
names of `public` and the rooms (`nn`, `optim`, …) are loaded when first used.
"""

import functools
import importlib
import os
import re
import sys
import types
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from . import nn as nn
    from . import optim as optim
    from . import utils as utils
    from .public import *  # noqa: F403


class _Package(types.ModuleType):
    """The package, whose `tensor` is the function, also once the file of that name is imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "tensor" and isinstance(value, types.ModuleType):
            value = value.tensor
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return sorted(public_names())
    if not name.startswith("_"):
        # Modules first: `from . import views` asks here while the modules of `public` load.
        if name != "tensor" and find_spec(f"{__name__}.{name}"):
            return importlib.import_module(f".{name}", __name__)
        place = _places().get(name)
        if place is not None:
            value = getattr(importlib.import_module(place[0], __name__), place[1])
            globals()[name] = value
            return value
        # An op declared since (docs/add-an-op.md) needs no line of its own.
        op = importlib.import_module(".primitives.registry", __name__).named(name)
        if op is not None:
            return op.record
    # With name and obj, the traceback ends with the nearest name that there is.
    message = f"tinygrad_edu has no {name!r}: {_advice(name)}"
    raise AttributeError(message, name=name, obj=sys.modules[__name__])


@functools.cache
def _places() -> dict[str, tuple[str, str]]:
    """For each public name its module and its name there, read from the lines of `public`.

    Read and not imported: importing every module for the first name asked would take as long as
    importing NumPy twice.
    """
    with open(os.path.join(os.path.dirname(__file__), "public.py"), encoding="utf-8") as file:
        lines = re.findall(r"^from (\.\S*) import (\w+) as (\w+)$", file.read(), re.MULTILINE)
    return {name: (module, original) for module, original, name in lines}


def public_names() -> dict[str, Any]:
    """The names of `public`, with what they stand for."""
    public = importlib.import_module(".public", __name__)
    return {name: value for name, value in vars(public).items() if not name.startswith("_")}


def _advice(name: str) -> str:
    instead = importlib.import_module(".advice", __name__).advice(name)
    return f"it is not built; {instead or 'dir(tinygrad_edu) lists what is'}"


def __dir__() -> list[str]:
    return sorted({*globals(), *_places()})
