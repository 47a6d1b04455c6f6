"""The checkpoint file: what comes back, and what damaged ones say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.training import CheckpointError, read_checkpoint, write_checkpoint


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    tree = {
        "number": 0.1 + 0.2,
        "whole": 2**60 + 1,
        "nothing": None,
        "yes": True,
        "words": "ŷ − a",
        "infinite": float("inf"),
        "list": [1, [2.5, "x"]],
        "array": np.arange(6, dtype=np.float32).reshape(2, 3),
        "empty": np.zeros((0, 2), np.int64),
        "tensor": tg.tensor([1.0, 2.0]),
        "numbered": {0: {"step": np.float64(1.5)}},
    }
    write_checkpoint(tmp_path / "c.npz", tree)
    back = read_checkpoint(tmp_path / "c.npz")
    assert list(back) == list(tree)
    for name in ("number", "whole", "nothing", "yes", "words", "infinite", "list"):
        assert back[name] == tree[name], name
    np.testing.assert_array_equal(back["array"], tree["array"])
    assert back["array"].dtype == np.float32
    assert back["empty"].shape == (0, 2)
    np.testing.assert_array_equal(back["tensor"], [1.0, 2.0])
    assert back["numbered"] == {"0": {"step": 1.5}}


@pytest.mark.parametrize("kept", [0, 3, 100, -1])
def test_a_truncated_file_says_so(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    write_checkpoint(path, {"a": np.arange(1000)})
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(CheckpointError, match=r"not a checkpoint|truncated or damaged"):
        read_checkpoint(path)


def test_a_flipped_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    write_checkpoint(path, {"a": np.arange(1000)})
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))
    with pytest.raises(CheckpointError, match="truncated or damaged"):
        read_checkpoint(path)


def test_another_npz_is_no_checkpoint(tmp_path: Path) -> None:
    np.savez(tmp_path / "c.npz", a=np.zeros(3))
    with pytest.raises(CheckpointError, match="tree"):
        read_checkpoint(tmp_path / "c.npz")


def test_pickled_objects_are_not_executed(tmp_path: Path) -> None:
    np.savez(tmp_path / "c.npz", allow_pickle=True, tree=np.array([{"a": 1}], dtype=object))
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        read_checkpoint(tmp_path / "c.npz")


def test_what_cannot_be_kept_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    write_checkpoint(path, {"a": 1})
    with pytest.raises(TypeError, match=r"a set at /notes/where"):
        write_checkpoint(path, {"notes": {"where": {1, 2}}})
    assert read_checkpoint(path) == {"a": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["c.npz"]


def test_a_missing_file_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_checkpoint(tmp_path / "none.npz")
