"""The page: a table of all systems, then each with its curves, pictures, graph and checks."""

from __future__ import annotations

import base64
import platform
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from ... import __version__
from ...checking import GradReport
from ...datasets.storage import moved_into_place
from ...systems import Outcome, Prediction, Section
from ...systems.by_hand import AGREEMENT, Derivation
from ...viz.render import RenderError
from ..table import COLUMNS, cells
from .charts import line_chart
from .pixels import picture
from .step import step_check, step_drawing

__all__ = ["render_page", "write_report"]

STYLE = Path(__file__).with_name("report.css")
SHOWN_SCORES = 4


def write_report(folder: Path, outcomes: Sequence[Outcome], command: str) -> Path:
    """Write `report.html` into a folder, whole or not at all. Returns its path.

    Raises
    ------
    OSError
        The folder cannot be written to.
    """
    page = folder / "report.html"
    text = render_page(outcomes, command)
    with moved_into_place(page) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return page


def render_page(outcomes: Sequence[Outcome], command: str) -> str:
    """The whole page."""
    names = ", ".join(outcome.name for outcome in outcomes)
    body = "".join(map(_system, outcomes))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>tinygrad-edu: {escape(names)}</title>
<style>
{STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
<header class="top">
<h1>tinygrad-edu <span>run report</span></h1>
<p>Networks trained with gradients that nobody derived by hand, and the evidence that they are
right.</p>
{_overview(outcomes)}
<p class="command">Run it again: <code>{escape(command)}</code></p>
</header>
<main>
{body}
</main>
<footer>tinygrad-edu {escape(__version__)} · NumPy {escape(np.__version__)} · Python
{escape(platform.python_version())} · {escape(platform.system())} {escape(platform.machine())}
</footer>
</body>
</html>
"""


def _overview(outcomes: Sequence[Outcome]) -> str:
    rows = []
    for outcome in outcomes:
        first, *rest = cells(outcome)
        link = f'<a href="#{escape(outcome.name)}">{escape(first)}</a>'
        rows.append([link, *map(escape, rest)])
    return _table(COLUMNS, rows, css="overview")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], css: str = "") -> str:
    """A table of cells that are HTML already."""
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="scroll"><table class="{css}"><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


# ------------------------------------------------------------------------------------- a system


def _system(outcome: Outcome) -> str:
    # The drawing and the check run the model once more; an interrupted run gets them as well.
    check = step_check(outcome)
    parts = [
        f'<section class="system" id="{escape(outcome.name)}">',
        f"<h2>{escape(outcome.title)} <code>{escape(outcome.recipe.shape)}</code></h2>",
        f'<p class="lead">{escape(outcome.summary)}</p>',
        _figures(outcome),
        *(f'<p class="note">{escape(note)}</p>' for note in outcome.notes),
        _curves(outcome),
        *map(_section, outcome.sections),
        _graph(outcome),
        _check(outcome, check),
        "" if outcome.derivation is None else _derivation(outcome.derivation),
        _settings(outcome),
        "</section>",
    ]
    return "\n".join(part for part in parts if part)


def _figures(outcome: Outcome) -> str:
    accuracy = f"{100 * outcome.accuracy:.2f} %" if outcome.accuracy == outcome.accuracy else "–"
    figures = [
        (accuracy, f"right, {outcome.measured_on}" + (", subset" if outcome.is_subset else "")),
        (f"{outcome.loss:.3g}", f"loss, {outcome.measured_on}"),
        (f"{outcome.parameters:,}", "parameters"),
        (f"{outcome.epochs:,}", "epochs"),
        (f"{outcome.seconds:.1f} s", "training"),
    ]
    boxes = "".join(f"<div><b>{escape(v)}</b><span>{escape(k)}</span></div>" for v, k in figures)
    goals = "".join(
        f'<li class="{"good" if is_reached else "bad"}">{escape(goal)}: '
        f"{'reached' if is_reached else 'not reached'}</li>"
        for goal, is_reached in outcome.reached
    )
    return f'<div class="figures">{boxes}</div>' + (
        f'<ul class="goals">{goals}</ul>' if goals else ""
    )


def _curves(outcome: Outcome) -> str:
    history = outcome.history
    if not len(history):
        return '<p class="muted">No epoch was finished, so there are no curves.</p>'

    def curve(name: str) -> list[tuple[float, float]]:
        values = history.column(name)
        return [(e.epoch, v) for e, v in zip(history, values) if v is not None]

    charts = [
        line_chart([(p, curve(f"{p}_loss")) for p in ("train", "test")], "Loss"),
        line_chart(
            [(p, curve(f"{p}_accuracy")) for p in ("train", "test")], "Accuracy", percent=True
        ),
    ]
    return f'<div class="charts">{"".join(charts)}</div>'


def _section(section: Section) -> str:
    parts = [f"<h3>{escape(section.title)}</h3>"]
    if section.text:
        parts.append(f"<p>{escape(section.text)}</p>")
    inner = []
    if section.rows:
        inner.append(_table(section.head, [[escape(c) for c in row] for row in section.rows]))
    inner += [
        f'<figure class="plane">{picture(p.field, p.caption)}'
        f"<figcaption>{escape(p.caption)}</figcaption></figure>"
        for p in section.pictures
    ]
    if len(inner) > 1:
        parts.append(f'<div class="beside">{"".join(inner)}</div>')
    else:
        parts += inner
    if section.predictions:
        shown = "".join(map(_prediction, section.predictions))
        wide = any(p.vector is not None for p in section.predictions)
        parts.append(f'<div class="samples{" wide" if wide else ""}">{shown}</div>')
    return "\n".join(parts)


def _prediction(p: Prediction) -> str:
    css = {True: "right", False: "wrong", None: "open"}[p.is_right]
    if p.label is None:
        verdict = f"says {escape(p.answer)}"
    elif p.is_right:
        verdict = f"{escape(p.answer)} <i>right</i>"
    else:
        verdict = f"says {escape(p.answer)} <i>wrong: it is {escape(p.label)}</i>"
    best = sorted(p.scores, key=lambda score: -score[1])[:SHOWN_SCORES]
    bars = "".join(
        f'<li><span>{escape(name)}</span><meter min="0" max="1" value="{value:.4f}">'
        f"</meter><span>{100 * value:.1f} %</span></li>"
        for name, value in best
    )
    vector = ""
    if p.vector is not None:
        rows = "\n".join(" ".join(f"{int(v):2d}" for v in row) for row in p.vector)
        vector = f'<pre class="vector">{rows}</pre>'
    told = f"a picture of {p.label}" if p.label is not None else "a picture without a label"
    return (
        f'<article class="sample {css}"><div class="input">{picture(p.pixels, told)}{vector}</div>'
        f'<p class="verdict">{verdict}</p><ol class="scores">{bars}</ol></article>'
    )


def _graph(outcome: Outcome) -> str:
    try:
        svg = step_drawing(outcome)
    except RenderError as error:
        return f'<h3>The graph of one step</h3><p class="note">{escape(str(error))}</p>'
    data = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    assert outcome.step is not None
    count = len(outcome.step[0])
    return (
        f"<h3>The graph of one step</h3><p>Every operation between {count} samples and their loss, "
        f"with its value and its gradient, after training. Read it downwards for the forward pass "
        f"and upwards for the backward pass.</p>"
        f'<div class="graph" tabindex="0"><img alt="The graph of one training step" '
        f'src="data:image/svg+xml;base64,{data}"></div>'
    )


def _check(outcome: Outcome, report: GradReport) -> str:
    rows = [
        [
            f"<code>{escape(row.name)}</code>",
            "×".join(map(str, row.shape)),
            f"{row.analytic:.6e}",
            f"{row.numeric:.6e}",
            f"{row.relative_error:.1e}",
            f'<span class="{_mood(row.status)}">{escape(row.status.lower())}</span>'
            f"{f' ({escape(row.note)})' if row.note else ''}",
        ]
        for row in report.rows
    ]
    head = ("parameter", "shape", "recorded", "numeric", "relative difference", "verdict")
    notes = "".join(f'<p class="muted">{escape(note)}</p>' for note in report.notes)
    causes = "".join(
        f'<p class="note">{escape(node.op)}: {escape(node.message)}</p>' for node in report.culprits
    )
    problems = "".join(f'<p class="note">{escape(problem)}</p>' for problem in report.problems)
    return (
        f"<h3>Gradient check: {escape(report.verdict)}</h3>"
        f"<p>The gradient of the same step by each parameter, along a random direction: as "
        f"recorded, and by moving the parameters and looking at the loss "
        f"({escape(report.method)}).</p>"
        + _table(head, rows)
        + causes
        + problems
        + notes
        + _during(outcome)
    )


def _during(outcome: Outcome) -> str:
    """The checks made while training: a row for each parameter, a column for each time."""
    if not outcome.checks:
        return ""
    names = [row.name for row in outcome.checks[0][1].rows]
    rows = []
    for name in names:
        cells = [f"<code>{escape(name)}</code>"]
        for _, report in outcome.checks:
            row = next((r for r in report.rows if r.name == name), None)
            cells.append(
                "–"
                if row is None
                else f'{row.relative_error:.1e} <span class="{_mood(row.status)}">'
                f"{escape(row.status.lower())}</span>"
            )
        rows.append(cells)
    causes = dict.fromkeys(
        f"{when}: {node.op}: {node.message}"
        for when, report in outcome.checks
        for node in report.culprits
    )
    head = ("parameter", *(f"{when}: {report.verdict}" for when, report in outcome.checks))
    return (
        "<p>Checked during training, on the parameters as they were then; relative difference and "
        "verdict:</p>"
        + _table(head, rows)
        + "".join(f'<p class="note">{escape(cause)}</p>' for cause in causes)
    )


def _mood(status: str) -> str:
    return "good" if status.upper() == "PASS" else "bad"


def _derivation(derivation: Derivation) -> str:
    rows = [
        [f"<code>{escape(name)}</code>", f"{hand:.15e}", f"{recorded:.15e}", f"{difference:.1e}"]
        for name, (hand, recorded), difference in zip(
            derivation.names, derivation.examples, derivation.differences
        )
    ]
    verdict = "agree" if derivation.agrees else "do not agree"
    return (
        f"<h3>Derived by hand, beside recorded</h3><p>What this network's author would have "
        f"worked out on paper, computed at the same parameters, at each of {derivation.steps:,} "
        f"steps of a float64 run on {derivation.samples} samples. They {verdict} to "
        f"{derivation.worst:.1e} of the largest entry (asked: {AGREEMENT:.0e}). Shown is each "
        f"parameter's largest entry at the last step.</p>"
        + _table(("parameter", "by hand", "recorded", "largest difference, all steps"), rows)
    )


def _settings(outcome: Outcome) -> str:
    recipe = outcome.recipe
    pairs = [
        ("layers", f"{recipe.shape}, {recipe.hidden_activation}, {recipe.output_activation}"),
        ("loss", recipe.loss),
        ("training", recipe.words),
        ("seed", str(outcome.seed)),
        ("data", outcome.provenance),
    ]
    if outcome.checkpoint:
        pairs.append(("parameters saved in", outcome.checkpoint))
    items = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in pairs)
    return f"<h3>Settings</h3><dl>{items}</dl>"
