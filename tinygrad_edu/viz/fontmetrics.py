"""How wide text is in Helvetica (or Arial, its metric twin), without a font at hand."""

from __future__ import annotations

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


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of `text` at font size `size`, in the same unit; a fair guess beyond ASCII."""
    total = 0
    for character in text:
        code = ord(character)
        if 32 <= code < 127:
            total += _WIDTHS[code - 32]
        else:
            total += _LATIN if code < 0x2E80 else _WIDE
    return total / 1000 * size * (BOLD if bold else 1.0)
