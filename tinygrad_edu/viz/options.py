"""How a picture is drawn: the options that all pictures share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from .folding.fold import STATIC_BUDGET, Detail
from .theme import ThemeName


@dataclass(frozen=True)
class Options:
    """How a picture is drawn; see `graph`.

    Raises
    ------
    ValueError
        For a word that is none of those it may be, or fewer than one card.
    """

    max_nodes: int | None = None
    detail: Detail = "auto"
    collapse: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    fold_repeats: bool = True
    leaf_copies: bool = True
    theme: ThemeName = "auto"
    renderer: str | None = None
    step: int | None = None

    def __post_init__(self) -> None:
        one_of("detail", self.detail, get_args(Detail))
        one_of("theme", self.theme, get_args(ThemeName))
        if self.max_nodes is not None and self.max_nodes < 1:
            raise ValueError(
                f"max_nodes={self.max_nodes} leaves no card to draw; give at least 1, or leave it "
                f"out for {STATIC_BUDGET}"
            )


def one_of(option: str, given: Any, known: tuple[Any, ...]) -> None:
    """Refuse a word that is none of those an option may be."""
    if given not in known:
        words = ", ".join(map(repr, known))
        raise ValueError(f"{option}={given!r} is not known; write one of {words}")


def globs(given: Sequence[str] | str) -> tuple[str, ...]:
    """One glob or several, as a tuple."""
    return (given,) if isinstance(given, str) else tuple(given)
