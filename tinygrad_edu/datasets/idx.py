"""The IDX format: the files MNIST comes in.

`read_idx` reads one, plain or gzipped, and believes nothing it has not checked; `write_idx` writes
one. Layout: two zero bytes, a byte for the data type, a byte for the number of dimensions, each
dimension as a big-endian uint32, then the values, big-endian, last dimension fastest.

Source: "The MNIST database of handwritten digits", Y. LeCun, C. Cortes, C. Burges; section
"File formats".
"""

import gzip
import io
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..serialization.files import moved_into_place

TYPE_CODES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(np.uint8),
    0x09: np.dtype(np.int8),
    0x0B: np.dtype(np.int16),
    0x0C: np.dtype(np.int32),
    0x0D: np.dtype(np.float32),
    0x0E: np.dtype(np.float64),
}
CODES_BY_TYPE = {dtype: code for code, dtype in TYPE_CODES.items()}

GZIP_MAGIC = b"\x1f\x8b"
CHUNK = 1 << 20  # bytes


class IdxError(ValueError):
    """An IDX file that is not what it says it is, or not what was asked for."""


def read_idx(path: str | os.PathLike[str]) -> NDArray[Any]:
    """Read an IDX file, gzipped or not (told by its first bytes, not by its name).

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    ndarray
        Shape and dtype as the header says, in the machine's byte order, writeable.

    Raises
    ------
    IdxError
        Not an IDX file; an unknown type code; shorter or longer than its header says; a truncated
        or corrupted gzip stream.
    OSError
        The file cannot be opened.
    """
    path = Path(path)
    with open(path, "rb") as plain:
        is_gzip = plain.read(2) == GZIP_MAGIC
        plain.seek(0)
        if not is_gzip:
            return _read_stream(plain, path, "bytes")
        try:
            with gzip.open(plain, "rb") as unpacked:
                return _read_stream(unpacked, path, "unpacked bytes")
        except EOFError as error:
            raise IdxError(
                f"{path}: the gzip file is truncated: it ends before its end marker, after "
                f"{path.stat().st_size:,} bytes. Expected a complete .gz file. "
                f"Copy or download it again."
            ) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise IdxError(
                f"{path}: the gzip file is corrupted ({error}). Expected an intact .gz file. "
                f"Copy or download it again."
            ) from error


def _read_stream(stream: io.BufferedIOBase, path: Path, unit: str) -> NDArray[Any]:
    head = stream.read(4)
    if len(head) < 4:
        raise IdxError(
            f"{path}: given {len(head)} {unit}, but an IDX file has a header of at least 4. "
            f"Is it an empty or interrupted download? Copy or download it again."
        )
    if head[:2] != b"\x00\x00":
        raise IdxError(
            f"{path}: not an IDX file: it begins with the bytes {head.hex(' ')}, expected "
            f"00 00 and a type code. Name a file such as train-images-idx3-ubyte or its .gz."
        )
    code, rank = head[2], head[3]
    if code not in TYPE_CODES:
        known = ", ".join(f"0x{known:02x} ({dtype})" for known, dtype in TYPE_CODES.items())
        raise IdxError(
            f"{path}: IDX type code 0x{code:02x} is unknown, expected one of {known}. "
            f"The file is corrupted or of another format: copy or download it again."
        )
    dimensions = stream.read(4 * rank)
    if len(dimensions) < 4 * rank:
        raise IdxError(
            f"{path}: ends within its header: {4 + len(dimensions)} {unit}, expected "
            f"{4 + 4 * rank} for {rank} dimensions. Copy or download it again."
        )
    shape = struct.unpack(f">{rank}I", dimensions)
    stored = TYPE_CODES[code].newbyteorder(">")
    expected = math.prod(shape) * stored.itemsize
    # One more byte than expected is asked for, so that a file too long shows; and in pieces, so
    # that a header of nonsense does not ask for memory that the file could never fill.
    values = bytearray()
    while len(values) <= expected and (
        piece := stream.read(min(CHUNK, expected + 1 - len(values)))
    ):
        values += piece
    if len(values) != expected:
        given = f"only {len(values):,}" if len(values) < expected else "more"
        raise IdxError(
            f"{path}: the header says shape {shape} of {stored.newbyteorder('=')}, which takes "
            f"{expected:,} {unit} after it, but there are {given}. The file is truncated or its "
            f"header is wrong: copy or download it again."
        )
    array = np.frombuffer(values, dtype=stored).reshape(shape)
    return array.astype(stored.newbyteorder("="), copy=False)


def write_idx(path: str | os.PathLike[str], array: NDArray[Any]) -> None:
    """Write an array as an IDX file, gzipped if the name ends in `.gz`; all or nothing.

    Parameters
    ----------
    path
        The file; replaced if it exists. Its folder is made if need be. The same array gives the
        same bytes every time.
    array
        Any shape of up to 255 dimensions; dtype uint8, int8, int16, int32, float32 or float64.

    Raises
    ------
    IdxError
        A dtype or a shape that the format cannot hold.
    OSError
        The file cannot be written.
    """
    path = Path(path)
    code = CODES_BY_TYPE.get(array.dtype.newbyteorder("="))
    if code is None:
        known = ", ".join(str(dtype) for dtype in CODES_BY_TYPE)
        raise IdxError(
            f"write_idx was given dtype {array.dtype}, but IDX holds {known}. "
            f"Convert first, for instance array.astype(np.uint8)."
        )
    if any(size >= 2**32 for size in array.shape):
        raise IdxError(
            f"write_idx was given shape {array.shape}, but each IDX dimension is below 2**32. "
            f"Split the array into several files."
        )
    header = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    content = header + array.astype(array.dtype.newbyteorder(">")).tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    with moved_into_place(path) as temporary:
        if path.suffix == ".gz":
            content = gzip.compress(content, compresslevel=9, mtime=0)
        temporary.write_bytes(content)
