"""`testing.assert_close`: PyTorch's verdicts, and its words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tinygrad_edu.testing import assert_close

import tinygrad_edu as tg

PAIRS: dict[str, Any] = {
    "equal": lambda t: (t.ones(3), t.ones(3)),
    "within float32": lambda t: (t.ones(3), t.ones(3) + 5e-6),
    "beyond float32": lambda t: (t.ones(3), t.ones(3) + 5e-5),
    "beyond float64": lambda t: (t.ones(3, dtype=t.float64), t.ones(3, dtype=t.float64) + 1e-6),
    "other dtypes": lambda t: (t.ones(3), t.ones(3, dtype=t.float64)),
    "other shapes": lambda t: (t.ones(3), t.ones(1, 3)),
    "integers": lambda t: (t.tensor([1, 2]), t.tensor([1, 3])),
    "NaN": lambda t: (t.tensor([float("nan")]), t.tensor([float("nan")])),
    "infinity": lambda t: (t.tensor([float("inf")]), t.tensor([float("inf")])),
    "matrices": lambda t: (t.arange(6.0).reshape(2, 3), t.arange(6.0).reshape(2, 3) * 1.1 + 1),
    "numbers": lambda t: (1.0, 1.1),
    "near numbers": lambda t: (1.0, 1.0 + 1e-9),
    "scalars": lambda t: (t.tensor(1.0), t.tensor(2.0)),
    "lists": lambda t: ([t.ones(2), t.zeros(2)], [t.ones(2), t.ones(2)]),
    "lists of other lengths": lambda t: ([t.ones(2)], [t.ones(2), t.ones(2)]),
    "dicts": lambda t: ({"a": t.ones(2)}, {"a": t.ones(2) * 2}),
    "dicts of other keys": lambda t: ({"a": t.ones(2)}, {"b": t.ones(2)}),
    "booleans": lambda t: (t.tensor([True]), t.tensor([False])),
    "empty": lambda t: (t.ones(0), t.ones(0)),
}


@pytest.mark.torch
@pytest.mark.parametrize("name", PAIRS)
def test_verdicts_and_first_words_beside_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    words = []
    for t in (tg, torch):
        try:
            t.testing.assert_close(*PAIRS[name](t))
            words.append("")
        except AssertionError as error:
            words.append(str(error))
    assert bool(words[0]) == bool(words[1]), words
    if words[1] and "match" not in words[1]:
        assert words[0].split("!")[0] == words[1].split("!")[0]
    if "Mismatched" in words[1]:
        ours, theirs = (w.split("\n") for w in words)
        assert ours[2] == theirs[2]
        for a, b in zip(ours[3:5], theirs[3:5], strict=True):
            assert a.split(" at ")[1] == b.split(" at ")[1]


def test_the_greatest_difference_is_named() -> None:
    with pytest.raises(AssertionError, match=r"absolute difference: 3.0 at index \(1, 0\)"):
        assert_close(tg.tensor([[1.0, 2.0], [3.0, 4.0]]), tg.tensor([[1.0, 2.5], [6.0, 4.0]]))
    with pytest.raises(AssertionError, match="Mismatched elements: 1 / 2"):
        assert_close(tg.tensor([1.0, 2.0]), tg.tensor([1.0, 2.5]), rtol=0, atol=0.1)
    with pytest.raises(AssertionError, match=r"item \['a'\]\[1\]"):
        assert_close({"a": [tg.ones(1), tg.ones(1)]}, {"a": [tg.ones(1), tg.zeros(1)]})


def test_settings() -> None:
    nan = tg.tensor([float("nan")])
    assert_close(nan, nan, equal_nan=True)
    assert_close(tg.ones(2), tg.ones(2, dtype=tg.float64), check_dtype=False)
    assert_close(np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match="both be specified"):
        assert_close(1.0, 1.0, rtol=1e-3)
    with pytest.raises(AssertionError, match="stride"):
        assert_close(tg.ones(2, 2).T, tg.ones(2, 3)[:, :2], check_stride=True)
    with pytest.raises(AssertionError, match=r"^mine$"):
        assert_close(1.0, 2.0, msg="mine")
    with pytest.raises(AssertionError, match=r"^read on: Scalars"):
        assert_close(1.0, 2.0, msg=lambda m: f"read on: {m}")
    with pytest.raises(TypeError, match="no comparison for str"):
        assert_close("a", "a")
