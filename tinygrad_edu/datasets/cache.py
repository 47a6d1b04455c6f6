"""Where downloaded files are kept."""

import os
import sys
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
