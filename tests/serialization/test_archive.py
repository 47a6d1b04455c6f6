"""Saving and loading: what comes back, what a damaged or hostile file does, what a crash leaves."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import subprocess
import sys
import time
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.serialization import CheckpointError, add_safe_globals, safe_globals
from tinygrad_edu.serialization.restricted_pickle import clear_safe_globals, get_safe_globals


def through(obj: Any, **options: Any) -> Any:
    """`obj` saved and loaded again."""
    file = io.BytesIO()
    tg.save(obj, file)
    file.seek(0)
    return tg.load(file, **options)


def content(obj: Any) -> bytes:
    file = io.BytesIO()
    tg.save(obj, file)
    return file.getvalue()


def same(a: Any, b: Any) -> bool:
    """Whether two loaded objects are equal, bit for bit."""
    if isinstance(a, tg.Tensor):
        return (
            isinstance(b, tg.Tensor)
            and a._data.dtype == b._data.dtype
            and a._data.shape == b._data.shape
            and a._data.tobytes() == b._data.tobytes()
        )
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return type(a) is type(b) and a == b


# What comes back ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 3)])
def test_tensors_keep_dtype_shape_and_bits(dtype: str, shape: tuple[int, ...]) -> None:
    x = tg.tensor(np.random.default_rng(0).integers(0, 2, shape).astype(dtype))
    assert same(x, through(x))


def test_plain_values_keep_their_kinds() -> None:
    value = {
        "none": None,
        "numbers": [1, -(2**80), 0.1, float("inf"), True, 2 + 3j],
        3: ("a", ("b",), []),
        (1, "key"): {"inner": b"\x00\xff"},
        "sets": [{1, 2}, frozenset({"x"})],
        "order": OrderedDict([("z", 1), ("a", 2)]),
        "dtype": np.dtype(np.float32),
        "range": range(2, 9, 3),
        "scalar": np.float64(0.3),
    }
    back = through(value)
    assert back == value
    assert type(back["order"]) is OrderedDict
    assert type(back[3]) is tuple
    assert type(back["scalar"]) is np.float64
    assert np.isnan(through(float("nan")))


def test_one_tensor_met_twice_is_one_tensor_and_views_share_memory() -> None:
    x = tg.arange(12.0).reshape(3, 4)
    a, b, row, turned = through([x, x, x[1], x.t()])
    assert a is b
    row[0] = 50.0
    assert a[1, 0].item() == 50
    assert turned[0, 1].item() == 50
    assert turned.shape == (4, 3)


def test_a_part_of_a_large_tensor_is_saved_alone() -> None:
    large = tg.zeros(1_000_000)
    assert len(content(large[:10])) < 2_000


def test_requires_grad_and_parameters_are_kept() -> None:
    x = tg.ones(2, requires_grad=True)
    y, p, product = through([x, nn.Parameter(tg.ones(3)), x * 2])
    assert y.requires_grad
    assert type(p) is nn.Parameter
    assert p.requires_grad
    assert not product.requires_grad


def test_the_same_object_gives_the_same_bytes() -> None:
    state = nn.Linear(3, 2).state_dict()
    assert content(state) == content(state)


def test_a_run_goes_on_bit_for_bit() -> None:
    def parts() -> tuple[Any, Any, Any]:
        tg.manual_seed(3)
        model = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Dropout(0.4), nn.Linear(6, 2))
        optimiser = optim.Adam(model.parameters(), lr=0.01)
        return model, optimiser, optim.lr_scheduler.CosineAnnealingLR(optimiser, 7)

    def train(model: Any, optimiser: Any, schedule: Any, steps: int) -> None:
        for _ in range(steps):
            x = tg.randn(8, 4)
            optimiser.zero_grad()
            (model(x) ** 2).mean().backward()
            optimiser.step()
            schedule.step()

    whole = parts()
    train(*whole, 9)
    first = parts()
    train(*first, 4)
    saved = content([part.state_dict() for part in first] + [tg.get_rng_state()])
    again = parts()
    *states, generator = tg.load(io.BytesIO(saved))
    for part, state in zip(again, states, strict=True):
        part.load_state_dict(state)
    tg.set_rng_state(generator)
    train(*again, 5)
    assert same(whole[0].state_dict(), again[0].state_dict())
    assert whole[2].get_last_lr() == again[2].get_last_lr()


def test_the_file_can_be_read_with_numpy_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    tg.save({"w": tg.tensor([[1.0, 2.0]])}, path)
    with zipfile.ZipFile(path) as archive:
        assert json.loads(archive.read("structure.json"))["root"] == {
            "dict": [["w", {"tensor": 0}]]
        }
        array = np.load(io.BytesIO(archive.read("data/0.npy")))
    np.testing.assert_array_equal(array, np.float32([[1, 2]]))


# Whole objects ------------------------------------------------------------------------------------


class Net(nn.Module):
    """A model of the user's own."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 1)


def test_a_whole_model_is_loaded_only_where_that_is_allowed() -> None:
    model = Net()
    with pytest.raises(pickle.UnpicklingError, match=r"Net.*weights_only=False.*state_dict"):
        through(model)
    assert same(through(model, weights_only=False).state_dict(), model.state_dict())
    with safe_globals([Net, nn.Linear]):
        back = through(model)
    assert same(back.state_dict(), model.state_dict())
    assert back.layer.weight.requires_grad
    with pytest.raises(pickle.UnpicklingError):
        through(model)


def test_the_list_of_what_is_allowed() -> None:
    before = get_safe_globals()
    try:
        add_safe_globals([Net])
        add_safe_globals([Net])
        assert get_safe_globals() == [*before, Net]
    finally:
        clear_safe_globals()
        add_safe_globals(before)


# Hostile files ------------------------------------------------------------------------------------


class Touch:
    """A pickle of this makes a file when loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_hostile_pickles_run_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    bare = tmp_path / "bare.pt"
    bare.write_bytes(pickle.dumps(Touch(mark)))
    with pytest.raises(CheckpointError, match="bare pickle"):
        tg.load(bare)
    whole = tmp_path / "whole.pt"
    tg.save({"weights": tg.ones(2), "extra": Touch(mark)}, whole)
    with pytest.raises(pickle.UnpicklingError, match="nothing of it was loaded"):
        tg.load(whole)
    assert not mark.exists()
    tg.load(whole, weights_only=False)  # the trap is real
    assert mark.exists()


def pytorch_like(pickled: bytes, **entries: bytes) -> io.BytesIO:
    """An archive laid out as PyTorch's."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        for name, data in entries.items():
            archive.writestr(f"archive/data/{name}", data)
    file.seek(0)
    return file


def test_state_cannot_be_forced_on_other_objects() -> None:
    # BUILD on what a REDUCE made: a Counter is data, but may not be given attributes.
    hostile = b"ccollections\nCounter\n(tR}(S'update'\nI1\nub."
    with pytest.raises(pickle.UnpicklingError, match="Weights only"):
        tg.load(pytorch_like(hostile))


def test_a_length_is_no_reason_to_allocate() -> None:
    hostile = b"c__builtin__\nbytearray\n(I100000000000\ntR."
    with pytest.raises(CheckpointError, match="bytearray is made of bytes"):
        tg.load(pytorch_like(hostile))


def test_tensors_stay_within_their_storage() -> None:
    hostile = (
        b"ctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\n"
        b"S'0'\nS'cpu'\nI2\ntQI1\n(I2\nt(I1\ntI00\nccollections\nOrderedDict\n(tRtR."
    )
    with pytest.raises(CheckpointError, match="reaches entry 2 of an array of 2"):
        tg.load(pytorch_like(hostile, **{"0": np.float32([1, 2]).tobytes()}))


# Damaged files ------------------------------------------------------------------------------------


def small() -> Any:
    return {"w": tg.tensor([[1.5, -2.0]]), "n": [3, tg.tensor([1, 2])]}


def test_every_flipped_byte_is_noticed_or_harmless() -> None:
    good = content(small())
    expected = small()
    unnoticed = 0
    for i in range(len(good)):
        bad = bytearray(good)
        bad[i] ^= 0xFF
        with contextlib.suppress(CheckpointError, pickle.UnpicklingError):
            back = tg.load(io.BytesIO(bytes(bad)))
            unnoticed += 1
            assert same(back, expected), f"byte {i} changed what was loaded"
    assert unnoticed < len(good) / 2  # names, sizes and data are all covered by checks


def test_every_truncation_is_noticed() -> None:
    good = content(small())
    for length in range(len(good)):
        with pytest.raises(CheckpointError):
            tg.load(io.BytesIO(good[:length]))


def changed(**changes: Any) -> io.BytesIO:
    """A small checkpoint with its structure rewritten, checksums and all."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content(small()))) as old,
        zipfile.ZipFile(file, "w") as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            if name == "structure.json":
                head = json.loads(data)
                data = json.dumps({**head, **changes}).encode()
            new.writestr(name, data)
    file.seek(0)
    return file


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"arrays": 5}, "data/2.npy"),
        ({"root": {"tensor": 9}}, "tensor 9 is missing"),
        ({"root": {"code": "import os"}}, "unknown tag 'code'"),
        ({"root": {"dict": [[1]]}}, "no pairs"),
        ({"tensors": [{"array": "0"}, {"array": 0}]}, "expected a whole number"),
        (
            {"tensors": [{"array": 0, "offset": 5, "shape": [1], "strides": [1]}] * 2},
            "reaches entry 5",
        ),
        ({"version": 99}, "version 99"),
        ({"format": "other"}, "no checkpoint"),
    ],
)
def test_a_structure_that_makes_no_sense_is_refused(changes: Any, words: str) -> None:
    with pytest.raises(CheckpointError, match=words):
        tg.load(changed(**changes))


def test_a_key_that_comes_twice_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("structure.json", '{"root": 1, "root": 2}')
    file.seek(0)
    with pytest.raises(CheckpointError, match="comes twice"):
        tg.load(file)


def test_other_files_are_refused_in_words(tmp_path: Path) -> None:
    for data, words in (
        (b"", "empty"),
        (b"hello, world", "no checkpoint"),
        (b"\x93NUMPY\x01\x00", "no checkpoint"),
    ):
        path = tmp_path / "file.pt"
        path.write_bytes(data)
        with pytest.raises(CheckpointError, match=words):
            tg.load(path)
    with pytest.raises(FileNotFoundError, match="there is no file"):
        tg.load(tmp_path / "missing.pt")


def test_a_failed_load_changes_nothing_already_loaded() -> None:
    model = nn.Linear(3, 2)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    with pytest.raises(RuntimeError, match="size mismatch"):
        model.load_state_dict(through(nn.Linear(4, 2).state_dict()))
    assert same(dict(model.state_dict()), before)


# Crashes ------------------------------------------------------------------------------------------


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "x.pt"
    tg.save({"n": 1}, path)

    def fails(*args: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="disk full"):
        tg.save({"n": 2}, path)
    monkeypatch.undo()
    assert tg.load(path) == {"n": 1}
    assert os.listdir(tmp_path) == ["x.pt"]


def test_an_object_that_cannot_be_saved_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    tg.save({"n": 1}, path)
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        tg.save({"n": lambda: 2}, path)
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ValueError, match="holds itself"):
        tg.save(loop, path)
    assert tg.load(path) == {"n": 1}


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        tg.save(1, tmp_path / "no" / "x.pt")


KILLED = """
import sys, tinygrad_edu as tg
i = 1
print("ready", flush=True)
while True:
    tg.save({"a": tg.full((50_000,), float(i)), "b": tg.full((50_000,), float(i))}, sys.argv[1])
    i += 1
"""


@pytest.mark.slow
def test_killed_at_any_moment_the_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    tg.save({"a": tg.zeros(50_000), "b": tg.zeros(50_000)}, path)
    for delay in np.random.default_rng(0).uniform(0, 0.05, 8):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        process.kill()
        process.wait()
        process.stdout.close()
        state = tg.load(path)
        assert (state["a"]._data == state["b"]._data).all()


# PyTorch's files ----------------------------------------------------------------------------------


def test_pytorchs_checkpoints_are_read() -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    optimiser = torch.optim.Adam(theirs.parameters(), lr=0.01)
    theirs(torch.randn(2, 1, 5, 5)).pow(2).sum().backward()
    optimiser.step()
    base = torch.arange(6.0).view(2, 3)
    file = io.BytesIO()
    torch.save(
        {
            "model": theirs.state_dict(),
            "optimiser": optimiser.state_dict(),
            "views": [base, base.t(), base[1:]],
            "rest": (1, None, "text", {"lr": 0.5}, torch.Size([2, 3]), torch.float64),
            "half": torch.tensor([1.5, -2.0], dtype=torch.bfloat16),
            "parameter": torch.nn.Parameter(torch.ones(2)),
            "long": torch.tensor([[2**40]]),
        },
        file,
    )
    file.seek(0)
    back = tg.load(file)
    ours = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    ours.load_state_dict(back["model"])
    for key, value in theirs.state_dict().items():
        np.testing.assert_array_equal(ours.state_dict()[key]._data, value.numpy())
    again = optim.Adam(ours.parameters(), lr=1.0)
    again.load_state_dict(back["optimiser"])
    assert again.param_groups[0]["lr"] == 0.01
    assert again.state_dict()["state"][0]["step"] == 1
    whole, turned, row = back["views"]
    row[0, 0] = 9.0
    assert turned[0, 1].item() == 9
    assert whole[1, 0].item() == 9
    assert back["rest"] == (1, None, "text", {"lr": 0.5}, (2, 3), np.dtype(np.float64))
    assert back["half"].tolist() == [1.5, -2.0]
    assert type(back["parameter"]) is nn.Parameter
    assert back["long"].item() == 2**40


def test_pytorchs_whole_models_are_refused() -> None:
    torch = pytest.importorskip("torch")
    file = io.BytesIO()
    torch.save(torch.nn.Linear(2, 1), file)
    file.seek(0)
    with pytest.raises(pickle.UnpicklingError, match=r"torch\.nn\.modules\.linear"):
        tg.load(file)


@pytest.mark.parametrize(
    ("module", "name"),
    [("optim.adam", "AdamW"), ("nn.resizing", "Upsample"), ("distributions.continuous", "Beta")],
)
def test_an_object_whose_file_has_moved_is_still_found(module: str, name: str) -> None:
    from tinygrad_edu.serialization.restricted_pickle import TrustingReader

    found = TrustingReader(b"", []).find_class(f"tinygrad_edu.{module}", name)
    assert found is getattr(getattr(tg, module.partition(".")[0]), name)
    with pytest.raises((ImportError, AttributeError)):
        TrustingReader(b"", []).find_class(f"tinygrad_edu.{module}", "Unheard")
