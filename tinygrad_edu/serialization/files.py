"""Files that are old or new, never half of either: the one way in which they are written."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

__all__ = ["moved_into_place"]


@contextlib.contextmanager
def moved_into_place(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary name beside `path` to write to, and move it there when all went well.

    The new file survives a power cut once the block has ended, and has the permissions of the one
    that it replaces, or those of any new file. When the block raises, the temporary file is removed
    and `path` stays as it was.

    Raises
    ------
    OSError
        There is no such folder, or it cannot be written to.
    """
    target = Path(path)
    # In the same folder, so that the move is a rename: atomic, and never across file systems.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.part")
    try:
        kept = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        temporary.touch(0o666 if kept is None else kept | stat.S_IWUSR, exist_ok=False)
        yield temporary
        with open(temporary, "r+b") as file:
            os.fsync(file.fileno())
        if kept is not None:
            temporary.chmod(kept)
        os.replace(temporary, target)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename == str(temporary):
            error.filename = str(target)  # the name that the caller knows
            error.filename2 = None
        raise
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """Have the move survive a power cut, where the system can be told to."""
    if os.name == "nt":  # folders cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
