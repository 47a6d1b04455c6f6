"""An autograd framework made of NumPy: PyTorch's names, every op drawn, every gradient provable.

`import tinygrad_edu as torch` and write PyTorch. Importing costs no more than importing NumPy: the
names of `public` and the rooms (`nn`, `optim`, …) are loaded when first used.
"""

import functools
import importlib
import os
import re
import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    # As if all were loaded: for checkers and editors, which follow these lines to what they name.
    from . import autograd as autograd
    from . import checking as checking
    from . import cli as cli
    from . import datasets as datasets
    from . import distributions as distributions
    from . import engine as engine
    from . import generator as generator
    from . import learn as learn
    from . import nn as nn
    from . import numerics as numerics
    from . import ops as ops
    from . import optim as optim
    from . import primitives as primitives
    from . import serialization as serialization
    from . import systems as systems
    from . import tensors as tensors
    from . import torch_compat as torch_compat
    from . import training as training
    from . import utils as utils
    from . import viz as viz
    from .autograd import func as func
    from .public import *  # noqa: F403
    from .tensors import random as random
    from .torch_compat.top import accelerator as accelerator
    from .torch_compat.top import amp as amp
    from .torch_compat.top import backends as backends
    from .torch_compat.top import cuda as cuda
    from .torch_compat.top import distributed as distributed
    from .torch_compat.top import functional as functional
    from .torch_compat.top import hub as hub
    from .torch_compat.top import jit as jit
    from .torch_compat.top import linalg as linalg
    from .torch_compat.top import multiprocessing as multiprocessing
    from .torch_compat.top import onnx as onnx
    from .torch_compat.top import special as special
    from .torch_compat.top import testing as testing
    from .torch_compat.top import types as types
    from .torch_compat.top import version as version


# Modules that PyTorch keeps at its top level (`torch.cuda`) are in a folder of their own.
__path__.append(os.path.join(os.path.dirname(__file__), "torch_compat", "top"))  # noqa: F405


class _Formerly(ModuleType):
    """Where `tensor.py` stood when tensors were pickled that are still to be loaded.

    Nothing is imported for it, so `tinygrad_edu.tensor` stays the function.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__all__":  # what Python's import system asks
            raise AttributeError(name)
        return getattr(importlib.import_module(".tensors.tensor", __name__), name)

    def __dir__(self) -> list[str]:
        return list(self.__all__)


_former = sys.modules[f"{__name__}.tensor"] = _Formerly(f"{__name__}.tensor")
_former.__spec__ = ModuleSpec(_former.__name__, None)


def _find(name: str) -> Any:
    if name == "__all__":
        return sorted(public_names())
    if not name.startswith("_"):
        place = _places().get(name)
        if place is not None:
            value = getattr(importlib.import_module(place[0], __name__), place[1])
            globals()[name] = value
            return value
        if find_spec(f"{__name__}.{name}"):
            return importlib.import_module(f".{name}", __name__)
        # An op declared since (docs/add-an-op.md) needs no line of its own.
        op = importlib.import_module(".engine.table", __name__).named(name)
        if op is not None:
            return op.record
    # With name and obj, the traceback ends with the nearest name that there is.
    message = f"tinygrad_edu has no {name!r}: {_advice(name)}"
    raise AttributeError(message, name=name, obj=sys.modules[__name__])


if not TYPE_CHECKING:  # a checker that saw it would believe in every misspelt name
    __getattr__ = _find


@functools.cache
def _places() -> dict[str, tuple[str, str]]:
    """For each public name its module and its name there, read from the lines of `public`.

    Read and not imported: importing every module for the first name asked would take as long as
    importing NumPy twice.
    """
    with open(os.path.join(os.path.dirname(__file__), "public.py"), encoding="utf-8") as file:
        lines = re.findall(r"^    from (\.\S*) import (\w+) as (\w+)", file.read(), re.MULTILINE)
    top = ".torch_compat.top"  # where type checkers look; its modules are found without it
    return {name: (module.removeprefix(top), original) for module, original, name in lines}


def public_names() -> dict[str, Any]:
    """The names of `public`, with what they stand for."""
    face = sys.modules[__name__]
    return {name: getattr(face, name) for name in _places()}


def _advice(name: str) -> str:
    instead = importlib.import_module(".torch_compat.advice", __name__).advice(name)
    return f"it is not built; {instead or 'dir(tinygrad_edu) lists what is'}"


def __dir__() -> list[str]:
    return sorted({*globals(), *_places()})
