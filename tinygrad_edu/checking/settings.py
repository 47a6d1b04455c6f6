"""How a check is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .directional import Method
from .node_audit import Kinks

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """The options of a check, as `gradcheck` explains them.

    Attributes
    ----------
    call : str
        What the report says that was called.
    skip : frozenset of int
        Numbers of ops that an order before has audited.
    """

    method: Method = "auto"
    points: int = 2
    projections: int = 2
    kinks: Kinks = "accept"
    resolution: float = 1e-7
    diagnose: bool = True
    localise: bool = True
    full: bool | Literal["auto"] = "auto"
    budget: float | None = None
    seed: int = 0
    call: str = "gradcheck(fn, *inputs)"
    skip: frozenset[int] = frozenset()
