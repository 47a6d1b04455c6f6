"""Dropout by channels where there are none: rows of features, as old scripts give it."""

from __future__ import annotations

import pytest

import tinygrad_edu as tg


@pytest.mark.torch
def test_rows_lose_single_entries_and_a_warning_says_so() -> None:
    torch = pytest.importorskip("torch")
    found = []
    for lib in (tg, torch):
        lib.manual_seed(3)
        with pytest.warns(UserWarning, match="Received a 2-D input to dropout2d"):
            found.append(lib.nn.Dropout2d(0.25)(lib.ones(4, 8)).tolist())
    assert found[0] == found[1]


def test_one_row_alone_is_refused() -> None:
    with pytest.raises(RuntimeError, match="use dropout"):
        tg.nn.functional.dropout2d(tg.ones(8))
