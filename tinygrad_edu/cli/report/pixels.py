"""Small grey pictures as PNG inside the page."""

from __future__ import annotations

import base64
import struct
import zlib
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["picture", "png"]


def png(shades: NDArray[np.uint8]) -> bytes:
    """An 8-bit grey PNG of shape (rows, columns). Source: PNG specification, third edition."""
    rows, columns = shades.shape

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    lines = np.zeros((rows, columns + 1), np.uint8)  # each begins with its filter: 0, none
    lines[:, 1:] = shades
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(lines.tobytes(), 9))
        + chunk(b"IEND", b"")
    )


def picture(field: NDArray[Any], alt: str, css: str = "pixels") -> str:
    """An `<img>` of a field of numbers 0 … 1, 1 being black."""
    shades = np.rint(255 * (1 - np.clip(field, 0, 1))).astype(np.uint8)
    data = base64.b64encode(png(shades)).decode("ascii")
    rows, columns = shades.shape
    return (
        f'<img class="{css}" alt="{escape(alt)}" width="{columns}" height="{rows}" '
        f'src="data:image/png;base64,{data}">'
    )
