"""Every name that PyTorch teaching code uses is here, or is refused in words."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tinygrad_edu as tg
from tinygrad_edu.optim import lr_scheduler
from tinygrad_edu.utils import data

CENSUS = Path(__file__).parents[1] / "reference" / "census.txt"

# What is not built, and why; each must be refused in words that say what to use instead.
NOT_BUILT = {
    "torch.autograd.profiler.profile": "Python's own profilers see every call here",
}


def census() -> Iterator[str]:
    for line in CENSUS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            root, names = line.split(": ")
            yield from (f"{root}.{name}" for name in names.split())


def roots() -> dict[str, Any]:
    optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.1)
    return {
        "F": tg.nn.functional,
        "Module": tg.nn.Module,
        "Optimizer": optimizer,
        "Scheduler": lr_scheduler.StepLR,
        "Tensor": tg.Tensor,
        "data": data,
        "nn": tg.nn,
        "optim": tg.optim,
        "torch": tg,
    }


def resolve(name: str) -> Any:
    found, *rest = roots()[name.split(".")[0]], *name.removesuffix("=").split(".")[1:]
    for part in rest:
        found = getattr(found, part)
    return found


def test_the_census_is_whole() -> None:
    names = list(census())
    assert len(names) == len(set(names)) == 423


@pytest.mark.parametrize("name", [n for n in census() if n not in NOT_BUILT])
def test_name_is_built(name: str) -> None:
    resolve(name)


@pytest.mark.parametrize("name", NOT_BUILT)
def test_name_that_is_not_built_says_what_to_use(name: str) -> None:
    assert name in set(census())
    with pytest.raises((AttributeError, NotImplementedError), match=r"not built: \w+"):
        resolve(name)


def test_assigned_properties_have_setters() -> None:
    for name in census():
        if name.endswith("="):
            assert resolve(name).fset is not None


def test_submodules_are_modules() -> None:
    """`import tinygrad_edu.NAME as NAME` finds what `torch.NAME` is."""
    for name in ("cuda", "backends", "amp", "accelerator", "distributed", "func", "jit", "nn"):
        assert importlib.import_module(f"tinygrad_edu.{name}") is getattr(tg, name)
