"""Every number and every state that PyTorch recorded, from `tests/reference/random.json`."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.generator.replay import NumPySession
from tests.reference.record_random import (
    PATH,
    Call,
    checksum,
    depends_on_libm,
    ends,
    state_record,
)

CASES = json.loads(PATH.read_text(encoding="utf-8"))


def _ulps(actual: list[float], expected: list[float]) -> float:
    spacing = np.spacing(np.abs(np.array(expected)))
    return float(np.max(np.abs(np.array(actual) - np.array(expected)) / spacing, initial=0))


@pytest.mark.parametrize("case", CASES, ids=[f"{c['name']} {c['seed']}" for c in CASES])
def test_recorded_stream(case: dict[str, Any]) -> None:
    session = NumPySession()
    session.seed(case["seed"])
    for number, entry in enumerate(case["calls"]):
        given = {k: entry[k] for k in Call._fields if k in entry}
        call = Call(**given)
        where = f"call {number}: {given}"
        arrays = session.perform(call)
        recorded = entry.get("bits", {})
        expected = recorded if isinstance(recorded, dict) else {"": recorded}
        assert sorted(arrays) == sorted(expected), where
        for key, bits in expected.items():
            if checksum(arrays[key]) != bits:
                # Another C library than PyTorch's: the last bits may differ, and only they.
                assert depends_on_libm(call), f"{where}: {key} differs"
                tolerated = 4096 if call.name == "gumbel_softmax" else 2
                assert _ulps(ends(arrays[key]), entry["ends"]) <= tolerated, where
        state = state_record(session.state())
        assert state["state"] == entry["state"], f"{where}: the state differs"
        assert ("normal" in state) == ("normal" in entry), where
        if "normal" in entry:
            assert _ulps([state["normal"]], [entry["normal"]]) <= 2, where


def test_the_record_is_whole() -> None:
    calls = [call for case in CASES for call in case["calls"]]
    assert len(CASES) >= 67
    assert len(calls) >= 553
    assert sum("bits" in call for call in calls) >= 530
    assert all("state" in call for call in calls)
