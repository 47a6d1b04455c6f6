"""The archive: `save` writes one, `load` reads it, or PyTorch's."""

from __future__ import annotations

import ast
import io
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from .files import moved_into_place
from .restricted_pickle import Refused, pickled, read_objects, read_pytorch
from .structure import Encoder, NotData, decode, decode_tensors

__all__ = ["CheckpointError", "load", "save"]

FORMAT = "tinygrad_edu checkpoint"
VERSION = 1

# What zipfile, json, NumPy and pickle raise on a file that is not what it should be.
BROKEN = (
    zipfile.BadZipFile,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    EOFError,
    OverflowError,
    AttributeError,
    NotImplementedError,
    RecursionError,
    MemoryError,
    struct.error,
    pickle.UnpicklingError,
    SyntaxError,
)


class CheckpointError(RuntimeError):
    """A file that cannot be loaded: of another kind, cut short, or changed since it was saved."""


# Writing ------------------------------------------------------------------------------------------


def save(
    obj: Any,
    f: Any,
    pickle_module: Any = None,
    pickle_protocol: int | None = None,
    _use_new_zipfile_serialization: bool = True,
) -> None:
    """Save an object to a file.

    Parameters
    ----------
    obj
        A tensor, a state dict, or any nest of numbers, text, tensors, arrays, lists, tuples, sets
        and dictionaries. Objects of other classes are saved as a pickle, which `load` reads only
        where it is allowed to run code.
    f : str, path or binary file
        Where to. A path is written whole or not at all.

    Raises
    ------
    OSError
        If the file cannot be written; what was there before is unchanged.
    """
    content = archived(obj)
    if hasattr(f, "write"):
        f.write(content)
        return
    folder = Path(f).parent
    if not folder.is_dir():
        raise FileNotFoundError(
            f"cannot save {f}: there is no folder {folder}; make it first with "
            f"os.makedirs({str(folder)!r})"
        )
    with moved_into_place(f) as temporary:
        temporary.write_bytes(content)


def archived(obj: Any) -> bytes:
    """The bytes of the archive."""
    encoder = Encoder()
    try:
        root = encoder.encode(obj)
    except NotData:
        text, arrays = pickled(obj)
        head: dict[str, Any] = {"format": FORMAT, "version": VERSION, "pickle": "objects.pkl"}
        return packed(head, arrays, text)
    head = {"format": FORMAT, "version": VERSION, "root": root, "tensors": encoder.tensors}
    return packed(head, encoder.arrays, None)


def packed(head: dict[str, Any], arrays: list[Any], objects: bytes | None) -> bytes:
    """Structure and arrays in a ZIP archive; the same content gives the same bytes."""
    head["arrays"] = len(arrays)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        entries = [("structure.json", json.dumps(head, allow_nan=False).encode())]
        if objects is not None:
            entries.append(("objects.pkl", objects))
        for i, array in enumerate(arrays):
            part = io.BytesIO()
            np.lib.format.write_array(part, np.asarray(array), allow_pickle=False)
            entries.append((f"data/{i}.npy", part.getvalue()))
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return file.getvalue()


# Reading ------------------------------------------------------------------------------------------


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """Load what `save` wrote, here or in PyTorch.

    Parameters
    ----------
    f : str, path or binary file
    map_location
        Accepted for PyTorch's sake: there is one device.
    weights_only : bool
        True unless given: make tensors, numbers, text and containers alone, and run nothing. False
        lets a file that holds objects run any code; only for files you trust.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    CheckpointError
        If it is cut short, changed, or of another kind.
    pickle.UnpicklingError
        If it asks to run something that was not allowed. Nothing has run then.
    """
    safe = True if weights_only is None else weights_only
    name = getattr(f, "name", "the file") if hasattr(f, "read") else os.fspath(f)
    if hasattr(f, "read"):
        content = f.read()
    else:
        if not os.path.exists(f):
            raise FileNotFoundError(f"there is no file {name}; save(obj, {name!r}) would make it")
        with open(f, "rb") as file:
            content = file.read()
    try:
        return unpacked(content, safe)
    except (Refused, CheckpointError):
        raise
    except BROKEN as error:
        raise CheckpointError(
            f"{name} is damaged or no checkpoint ({len(content)} bytes): {error}. Expected a file "
            f"that save() wrote, whole; copy or save it again."
        ) from None


def unpacked(content: bytes, safe: bool) -> Any:
    """The object in an archive's bytes."""
    if not content:
        raise CheckpointError("the file is empty (0 bytes): it was never written; save it again")
    if not content.startswith(b"PK\x03\x04"):
        raise CheckpointError(unknown(content))
    archive = zipfile.ZipFile(io.BytesIO(content))
    sizes = {info.filename: info for info in archive.infolist()}
    if len(sizes) != len(archive.infolist()):
        raise ValueError("two entries of the archive have one name")

    def entry(name: str) -> bytes:
        info = sizes[name]
        if info.compress_type != zipfile.ZIP_STORED or info.file_size > len(content):
            raise ValueError(f"entry {name} is compressed, or larger than the file")
        return archive.read(info)  # checks the checksum

    if "structure.json" in sizes:
        return ours(entry, safe)
    pickles = [name for name in sizes if name.split("/")[-1] == "data.pkl"]
    if len(pickles) == 1:
        root = pickles[0][: -len("data.pkl")]
        if f"{root}byteorder" in sizes and entry(f"{root}byteorder") != b"little":
            raise CheckpointError(
                "the file was saved by PyTorch on a big-endian machine; load and save it there "
                "with torch.serialization.set_default_load_endianness"
            )
        return read_pytorch(entry(pickles[0]), lambda name: entry(root + name))
    raise ValueError("a ZIP archive without structure.json or PyTorch's data.pkl")


def ours(entry: Any, safe: bool) -> Any:
    """The object in an archive of ours."""
    head = json.loads(entry("structure.json"), object_pairs_hook=without_repeats)
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise ValueError("structure.json is no checkpoint's")
    if head.get("version") != VERSION:
        raise CheckpointError(
            f"the file is in version {head.get('version')} of the format, this reads version "
            f"{VERSION}: load it with the release that saved it"
        )
    arrays = [read_array(entry(f"data/{i}.npy")) for i in range(int(head["arrays"]))]
    if "pickle" in head:
        return read_objects(entry("objects.pkl"), arrays, safe)
    return decode(head["root"], arrays, decode_tensors(head["tensors"], arrays))


def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, refused if a key comes twice: two readers could see two different things."""
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a key of structure.json comes twice")
    return out


def read_array(content: bytes) -> Any:
    """The array of an .npy entry, whose header must account for every byte that follows."""
    file = io.BytesIO(content)
    if file.read(6) != b"\x93NUMPY":
        raise ValueError("an entry is no .npy file")
    major, _ = file.read(2)
    length = int.from_bytes(file.read(2 if major == 1 else 4), "little")
    header = ast.literal_eval(file.read(length).decode("latin1"))
    dtype = np.dtype(header["descr"])
    shape = header["shape"]
    if dtype.kind not in "biufc" or any(type(n) is not int or n < 0 for n in shape):
        raise ValueError(f"an array of {dtype} and shape {shape}")
    data = content[file.tell() :]
    count = 1
    for n in shape:
        count *= n
    if count * dtype.itemsize != len(data):
        raise ValueError(f"an array of shape {shape} in {len(data)} bytes")
    flat = np.frombuffer(data, dtype).astype(dtype.newbyteorder("="))
    return flat.reshape(shape, order="F" if header["fortran_order"] else "C")


def unknown(content: bytes) -> str:
    """What a file that is no archive seems to be."""
    begins = f"it begins with {content[:8]!r}"
    if content[:1] == b"\x80":
        return (
            f"the file is a bare pickle ({begins}), which runs code when loaded, so it was not "
            f"read. PyTorch before 1.6 wrote such files: load it there and save it again with "
            f"torch.save, or save model.state_dict() with this package."
        )
    return (
        f"the file is no checkpoint ({begins}): expected a ZIP archive written by save(), here or "
        f"in PyTorch"
    )
