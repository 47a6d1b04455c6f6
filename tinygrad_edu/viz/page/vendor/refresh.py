"""Check the vendored layout engine against its manifest, or fetch another version of it.

`refresh.py` compares hashes and fails on a difference. `refresh.py VERSION` fetches that version of
`@hpcc-js/wasm-graphviz` with `npm pack` and rewrites the engine, its licence and the manifest.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = "@hpcc-js/wasm-graphviz"
ENGINE = "wasm-graphviz.js"
MANIFEST = "manifest.json"
# Where each vendored file is in the package.
FILES = {ENGINE: "package/dist/index.js", "LICENSE-wasm-graphviz.txt": "package/LICENSE"}


def sha256(data: bytes) -> str:
    """The SHA-256 of `data` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def differences(folder: Path = HERE) -> list[str]:
    """The vendored files whose hash is not the manifest's."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    hashes: dict[str, str] = manifest["sha256"]
    return [name for name, want in hashes.items() if sha256((folder / name).read_bytes()) != want]


def fetch(version: str, folder: Path = HERE) -> None:
    """Replace the vendored files by those of `version`.

    Raises
    ------
    subprocess.CalledProcessError
        npm is missing the version, or the network is.
    KeyError
        The package no longer has a file where it had it.
    """
    with tempfile.TemporaryDirectory() as scratch:
        command = ["npm", "pack", f"{PACKAGE}@{version}", "--silent"]
        done = subprocess.run(command, cwd=scratch, check=True, capture_output=True, text=True)
        archive = Path(scratch) / done.stdout.strip().splitlines()[-1]
        found: dict[str, bytes] = {}
        with tarfile.open(archive) as tar:
            for name, member in FILES.items():
                stream = tar.extractfile(member)
                if stream is None:
                    raise KeyError(member)
                found[name] = stream.read()
        write_manifest(version, sha256(archive.read_bytes()), found, folder)


def write_manifest(version: str, archive: str, files: dict[str, bytes], folder: Path) -> None:
    """Write `files` and the manifest that vouches for them."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    manifest = {
        "package": PACKAGE,
        "version": version,
        "archive_sha256": archive,
        "licenses": {"wasm-graphviz": "Apache-2.0", "graphviz": "EPL-2.0", "expat": "MIT"},
        "sha256": {name: sha256(data) for name, data in sorted(files.items())},
    }
    text = json.dumps(manifest, indent=2) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Fetch a version, or without one say what differs from the manifest."""
    if arguments:
        fetch(arguments[0])
    wrong = differences()
    print(
        "; ".join(f"{name} differs from the manifest" for name in wrong) or "as the manifest says"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
