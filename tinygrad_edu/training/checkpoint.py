"""Checkpoint files: a tree of numbers, words and arrays, written whole or not at all.

The file is NumPy's .npz: one entry per array, and one of JSON that holds everything else, with the
arrays' places in it. Nothing in it is ever executed. Floats survive to the last bit.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from ..engine.traced import Traced
from ..serialization.files import moved_into_place

__all__ = ["CheckpointError", "read_checkpoint", "write_checkpoint"]

FORMAT = "tinygrad_edu checkpoint 1"
TREE = "tree"  # the entry that holds the JSON
ARRAY = "array:"  # what a place in the JSON says where an array belongs


class CheckpointError(ValueError):
    """A checkpoint file that is damaged, or not a checkpoint, or another model's."""


def write_checkpoint(path: str | os.PathLike[str], tree: dict[str, Any]) -> None:
    """Write a tree to a file, whole or not at all.

    Parameters
    ----------
    path : path
        The file; replaced if it exists. Its folder is made if need be.
    tree : dict
        Nested dicts (with strings as keys), lists and tuples of None, bools, numbers, strings,
        arrays and Tensors. Tuples come back as lists, Tensors as arrays.

    Raises
    ------
    TypeError
        For a value of another kind, naming its place.
    OSError
        The file cannot be written.
    """
    arrays: dict[str, Any] = {}
    text = json.dumps({"format": FORMAT, "tree": _packed(tree, "", arrays)})
    arrays[TREE] = np.frombuffer(text.encode(), np.uint8)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with moved_into_place(path) as temporary:
        with open(temporary, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)


def read_checkpoint(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read what `write_checkpoint` wrote.

    Raises
    ------
    CheckpointError
        The file is truncated, damaged or something else.
    OSError
        The file cannot be opened.
    """
    content = Path(path).read_bytes()
    advice = "Name a file that Trainer.save or a checkpoint=… wrote, or train again without it."
    if not content.startswith(b"PK"):
        raise CheckpointError(
            f"{path}: not a checkpoint: it begins with the bytes {content[:4].hex(' ') or '(none)'}"
            f", expected 50 4b 03 04. {advice}"
        )
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as entries:
            arrays = {name: entries[name] for name in entries.files}
        told = json.loads(arrays.pop(TREE).tobytes())
        if told["format"] != FORMAT:
            raise CheckpointError(
                f"{path}: its format is {told['format']!r}, expected {FORMAT!r}. {advice}"
            )
        tree = _unpacked(told["tree"], arrays)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError) as error:
        raise CheckpointError(
            f"{path}: the checkpoint is truncated or damaged ({error}), expected an intact file of "
            f"{len(content):,} bytes or more. {advice}"
        ) from error
    except (ValueError, TypeError, NotImplementedError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(
            f"{path}: a .npz file, but not a checkpoint ({error}). {advice}"
        ) from error
    if not isinstance(tree, dict):
        raise CheckpointError(f"{path}: holds a {type(tree).__name__}, expected a tree. {advice}")
    return tree


def _packed(value: Any, place: str, arrays: dict[str, Any]) -> Any:
    if isinstance(value, Traced):
        value = value._data
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray) and value.dtype.kind != "O":
        arrays[f"{ARRAY}{place}"] = value
        return {ARRAY: place}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        # Optimisers number their parameters: JSON's keys are strings, and readers know that.
        return {str(k): _packed(v, f"{place}/{k}", arrays) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_packed(v, f"{place}/{i}", arrays) for i, v in enumerate(value)]
    raise TypeError(
        f"a checkpoint was given a {type(value).__name__} at {place or '/'}; expected numbers, "
        f"strings, arrays, Tensors, and lists and dicts of them"
    )


def _unpacked(value: Any, arrays: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        if ARRAY in value:
            return arrays[f"{ARRAY}{value[ARRAY]}"]
        return {k: _unpacked(v, arrays) for k, v in value.items()}
    if isinstance(value, list):
        return [_unpacked(v, arrays) for v in value]
    return value
