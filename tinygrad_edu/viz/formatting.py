"""Text for the picture: safe names, short numbers, lines that wrap, widths.

A name may be anything: empty, 10,000 characters, quotes, markup, control characters, lone
surrogates. `clean` makes it one printable line; markup is each writer's own business.
"""

from __future__ import annotations

import re

_SHORT_DTYPES = {
    "float16": "f16",
    "float32": "f32",
    "float64": "f64",
    "int8": "i8",
    "int16": "i16",
    "int32": "i32",
    "int64": "i64",
    "uint8": "u8",
    "uint16": "u16",
    "uint32": "u32",
    "uint64": "u64",
    "complex64": "c64",
    "complex128": "c128",
}
# Controls, surrogates, line and paragraph separators, direction overrides, non-characters.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)
# Advance widths of U+0020 to U+007E in thousandths of the font size (Adobe's Helvetica AFM).
_WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_LATIN, _WIDE = 600, 1000
BOLD = 1.07  # Helvetica Bold is wider by about this much


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    short = {9: "\\t", 10: "\\n", 13: "\\r"}.get(code)
    return short or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def clean(name: str) -> str:
    """`name` as one printable line, with `\\n`, `\\x00`, `\\u202e` for what cannot be printed."""
    return _UNPRINTABLE.sub(_escape, name)


def shorten(name: str, width: int = 40) -> str:
    """`name` cleaned and, past `width` characters, cut in the middle, where names differ least."""
    text = clean(name[: 4 * width] + name[-width:] if len(name) > 5 * width else name)
    if len(text) <= width:
        return text
    head = (width - 3) * 2 // 3
    return text[:head] + "..." + text[len(text) - (width - 3 - head) :]


def wrap(name: str, width: int = 28, lines: int = 3) -> tuple[str, ...]:
    """`name` cleaned and broken into at most `lines` lines of `width`, preferably after . _ - /."""
    text = shorten(name, width * lines)
    out: list[str] = []
    while len(text) > width and len(out) < lines - 1:
        cut = max(text.rfind(mark, width // 2, width) for mark in ("._-/ "))
        cut = cut + 1 if cut > 0 else width
        out.append(text[:cut])
        text = text[cut:]
    out.append(text if len(text) <= width else text[: width - 3] + "...")
    return tuple(out)


def number(value: float) -> str:
    """`value` to 3 significant digits: `0.0893`, `1.14e-05`, `nan`, `-inf`."""
    return f"{value:.3g}"


def shape_text(shape: tuple[int, ...]) -> str:
    """`(4, 2)`, `(2,)`, `()`."""
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"


def dtype_text(dtype: str) -> str:
    """`f32` for `float32`; names without a short form as they are."""
    return _SHORT_DTYPES.get(dtype, dtype)


def count_text(count: int, noun: str) -> str:
    """`1 op`, `12 ops`, `1,234 parameters`, `2 boxes`."""
    ending = "" if count == 1 else "es" if noun.endswith(("x", "s")) else "s"
    return f"{count:,} {noun}{ending}"


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of `text` at font size `size`, in the same unit; a fair guess beyond ASCII.

    In Helvetica, or Arial, its metric twin: there is no font at hand to ask.
    """
    total = 0
    for character in text:
        code = ord(character)
        if 32 <= code < 127:
            total += _WIDTHS[code - 32]
        else:
            total += _LATIN if code < 0x2E80 else _WIDE
    return total / 1000 * size * (BOLD if bold else 1.0)
