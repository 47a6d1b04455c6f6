"""HTML whose text is escaped unless it is HTML already, so that escaping cannot be forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

_VOID = {"br", "img", "meta"}


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def joined(*content: str | Iterable[Any]) -> Markup:
    """Strings, escaped unless they are `Markup`, and lists of such, one after the other."""
    parts = []
    for part in content:
        if not isinstance(part, str):
            part = joined(*part)
        parts.append(part if isinstance(part, Markup) else escape(part))
    return Markup("".join(parts))


def element(tag: str, *content: str | Iterable[Any], **attributes: object) -> Markup:
    """An element: `element("p", "a < b", css="note")` is `<p class="note">a &lt; b</p>`.

    Attributes that are empty or None are left out; `css` is the class, and `font_size` `font-size`.
    """
    words = "".join(
        f' {"class" if name == "css" else name.replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value not in ("", None)
    )
    return Markup(f"<{tag}{words}>" + ("" if tag in _VOID else f"{joined(*content)}</{tag}>"))
