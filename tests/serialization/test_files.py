"""Writing is all or nothing: the one function that does it, and each of those that use it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.checking import check_module
from tinygrad_edu.cli.report import write_report
from tinygrad_edu.datasets import DownloadError, download, write_idx
from tinygrad_edu.serialization.files import moved_into_place
from tinygrad_edu.training import write_checkpoint

posix = pytest.mark.skipif(os.name != "posix", reason="modes and umask are POSIX's")


def test_a_file_appears_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with moved_into_place(path) as temporary:
        temporary.write_text("all of it")
        assert not path.exists()
        assert temporary.parent == path.parent
    assert path.read_text() == "all of it"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("problem", [OSError("disk"), KeyboardInterrupt()], ids=type)
def test_when_the_writing_fails_the_old_file_stays(tmp_path: Path, problem: BaseException) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def write_half() -> None:
        with moved_into_place(path) as temporary:
            temporary.write_text("ha")
            raise problem

    with pytest.raises(type(problem)):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@posix
@pytest.mark.parametrize("mode", [0o600, 0o444, 0o755])
def test_the_permissions_of_a_file_are_kept(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    path.touch()
    path.chmod(mode)
    with moved_into_place(path) as temporary:
        assert not stat.S_IMODE(temporary.stat().st_mode) & ~(mode | stat.S_IWUSR)
        temporary.write_text("new")
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
def test_a_new_file_gets_the_mode_that_open_would_give(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    with moved_into_place(tmp_path / "moved"):
        pass
    assert (tmp_path / "moved").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, moved_into_place(tmp_path / "no" / "file"):
        pass
    assert caught.value.filename == str(tmp_path / "no" / "file")


@posix
def test_what_cannot_be_replaced_is_named_too(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(IsADirectoryError) as caught, moved_into_place(path):
        pass
    assert (caught.value.filename, caught.value.filename2) == (str(path), None)
    assert list(tmp_path.iterdir()) == [path]


# Each writer, on a disk that is full after half of the bytes --------------------------------------


def write_archive(path: Path) -> None:
    tg.save({"a": tg.ones(1000)}, path)


def write_training(path: Path) -> None:
    write_checkpoint(path, {"a": np.ones(1000)})


def write_images(path: Path) -> None:
    write_idx(path, np.ones((10, 10), np.uint8))


def write_page(path: Path) -> None:
    write_report(path.parent, [], "tinygrad-edu run xor")


def write_check(path: Path) -> None:
    check_module(tg.nn.Linear(2, 1), tg.ones(1, 2)).to_html(path)


def fetch(path: Path) -> None:
    download.download_mnist(path.parent)


def fetched_halfway(address: str, path: Path) -> None:
    path.write_bytes(b"half of what the mirror has")


WRITERS: dict[str, tuple[Callable[[Path], None], str]] = {
    "save": (write_archive, "x.pt"),
    "checkpoint": (write_training, "x.npz"),
    "IDX": (write_images, "x-idx2-ubyte"),
    "run report": (write_page, "report.html"),
    "check report": (write_check, "check.html"),
    "download": (fetch, f"{next(iter(download.MNIST_FILES))}.gz"),
}


class FullDisk:
    """A file that takes half of what it is given first, and then no more."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def write(self, content: Any) -> int:
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def __enter__(self) -> FullDisk:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


@pytest.mark.parametrize("name", WRITERS)
def test_a_write_that_fails_halfway_leaves_the_old_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, file_name = WRITERS[name]
    path = tmp_path / file_name
    path.write_bytes(b"old")
    full: list[Path] = []
    opened = open

    def open_full(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        inner = opened(file, mode, *rest, **options)
        if mode[0] != "w" or Path(file).parent != tmp_path:
            return inner
        full.append(Path(file))
        return FullDisk(inner)

    monkeypatch.setattr("builtins.open", open_full)
    monkeypatch.setattr("io.open", open_full)  # what pathlib calls
    monkeypatch.setattr(download, "_fetch", fetched_halfway)
    expected = DownloadError if name == "download" else OSError
    with pytest.raises(expected, match=os.strerror(errno.ENOSPC)):
        write(path)
    assert full, "nothing was written"
    assert path not in full
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", WRITERS)
def test_a_write_that_succeeds_replaces_the_old_file(name: str, tmp_path: Path) -> None:
    """So that the test above fails for the reason that it names."""
    if name == "download":
        pytest.skip("needs the genuine file; tests/datasets/test_download.py has a mirror")
    write, file_name = WRITERS[name]
    path = tmp_path / file_name
    path.write_bytes(b"old")
    write(path)
    assert path.read_bytes() != b"old"
    assert list(tmp_path.iterdir()) == [path]
