"""A view as JSON: what the page reads, and what other tools may.

Fields that hold their default are left out, keys come in the order of the records, numbers are
finite: the same view gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import MISSING, fields
from typing import Any

from ..model import (
    NOT_ASKED,
    NOT_RUN,
    Annotation,
    Box,
    Card,
    Contribution,
    Edge,
    Group,
    Heatmap,
    Histogram,
    LegendEntry,
    Snapshot,
    Step,
    Summary,
    View,
)

FORMAT = 1
_RECORDS = (
    Annotation, Box, Card, Contribution, Edge, Group, Heatmap, Histogram, LegendEntry, Snapshot,
    Step, Summary, View,
)  # fmt: skip
_NAMES = {record: tuple(f.name for f in fields(record)) for record in _RECORDS}
_DEFAULTS: dict[type, dict[str, Any]] = {
    record: {f.name: f.default for f in fields(record) if f.default is not MISSING}
    for record in _RECORDS
}
_DEFAULTS[Card]["value"] = Summary(reason=NOT_ASKED)
_DEFAULTS[Card]["grad"] = Summary(reason=NOT_RUN)


def to_json(view: View, *, opened: Iterable[int] | None = None, indent: int | None = None) -> str:
    """The view as a JSON text in ASCII.

    Parameters
    ----------
    view
        A view; folded or not.
    opened
        The boxes that the page shows open at first.
    indent
        Spaces per level; None for one line.
    """
    whole: dict[str, Any] = {"format": FORMAT, "header": view.header, "ops": view.ops}
    whole.update(record_data(view))
    if opened is not None:
        whole["open"] = sorted(opened)
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(whole, indent=indent, separators=separators, allow_nan=False)


def record_data(record: Any) -> Any:
    """A record as plain dicts and lists, without the fields that hold their default."""
    kind = type(record)
    if kind is tuple:
        return [record_data(item) for item in record]
    if kind is float:
        # Six digits are more than any picture shows, and half the page.
        return float(f"{record:.6g}") if record - record == 0.0 else None
    names = _NAMES.get(kind)
    if names is None:
        return record
    defaults = _DEFAULTS[kind]
    out = {}
    for name in names:
        value = getattr(record, name)
        if name in defaults and (value is defaults[name] or value == defaults[name]):
            continue
        out[name] = record_data(value)
    return out
