"""One HTML file with the graph, its viewer and its layout engine, which asks for nothing else."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from ..folding.boxtree import ROOT, tree
from ..folding.fold import PAGE_BUDGET, Detail, group_card, open_boxes, prepare
from ..formatting import shorten
from ..labels import card_names, rows, step_lines
from ..model import Card, Step, View
from ..theme import DARK, DARK_INK, LIGHT, LIGHT_INK, RAMP, Style
from ..writers.json_export import FORMAT, record_data

SCRIPTS = (
    "data.js",
    "layout.js",
    "draw.js",
    "panel.js",
    "state.js",
    "stepper.js",
    "sight.js",
    "events.js",
)
# What a page may carry besides the engine before it leaves out details.
LARGEST_DATA = 1_500_000
PACKED = 1000  # cards past which the data are packed by columns


def to_html(
    view: View,
    *,
    title: str | None = None,
    budget: int = PAGE_BUDGET,
    detail: Detail = "auto",
    collapse: tuple[str, ...] = (),
    expand: tuple[str, ...] = (),
    fold_repeats: bool = True,
    max_bytes: int = LARGEST_DATA,
) -> str:
    """The view as a self-contained HTML page.

    Parameters
    ----------
    view
        A view with all its cards: the page folds by itself.
    title
        The page's title; the view's without it.
    budget, detail, collapse, expand, fold_repeats
        What is open at first; see `fold.fold`.
    max_bytes
        Past this size of the data, full texts, heat-maps, histograms and steps are left out, in
        this order, and the page says which.

    Returns
    -------
    str
        The page, in ASCII but for the viewer's own text. Save it as UTF-8.
    """
    index = prepare(view, budget=budget, detail=detail, repeats=fold_repeats)
    whole = index.as_view()
    if title is not None:
        whole = replace(whole, title=title)
    opened = open_boxes(index, budget=budget, detail=detail, collapse=collapse, expand=expand)
    parts = {
        "title": html.escape(shorten(whole.title, 120)),
        "style": palettes() + _asset("page.css"),
        "data": _embedded(page_text(whole, opened, max_bytes)),
        "engine": engine_source(),
        "script": '"use strict";\n(() => {\n' + "\n".join(map(_asset, SCRIPTS)) + "\n})();",
    }
    # One pass over the template: a name that reads {{data}} stays a name.
    return re.sub(r"\{\{(\w+)\}\}", lambda m: parts[m.group(1)], _asset("page.html"))


def page_text(whole: View, opened: frozenset[int], max_bytes: int) -> str:
    """The JSON that the page reads, with as much detail as `max_bytes` allows."""
    data = page_data(whole, opened)
    text = _compact(data)
    left_out: list[str] = []
    for words, leave_out in _DETAILS:
        if len(text) <= max_bytes:
            break
        leave_out(data)
        left_out.append(words)
        note = f"Left out to keep this page small: {', '.join(left_out)}."
        data["note"] = f"{whole.note} {note}".strip()
        text = _compact(data)
    return text


def _compact(data: dict[str, Any]) -> str:
    if len(data.get("cards", ())) > PACKED:
        tables = ("cards", "edges", "boxes", "faces")
        # Without its box's number, what one folded box says is what its like say.
        faces = [
            {
                **f,
                "group": {k: v for k, v in f["group"].items() if k != "box"},
                "folds": f["group"]["box"],
            }
            for f in data["faces"]
        ]
        data = {k: packed(v) if k in tables else v for k, v in {**data, "faces": faces}.items()}
    return json.dumps(data, separators=(",", ":"), allow_nan=False)


def packed(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Records by columns, each value that recurs written once: a third of the size.

    `plain` holds columns as they are, with null where a record has nothing; `pooled` holds pairs of
    the values that occur and, for each record, the place of its value among them or -1.
    """
    keys = dict.fromkeys(k for r in records for k in r)
    plain: dict[str, Any] = {}
    pooled: dict[str, Any] = {}
    for key in keys:
        column = [r.get(key) for r in records]
        if all(v is None or isinstance(v, int | float) for v in column):
            plain[key] = column
            continue
        places: dict[str, int] = {}
        values: list[Any] = []
        index = []
        for v in column:
            if v is None:
                index.append(-1)
                continue
            text = json.dumps(v, separators=(",", ":"))
            if text not in places:
                places[text] = len(values)
                values.append(v)
            index.append(places[text])
        pooled[key] = [values, index]
    return {"n": len(records), "plain": plain, "pooled": pooled}


def _summaries(page: dict[str, Any]) -> list[dict[str, Any]]:
    """All summaries of the page's data."""
    moments = page.get("snapshots", [])
    found = [c[what] for c in page.get("cards", []) for what in ("value", "grad") if what in c]
    return found + [
        pair[1] for m in moments for what in ("values", "grads") for pair in m.get(what, [])
    ]


def _without_field(name: str) -> Callable[[dict[str, Any]], None]:
    def leave_out(page: dict[str, Any]) -> None:
        for summary in _summaries(page):
            summary.pop(name, None)

    return leave_out


def _without_steps(kind: str) -> Callable[[dict[str, Any]], None]:
    def leave_out(page: dict[str, Any]) -> None:
        page["steps"] = [s for s in page["steps"] if s["kind"] != kind]

    return leave_out


# What a page that is too large does without, the least missed first.
_DETAILS: tuple[tuple[str, Callable[[dict[str, Any]], None]], ...] = (
    ("full texts", _without_field("full")),
    ("heat-maps", _without_field("heatmap")),
    ("histograms", _without_field("histogram")),
    ("forward steps", _without_steps("forward")),
    ("backward steps", _without_steps("backward")),
)


def page_data(whole: View, opened: frozenset[int]) -> dict[str, Any]:
    """What the page reads: the view, its folded boxes ready-made, and the steps in words."""
    out: dict[str, Any] = {"format": FORMAT, "ops": whole.ops, "open": sorted(opened)}
    out.update(record_data(replace(whole, steps=())))
    _pack_heatmaps(out)
    out["faces"] = _faces(whole)
    names = card_names(whole)
    totals = {kind: sum(s.kind == kind for s in whole.steps) for kind in ("forward", "backward")}
    out["steps"] = [_step(s, names, totals[s.kind]) for s in whole.steps]
    out["ramp"] = list(RAMP)
    return out


def _pack_heatmaps(page: dict[str, Any]) -> None:
    """Heat-map numbers as one byte each: a colour needs no more, and a page of 64 x 64 weights is
    six times smaller. 0 is "not finite", 1 to 255 is -limit to limit."""
    for summary in _summaries(page):
        heat = summary.get("heatmap")
        if heat:
            limit = heat["limit"] or 1.0  # v / limit: 127 / limit overflows for the tiniest
            shares = [None if v is None else v / limit for v in heat["values"]]
            codes = bytes(0 if s is None else 128 + round(127 * min(1, max(-1, s))) for s in shares)
            heat["values"] = base64.b64encode(codes).decode("ascii")


def _step(step: Step, names: dict[int, str], total: int) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "index": step.index,
        "card": step.card,
        "to": [c.to for c in step.contributions],
        "lines": step_lines(step, names, total),
    }


def _faces(whole: View) -> list[dict[str, Any]]:
    """For each box the card it folds to: its own rows, and the card that gives it its value."""
    index = tree(whole)
    leaving: dict[int, set[int]] = {b: set() for b in index.boxes}
    for e in whole.edges:
        if e.source not in index.cards or e.target not in index.cards:
            continue
        inner, outer = index.cards[e.source].box, index.cards[e.target].box
        shared = set(index.ancestors(outer))
        while inner != ROOT and inner not in shared:
            leaving[inner].add(e.source)
            inner = index.boxes[inner].parent
    base = max(index.cards, default=-1) + 1
    out = []
    for b in index.boxes:
        inside = [index.cards[i] for i in index.contents(b)]
        card, source = group_card(index, b, inside, leaving[b], base, ROOT)
        bare = replace(card, box=ROOT, value=_NOTHING.value, grad=_NOTHING.grad)
        face = record_data(bare)
        # The page adds these by itself, as it does for any card.
        face["rows"] = [r for r in rows(card) if r[0] not in ("out", "grad", "note")]
        face["out"] = source.id
        out.append(face)
    return out


_NOTHING = Card(0, "")


def _embedded(text: str) -> str:
    """JSON that may stand inside a script element, whatever the names in it say."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _asset(name: str) -> str:
    return files("tinygrad_edu.viz.page").joinpath(name).read_text(encoding="utf-8")


@cache
def engine_source() -> str:
    """The vendored Graphviz as a plain script that defines `self.Graphviz`.

    Raises
    ------
    ValueError
        The vendored file no longer ends in the export this expects.
    """
    source = _asset("vendor/wasm-graphviz.js")
    source = re.sub(r"\n//# sourceMappingURL=.*\s*$", "", source)
    found = re.search(r"export\{[^}]*?(\w+) as Graphviz[^}]*\};?\s*$", source)
    if found is None or "</script" in source or "<!--" in source:
        raise ValueError(
            "The vendored layout engine has an unexpected form; refresh.py may have brought a "
            "version that build.py does not know how to embed."
        )
    return source[: found.start()] + f"self.Graphviz={found.group(1)};\n"


@cache
def palettes() -> str:
    """The theme as CSS variables: light, dark by preference, and either by choice."""
    light, dark = _variables(LIGHT, LIGHT_INK), _variables(DARK, DARK_INK)
    return (
        f":root{{color-scheme:light dark;{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n"
        f":root[data-theme=dark]{{color-scheme:dark;{dark}}}\n"
        f":root[data-theme=light]{{color-scheme:light}}\n"
        f"@media print{{:root,:root[data-theme=dark]{{{light}}}}}\n"
    )


def _variables(styles: dict[str, Style], ink: dict[str, str]) -> str:
    out = [f"--{name}:{color}" for name, color in ink.items()]
    for name, style in styles.items():
        out += [
            f"--{name}-fill:{style.fill}",
            f"--{name}-header:{style.header}",
            f"--{name}-border:{style.border}",
            f"--{name}-line:{style.width:g}px",
        ]
    return ";".join(out)
