"""The generated functions do what the readable ones do: equal transcripts, bit for bit."""

from __future__ import annotations

import importlib
import inspect
import linecache
import os
import subprocess
import sys
import traceback

import numpy as np
import pytest

import tinygrad_edu as tg
from tests import imports
from tests.engine import transcript
from tinygrad_edu.engine import fast
from tinygrad_edu.engine.table import READABLE, find, primitives

ROOT = imports.ROOT.parent
generated = pytest.mark.skipif(READABLE, reason="these are about the generated functions")


def written_down(readable: str) -> list[str]:
    environment = {**os.environ, "TINYGRAD_EDU_READABLE": readable, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-m", "tests.engine.transcript"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment,
    )
    return run.stdout.splitlines()


def test_both_do_the_same_on_every_sample_and_every_odd_operand() -> None:
    readable, fast_ones = written_down("1"), written_down("0")
    assert len(fast_ones) > 9_000
    differing = [(a, b) for a, b in zip(readable, fast_ones, strict=True) if a != b]
    assert not differing, f"{len(differing)} differ, first:\n{differing[0][0]}\n{differing[0][1]}"


@generated
def test_a_wrong_twin_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A generated push that adds twice, and a recorder that keeps the wrong operand."""
    op = find(np.tanh)
    assert op is not None
    case = (op, op.samples[0], np.float64)
    before = list(transcript.derivatives(*case))
    right = fast.pushed_lines
    doubled = lambda *args, **rest: [x.replace("= held + c", "= c") for x in right(*args, **rest)]
    mul = find(np.multiply)
    assert mul is not None
    case_of_two = (mul, mul.samples[0], np.float64)
    before_of_two = list(transcript.derivatives(*case_of_two))
    monkeypatch.setattr(fast, "saved_text", lambda op, name, live: f"{op.inputs[0]}_")
    monkeypatch.setattr(fast, "pushed_lines", doubled)
    fast.forget(op)
    fast.forget(mul)
    try:
        assert list(transcript.derivatives(*case)) != before
        assert list(transcript.derivatives(*case_of_two)) != before_of_two
    finally:
        monkeypatch.undo()
        fast.forget(op)
        fast.forget(mul)
    assert list(transcript.derivatives(*case)) == before


# What Python shows of generated functions ---------------------------------------------------------


@generated
@pytest.mark.parametrize("op", list(primitives()), ids=lambda op: op.name)
def test_signature_and_source_are_right_before_and_after_the_first_call(op) -> None:
    made = fast.recorder(op)
    signature, source = inspect.signature(made), inspect.getsource(made)
    assert source.startswith(f"def {op.name}(")
    call = transcript.Call(op, op.samples[0])
    given = (list(call.arrays),) if op.variadic else call.arrays
    made(*given, **op.samples[0].params)
    assert inspect.signature(made) == signature
    del made.__signature__
    assert [*inspect.signature(made).parameters] == [*signature.parameters]
    assert inspect.getsource(made) == source
    assert fast.source_of(op).startswith(source.rstrip())


@generated
def test_operators_show_two_operands() -> None:
    for name in ("__add__", "__radd__", "__matmul__", "__lt__"):
        assert str(inspect.signature(getattr(tg.Tensor, name))) == "(self, other)"
    assert "def __add__(" in inspect.getsource(tg.Tensor.__add__)


@generated
@pytest.mark.parametrize("times", [1, 2])
def test_a_first_shape_error_shows_no_stub(times: int) -> None:
    made = fast.recorder(find(np.hypot) or find(np.maximum))
    for _ in range(times):
        try:
            made(tg.ones(2), tg.ones(3))
        except RuntimeError:
            text = traceback.format_exc()
    assert "compile_now" not in text
    assert "type: ignore" not in text
    assert "raise OP.explain" in text


@generated
def test_generated_text_stays_when_files_are_checked() -> None:
    """`linecache.checkcache` forgets files that are gone; the generated ones never were."""
    tg.ones(2).exp()
    linecache.checkcache()
    assert "def exp(" in inspect.getsource(tg.exp)


# Standing alone -----------------------------------------------------------------------------------

XOR = """
import sys
import numpy as np
import tinygrad_edu.primitives
from tinygrad_edu.engine.backward import run_backward
from tinygrad_edu.engine.table import find
from tinygrad_edu.engine.traced import leaf_of, wrap

matmul, add, sub, mul = (find(f).record for f in (np.matmul, np.add, np.subtract, np.multiply))
tanh, mean = find(np.tanh).record, tinygrad_edu.primitives.reduction.sum.record
rng = np.random.default_rng(0)
x = wrap(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]))
y = wrap(np.array([[0.0], [1.0], [1.0], [0.0]]))
weights = [wrap(rng.standard_normal(shape)) for shape in ((2, 4), (4,), (4, 1), (1,))]
for w in weights:
    w._node = leaf_of(w)
for _ in range(2000):
    hidden = tanh(add(matmul(x, weights[0]), weights[1]))
    error = sub(add(matmul(hidden, weights[2]), weights[3]), y)
    loss = mean(mul(error, error))
    run_backward([loss], [None], None, False)
    for w in weights:
        w._data -= 0.05 * leaf_of(w).grad._data
        leaf_of(w).grad = None
rooms = {name.split(".")[1] for name in sys.modules if name.startswith("tinygrad_edu.")}
print(float(loss._data), *sorted(rooms))
"""


@pytest.mark.parametrize("readable", ["0", "1"])
def test_the_engine_trains_xor_with_nothing_else_of_the_package(readable: str) -> None:
    environment = {**os.environ, "TINYGRAD_EDU_READABLE": readable, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", XOR],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment,
    )
    loss, *rooms = run.stdout.split()
    assert float(loss) < 1e-3
    assert set(rooms) <= {"engine", "primitives", "numerics", "tensor"}  # the last for old pickles


def test_the_engine_is_read_in_an_afternoon() -> None:
    files = sorted((imports.ROOT / "engine").glob("*.py"))
    lines = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)
    assert lines <= 2600, f"engine/ holds {lines} lines"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    guide = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    assert f"{lines:,} lines" in readme
    order = [file.stem for file in files if file.stem != "__init__"]
    for text in (readme, guide, importlib.import_module("tinygrad_edu.engine").__doc__ or ""):
        assert all(f"`{name}" in text for name in order), "a file of the engine is not mentioned"
