"""Fetching the MNIST files from public mirrors, believed only when their SHA-256 is right.

The sums are those of the *unpacked* files: mirrors pack them in different ways, the content is one.
"""

import gzip
import hashlib
import io
import shutil
import zlib
from pathlib import Path

from ..serialization.files import moved_into_place
from .idx import CHUNK, GZIP_MAGIC

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
# name: SHA-256 of the unpacked file
MNIST_FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
LARGEST_FILE = 47_040_016  # bytes, unpacked: the training images
TIMEOUT = 30  # seconds without an answer


class DownloadError(OSError):
    """A file that no mirror gave, or not the file it should be."""


def download_mnist(folder: Path) -> None:
    """Fetch the four MNIST files into `folder`, gzipped, but for those already there and right.

    Each arrives under a temporary name, is checked, and only then moved.

    Raises
    ------
    DownloadError
        No mirror answered with the genuine file, or `folder` cannot be written to.
    """
    for name, expected in MNIST_FILES.items():
        target = folder / f"{name}.gz"
        if target.is_file() and content_sha256(target) == expected:
            continue
        failures = []
        for mirror in MIRRORS:
            address = f"{mirror}{target.name}"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                with moved_into_place(target) as temporary:
                    _fetch(address, temporary)
                    given = content_sha256(temporary)
                    if given != expected:
                        raise DownloadError(
                            f"the file's content has SHA-256 {given}, expected {expected}"
                        )
                break
            except OSError as error:  # what urllib, requests and the file system all raise
                failures.append(f"{address}: {error}")
        else:
            reasons = "\n  ".join(failures)
            raise DownloadError(
                f"could not download {target.name} into {folder}; tried\n  {reasons}\n"
                f"Expected one of the mirrors to give the genuine file. Try again later, or fetch "
                f"the four files elsewhere and name their folder with data=… or "
                f"TINYGRAD_EDU_DATA, or leave download out to use the bundled subset."
            )


def content_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, unpacked if it is gzipped, in hexadecimal.

    A gzip stream that does not unpack has none: the answer says so and equals no sum. No more is
    unpacked than the largest genuine file holds, and a byte.
    """
    with open(path, "rb") as plain:
        is_gzip = plain.read(2) == GZIP_MAGIC
        plain.seek(0)
        if not is_gzip:
            return _sha256(plain)
        try:
            with gzip.open(plain, "rb") as unpacked:
                return _sha256(unpacked)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            return f"none ({error})"


def _sha256(stream: io.BufferedIOBase) -> str:
    digest = hashlib.sha256()
    left = LARGEST_FILE + 1
    while left and (piece := stream.read(min(CHUNK, left))):
        digest.update(piece)
        left -= len(piece)
    return digest.hexdigest()


def _fetch(address: str, path: Path) -> None:
    try:
        import pooch
    except ModuleNotFoundError:
        # Imported here, since they bring ssl with them and most runs never download.
        import http.client
        import urllib.request

        try:
            with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:
                with open(path, "wb") as file:
                    shutil.copyfileobj(answer, file)
        except http.client.HTTPException as error:
            raise DownloadError(f"no sense in the answer: {error!r}") from error
        return
    pooch.HTTPDownloader(chunk_size=CHUNK, timeout=TIMEOUT)(address, str(path), None)
