"""k steps, save, a new process, n − k steps: the same bits as n steps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.training.workshop import state, trainer
from tinygrad_edu.training import CheckpointError, read_checkpoint, write_checkpoint

ROOT = Path(__file__).parents[2]
EPOCHS = 5  # of 7 batches each


@pytest.mark.parametrize("steps", [1, 7, 17], ids=["first step", "end of epoch", "within an epoch"])
def test_resuming_in_a_new_process_gives_the_same_bits(steps: int, tmp_path: Path) -> None:
    whole = trainer()
    whole.fit(EPOCHS)
    expected = state(whole)

    interrupted = trainer()
    interrupted.fit(EPOCHS, steps=steps)
    assert interrupted.step == steps
    interrupted.save(tmp_path / "half.npz")
    out = tmp_path / "end.npz"
    subprocess.run(
        [sys.executable, "-m", "tests.training.workshop", tmp_path / "half.npz", str(EPOCHS), out],
        cwd=ROOT,
        check=True,
    )

    with np.load(out) as found:
        assert len(found.files) == len(expected)
        for name, array in zip(found.files, expected):
            assert found[name].dtype == array.dtype
            np.testing.assert_array_equal(found[name], array)


def test_saving_does_not_disturb_the_training(tmp_path: Path) -> None:
    plain = trainer()
    plain.fit(3)
    expected = state(plain)
    saving = trainer(checkpoint=tmp_path / "c.npz", checkpoint_every=1)
    saving.fit(3)
    for a, b in zip(expected, state(saving)):
        np.testing.assert_array_equal(a, b)
    assert read_checkpoint(tmp_path / "c.npz")["progress"]["epoch"] == 3


def test_another_models_checkpoint_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    t = trainer()
    t.fit(1)
    t.save(tmp_path / "c.npz")
    tree = read_checkpoint(tmp_path / "c.npz")
    tree["model"]["0.weight"] = np.zeros((3, 3), np.float32)
    write_checkpoint(tmp_path / "other.npz", tree)
    before = state(t)
    with pytest.raises(
        CheckpointError, match=r"(?s)does not fit this Trainer.*size mismatch for 0\.w"
    ):
        t.resume(tmp_path / "other.npz")
    for a, b in zip(before, state(t)):
        np.testing.assert_array_equal(a, b)


def test_a_checkpoint_without_its_generators_changes_nothing(tmp_path: Path) -> None:
    t = trainer()
    t.fit(1)
    t.save(tmp_path / "c.npz")
    tree = read_checkpoint(tmp_path / "c.npz")
    tree["generators"] = tree["generators"][:1]
    write_checkpoint(tmp_path / "c.npz", tree)
    other = trainer(seed=3)
    before = state(other)
    with pytest.raises(CheckpointError, match="holds 1 random streams, and here are 2"):
        other.resume(tmp_path / "c.npz")
    for a, b in zip(before, state(other)):
        np.testing.assert_array_equal(a, b)


def test_the_best_parameters_survive_a_checkpoint(tmp_path: Path) -> None:
    t = trainer()
    t.fit(2)
    t.save(tmp_path / "c.npz")
    other = trainer(seed=5).resume(tmp_path / "c.npz")
    assert other._best is not None
    assert t._best is not None
    for name, value in t._best.items():
        np.testing.assert_array_equal(np.asarray(other._best[name]), value.numpy())
    assert other.early_stopping is not None
    assert t.early_stopping is not None
    assert other.early_stopping.best == t.early_stopping.best
