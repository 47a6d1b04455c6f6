"""What is checked: a function of some leaf tensors that can be run again at other values.

Everything a run can reach is put back afterwards: the values of leaves and of other tensors handed
in, their gradients, the recording mode, and where random generators stand.
"""

from __future__ import annotations

import io
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..engine.mode import changed_mode
from ..engine.sweep import all_nodes
from ..engine.traced import Traced
from ..engine.watching import Tape
from ..generator.random_state import random_state, restore_random_state
from ..ops.dtypes import get_default_dtype, set_default_dtype
from .differences import Array

__all__ = ["Run", "Subject", "SubjectFailed", "float_outputs", "silence"]

_PACKAGE = str(Path(__file__).parents[1])


class SubjectFailed(Exception):
    """The function could not be run, or returned what has no gradient; the message says why."""


@dataclass
class Run:
    """One run of the function.

    Attributes
    ----------
    tape : Tape or None
        The recorded calls with values, operands and source lines.
    outputs : list of Tensor
        The float outputs.
    values : list of arrays
        Copies of what they hold.
    """

    tape: Tape | None
    outputs: list[Any]
    values: list[Array]

    def shortest(self, inputs: Sequence[Array]) -> np.dtype[Any]:
        """The least precise float dtype among the inputs and all that was computed from them."""
        found = [x.dtype for x in inputs]
        if self.tape is not None:
            found += [n.dtype for n in self.tape.nodes if isinstance(n.dtype, np.dtype)]
        floats = [d for d in found if d.kind == "f"]
        return min(floats, key=lambda d: d.itemsize, default=np.dtype(float))


@dataclass
class Subject:
    """A function, and the leaves it is differentiated by.

    Attributes
    ----------
    call : callable
        Runs the function on the leaves.
    leaves : list of Tensor
    names : list of str
    around : list of Tensors and arrays
        What else a run may write to (inputs that are not differentiated, buffers).
    reset : callable, optional
        Puts back what else a run may change.
    expected_writes : bool
        Writing into `around` is no fault (running means).
    """

    call: Callable[[], object]
    leaves: list[Any]
    names: list[str]
    around: list[Any] = field(default_factory=list)
    reset: Callable[[], None] | None = None
    expected_writes: bool = False
    frozen: bool = False
    runs: int = 0

    def __post_init__(self) -> None:
        self.start: list[Array] = []
        for leaf in self.leaves:
            copy = np.array(leaf._data)
            copy.flags.writeable = False
            self.start.append(copy)
        self._nodes = [leaf._node for leaf in self.leaves]
        self._around = []
        for each in self.around:
            data = each._data if isinstance(each, Traced) else each
            self._around.append((each, data, np.array(data)))
        self._random: Any = None
        self.changed: set[str] = set()

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Put values, gradients and random state back at the end."""
        held = [(leaf._data, node.grad) for leaf, node in self._linked()]
        default = get_default_dtype()
        self._random = random_state()
        try:
            yield
        finally:
            restore_random_state(self._random)
            set_default_dtype(default)
            for (leaf, node), (data, grad) in zip(self._linked(), held, strict=True):
                leaf._data, leaf._node = data, node
                node.grad = grad
            self._put_back()

    def _linked(self) -> list[tuple[Any, Any]]:
        """Each leaf with its node, which a run may take from it (`requires_grad_(False)`)."""
        return list(zip(self.leaves, self._nodes, strict=True))

    def _put_back(self) -> None:
        if self.reset is not None:
            self.reset()
        for each, data, copy in self._around:
            if isinstance(each, Traced):
                each._data = data
            if not _same(data, copy):
                if not self.expected_writes:
                    self.changed.add("another input")
                data[...] = copy

    def run(self, values: Sequence[Array] | None = None, *, record: bool = True) -> Run:
        """Run the function at its leaves' values, or at others.

        Raises
        ------
        SubjectFailed
            If it raises, or returns no float Tensor.
        """
        if self.frozen:
            restore_random_state(self._random)
        given = self.start if values is None else values
        mine = []
        for (leaf, node), value, first in zip(self._linked(), given, self.start, strict=True):
            leaf._data, leaf._node = np.array(value, first.dtype), node
            mine.append(leaf._data)
            node.grad = None
        out: object
        tape = Tape() if record else None
        # A function that prints does so once, not at each of our runs.
        quiet = silence() if self.runs else nullcontext()
        self.runs += 1
        try:
            with quiet, changed_mode(recording=True), np.errstate(all="ignore"):
                if tape is None:
                    out = self.call()
                else:
                    with tape:
                        out = self.call()
        except Exception as problem:
            raise SubjectFailed(_told(problem)) from problem
        finally:
            for name, leaf, data, value, first in zip(
                self.names, self.leaves, mine, given, self.start, strict=True
            ):
                if leaf._data is not data or not _same(data, np.asarray(value, first.dtype)):
                    self.changed.add(name)
            for leaf, node in self._linked():
                leaf._node = node
            self._put_back()
        outputs = float_outputs(out)
        return Run(tape, outputs, [np.array(y._data) for y in outputs])

    def function(self, cotangents: Sequence[Array]) -> Callable[..., Array]:
        """`leaf values -> <cotangents, outputs>`, by the function itself."""

        def projected(*values: Array) -> Array:
            found = self.run(values, record=False)
            with np.errstate(all="ignore"):
                total = sum(
                    float(np.sum(np.where(v == 0, 0.0, v * y)))
                    for v, y in zip(cotangents, found.values, strict=True)
                )
            return np.asarray(total)

        return projected


@contextmanager
def silence() -> Iterator[None]:
    """Nothing that is printed in the block is seen."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        yield


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and a.tobytes() == b.tobytes()


def _own(file: str) -> bool:
    """A file of this package, or code that it made."""
    return file.startswith((_PACKAGE, "<"))


def _told(problem: Exception) -> str:
    frames = [f for f in traceback.extract_tb(problem.__traceback__) if not _own(f.filename)]
    place = f" at {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    return f"the function raised {type(problem).__name__}{place}: {problem}"


def float_outputs(out: Any) -> list[Any]:
    """Every float Tensor in what a function returned, however nested, from left to right.

    Raises
    ------
    SubjectFailed
        If there is none, or something else than Tensors (and None) is among them.
    """
    given = list(_parts(out))
    for each in given:
        if not isinstance(each, Traced):
            raise SubjectFailed(
                f"the function returned {type(each).__name__}; return a Tensor, or a tuple, list "
                f"or dictionary of Tensors (a number taken out by .item() or float() carries no "
                f"graph)"
            )
    floats = [y for y in given if y._data.dtype.kind == "f"]
    if not floats:
        kinds = ", ".join(str(y._data.dtype) for y in given) or "nothing"
        raise SubjectFailed(f"the function returned {kinds}; return a Tensor of floats")
    return floats


def _parts(out: Any) -> Iterator[Any]:
    """What nested tuples, lists and dictionaries hold; a None among others is left out."""
    if isinstance(out, Mapping):
        out = tuple(out.values())
    if isinstance(out, (tuple, list)):
        for part in out:
            if part is not None:
                yield from _parts(part)
    else:
        yield out


def live_nodes(run: Run) -> list[Any]:
    """Every node that the outputs depend on, oldest first; leaves among them."""
    return all_nodes([y._node for y in run.outputs if y._node is not None])
