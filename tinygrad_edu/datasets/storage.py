"""Where files are kept, and how they are written: under a temporary name, then moved.

`cache_folder` answers where downloads go, `moved_into_place` writes a file all or nothing.
"""

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path


def cache_folder() -> Path | None:
    """Return the folder for downloaded files, which need not exist yet.

    `XDG_CACHE_HOME/tinygrad_edu` where that variable holds an absolute path (a relative one is to
    be ignored, says the XDG Base Directory Specification), else the platform's own place:
    `~/.cache` on Linux, `~/Library/Caches` on macOS, `%LOCALAPPDATA%` on Windows.

    Returns
    -------
    Path or None
        None where there is neither the variable nor a home folder, as in some containers.
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(named):
        return Path(named) / "tinygrad_edu"
    if sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA", "")):
        return Path(local) / "tinygrad_edu" / "Cache"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "tinygrad_edu"
    if sys.platform == "win32":
        return home / "AppData" / "Local" / "tinygrad_edu" / "Cache"
    return home / ".cache" / "tinygrad_edu"


@contextlib.contextmanager
def moved_into_place(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path` to write to, and move it there when all went well.

    When the block raises, the temporary file is removed and `path` stays as it was. The folder is
    made where it is missing.

    Raises
    ------
    OSError
        The folder cannot be made or written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # In the same folder, so that the move is a rename: atomic, and never across file systems.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        temporary.touch(exist_ok=False)
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
