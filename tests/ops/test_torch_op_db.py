"""PyTorch's operator samples over every function that is built here: see `op_db`."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
pytest.importorskip("expecttest", reason="PyTorch's operator database needs expecttest")

from tests.ops import op_db

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("name", op_db.built())
def test_some_samples(name: str) -> None:
    """A few samples: value, gradient, gradient of the gradient."""
    outcome = op_db.run(name, most=6)
    assert not outcome.failures, "\n".join(outcome.failures)
    assert outcome.passed, "no sample could be compared"


@pytest.mark.slow
@pytest.mark.parametrize("name", op_db.built())
def test_every_sample(name: str) -> None:
    """All samples: value, gradient, gradient of the gradient."""
    outcome = op_db.run(name)
    assert not outcome.failures, "\n".join(outcome.failures)
    assert outcome.passed, "no sample could be compared"


@pytest.mark.parametrize("name", op_db.built())
def test_no_keyword_is_swallowed(name: str) -> None:
    """A misspelt option must not be passed over: `dim=1` as `dimension=1` would change nothing."""
    op = op_db.entries()[name]
    ours = op_db.function_of(op)
    assert ours is not None
    for sample in op_db.samples(op)[:3]:
        leaves: list[tuple[object, object]] = []
        try:
            args = op_db.converted((sample.input, *sample.args), leaves)
            options = op_db.converted(sample.kwargs, leaves)
        except op_db.Unsupported:
            continue
        with pytest.raises(TypeError, match="misspelt"):
            ours(*args, **options, misspelt=1)


def test_how_many_entries_are_built() -> None:
    assert len(op_db.built()) >= 440


def test_exceptions_are_still_needed() -> None:
    """What is left out fails: an entry that passes belongs with the others."""
    for name in op_db.EXCEPT:
        assert op_db.run(name).failures, name


def test_a_wrong_answer_is_caught() -> None:
    """The comparison itself: a factor in the value, in the gradient, in its gradient."""
    import numpy as np

    from tinygrad_edu.engine.traced import wrap

    op = op_db.entries()["sin"]
    (sample, *_) = op_db.samples(op)
    honest = op_db.function_of(op)
    assert honest is not None

    def value(x: object) -> object:
        return honest(x) * 1.000001

    def slope(x: object) -> object:
        y = honest(x)
        return y + (x - x.detach()) * 1e-5  # type: ignore[attr-defined, operator]

    def curvature(x: object) -> object:
        away = x - x.detach()  # type: ignore[attr-defined, operator]
        return honest(x) + away * away * 1e-4

    def flat(x: object) -> object:
        return wrap(np.sin(x.detach().numpy()))  # type: ignore[attr-defined]

    for liar in (value, slope, curvature, flat):
        with pytest.raises(AssertionError):
            op_db.compare(op, liar, sample)
    op_db.compare(op, honest, sample)
