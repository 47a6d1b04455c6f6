"""The page: a table of all systems, then each with its curves, pictures, graph and checks."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ... import __version__
from ...checking import GradReport
from ...serialization.files import moved_into_place
from ...systems import Outcome, Prediction, Section
from ...systems.by_hand import AGREEMENT, Derivation
from ...viz.markup import Markup, element, joined
from ...viz.writers.render import RenderError
from ..table import COLUMNS, cells
from .pictures import image, line_chart, pixels
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
    folder.mkdir(parents=True, exist_ok=True)
    with moved_into_place(page) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return page


def render_page(outcomes: Sequence[Outcome], command: str) -> str:
    """The whole page."""
    names = ", ".join(outcome.name for outcome in outcomes)
    style = Markup("\n" + STYLE.read_text(encoding="utf-8"))
    meta = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
    ]
    title = element("title", f"tinygrad-edu: {names}")
    top = element(
        "header",
        element("h1", "tinygrad-edu ", element("span", "run report")),
        _paragraph(
            "Networks trained with gradients that nobody derived by hand, and the evidence that "
            "they are right."
        ),
        _overview(outcomes),
        element("p", "Run it again: ", element("code", command), css="command"),
        css="top",
    )
    made_with = (
        f"tinygrad-edu {__version__} · NumPy {np.__version__} · Python "
        f"{platform.python_version()} · {platform.system()} {platform.machine()}"
    )
    main = element("main", map(_system, outcomes))
    page = element(
        "html",
        element("head", meta, title, element("style", style)),
        element("body", top, main, element("footer", made_with)),
        lang="en",
    )
    return f"<!doctype html>\n{page}\n"


def _overview(outcomes: Sequence[Outcome]) -> Markup:
    rows = []
    for outcome in outcomes:
        first, *rest = cells(outcome)
        rows.append([element("a", first, href=f"#{outcome.name}"), *rest])
    return _table(COLUMNS, rows, css="overview")


def _paragraph(*content: str, css: str = "") -> Markup:
    return element("p", *content, css=css)


def _notes(notes: Iterable[str], css: str = "note") -> Markup:
    return joined(_paragraph(note, css=css) for note in notes)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], css: str = "") -> Markup:
    top = element("tr", (element("th", cell, scope="col") for cell in head))
    body = (element("tr", (element("td", cell) for cell in row)) for row in rows)
    table = element("table", element("thead", top), element("tbody", body), css=css)
    return element("div", table, css="scroll")


# ------------------------------------------------------------------------------------- a system


def _system(outcome: Outcome) -> Markup:
    # The drawing and the check run the model once more; an interrupted run gets them as well.
    check = step_check(outcome)
    return element(
        "section",
        element("h2", f"{outcome.title} ", element("code", outcome.recipe.shape)),
        _paragraph(outcome.summary, css="lead"),
        _figures(outcome),
        _notes(outcome.notes),
        _curves(outcome),
        map(_section, outcome.sections),
        _graph(outcome),
        _check(outcome, check),
        "" if outcome.derivation is None else _derivation(outcome.derivation),
        _settings(outcome),
        css="system",
        id=outcome.name,
    )


def _figures(outcome: Outcome) -> Markup:
    accuracy = f"{100 * outcome.accuracy:.2f} %" if outcome.accuracy == outcome.accuracy else "–"
    figures = [
        (accuracy, f"right, {outcome.measured_on}" + (", subset" if outcome.is_subset else "")),
        (f"{outcome.loss:.3g}", f"loss, {outcome.measured_on}"),
        (f"{outcome.parameters:,}", "parameters"),
        (f"{outcome.epochs:,}", "epochs"),
        (f"{outcome.seconds:.1f} s", "training"),
    ]
    boxes = [element("div", element("b", v), element("span", k)) for v, k in figures]
    goals = [
        element("li", f"{goal}: {'' if is_reached else 'not '}reached", css=_mood(is_reached))
        for goal, is_reached in outcome.reached
    ]
    return joined(
        element("div", boxes, css="figures"), element("ul", goals, css="goals") if goals else ""
    )


def _curves(outcome: Outcome) -> Markup:
    history = outcome.history
    if not len(history):
        return _paragraph("No epoch was finished, so there are no curves.", css="muted")

    def curve(name: str) -> list[tuple[float, float]]:
        values = history.column(name)
        return [(e.epoch, v) for e, v in zip(history, values) if v is not None]

    parts = ("train", "test")
    loss = line_chart([(p, curve(f"{p}_loss")) for p in parts], "Loss")
    right = line_chart([(p, curve(f"{p}_accuracy")) for p in parts], "Accuracy", percent=True)
    return element("div", loss, right, css="charts")


def _section(section: Section) -> Markup:
    inner = [_table(section.head, section.rows)] if section.rows else []
    inner += [
        element(
            "figure",
            pixels(p.field, p.caption),
            element("figcaption", p.caption),
            css="plane",
        )
        for p in section.pictures
    ]
    shown: Markup | str = ""
    if section.predictions:
        wide = any(p.vector is not None for p in section.predictions)
        samples = map(_prediction, section.predictions)
        shown = element("div", samples, css="samples wide" if wide else "samples")
    return joined(
        element("h3", section.title),
        _paragraph(section.text) if section.text else "",
        element("div", inner, css="beside") if len(inner) > 1 else inner,
        shown,
    )


def _prediction(p: Prediction) -> Markup:
    css = {True: "right", False: "wrong", None: "open"}[p.is_right]
    if p.label is None:
        verdict = [f"says {p.answer}"]
    elif p.is_right:
        verdict = [f"{p.answer} ", element("i", "right")]
    else:
        verdict = [f"says {p.answer} ", element("i", f"wrong: it is {p.label}")]
    best = sorted(p.scores, key=lambda score: -score[1])[:SHOWN_SCORES]
    bars = [
        element(
            "li",
            element("span", name),
            element("meter", min="0", max="1", value=f"{value:.4f}"),
            element("span", f"{100 * value:.1f} %"),
        )
        for name, value in best
    ]
    vector: Markup | str = ""
    if p.vector is not None:
        rows = "\n".join(" ".join(f"{int(v):2d}" for v in row) for row in p.vector)
        vector = element("pre", rows, css="vector")
    told = f"a picture of {p.label}" if p.label is not None else "a picture without a label"
    return element(
        "article",
        element("div", pixels(p.pixels, told), vector, css="input"),
        _paragraph(*verdict, css="verdict"),
        element("ol", bars, css="scores"),
        css=f"sample {css}",
    )


def _graph(outcome: Outcome) -> Markup:
    title = element("h3", "The graph of one step")
    try:
        svg = step_drawing(outcome)
    except RenderError as error:
        return joined(title, _paragraph(str(error), css="note"))
    assert outcome.step is not None
    words = (
        f"Every operation between {len(outcome.step[0])} samples and their loss, with its value "
        f"and its gradient, after training. Read it downwards for the forward pass and upwards for "
        f"the backward pass."
    )
    picture = image(svg.encode("utf-8"), "svg+xml", "The graph of one training step")
    return joined(title, _paragraph(words), element("div", picture, css="graph", tabindex="0"))


def _check(outcome: Outcome, report: GradReport) -> Markup:
    rows = [
        [
            element("code", row.name),
            "×".join(map(str, row.shape)),
            f"{row.analytic:.6e}",
            f"{row.numeric:.6e}",
            f"{row.relative_error:.1e}",
            joined(_status(row.status), f" ({row.note})" if row.note else ""),
        ]
        for row in report.rows
    ]
    head = ("parameter", "shape", "recorded", "numeric", "relative difference", "verdict")
    return joined(
        element("h3", f"Gradient check: {report.verdict}"),
        _paragraph(
            f"The gradient of the same step by each parameter, along a random direction: as "
            f"recorded, and by moving the parameters and looking at the loss ({report.method})."
        ),
        _table(head, rows),
        _notes(f"{node.op}: {node.message}" for node in report.culprits),
        _notes(report.problems),
        _notes(report.notes, css="muted"),
        _during(outcome),
    )


def _during(outcome: Outcome) -> Markup | str:
    """The checks made while training: a row for each parameter, a column for each time."""
    if not outcome.checks:
        return ""
    rows = []
    for name in [row.name for row in outcome.checks[0][1].rows]:
        row: list[str] = [element("code", name)]
        for _, report in outcome.checks:
            found = next((r for r in report.rows if r.name == name), None)
            row.append(
                "–"
                if found is None
                else joined(f"{found.relative_error:.1e} ", _status(found.status))
            )
        rows.append(row)
    causes = dict.fromkeys(
        f"{when}: {node.op}: {node.message}"
        for when, report in outcome.checks
        for node in report.culprits
    )
    head = ("parameter", *(f"{when}: {report.verdict}" for when, report in outcome.checks))
    return joined(
        _paragraph(
            "Checked during training, on the parameters as they were then; relative difference and "
            "verdict:"
        ),
        _table(head, rows),
        _notes(causes),
    )


def _status(status: str) -> Markup:
    return element("span", status.lower(), css=_mood(status.upper() == "PASS"))


def _mood(is_good: bool) -> str:
    return "good" if is_good else "bad"


def _derivation(derivation: Derivation) -> Markup:
    rows = [
        [element("code", name), f"{hand:.15e}", f"{recorded:.15e}", f"{difference:.1e}"]
        for name, (hand, recorded), difference in zip(
            derivation.names, derivation.examples, derivation.differences
        )
    ]
    verdict = "agree" if derivation.agrees else "do not agree"
    return joined(
        element("h3", "Derived by hand, beside recorded"),
        _paragraph(
            f"What this network's author would have worked out on paper, computed at the same "
            f"parameters, at each of {derivation.steps:,} steps of a float64 run on "
            f"{derivation.samples} samples. They {verdict} to {derivation.worst:.1e} of the "
            f"largest entry (asked: {AGREEMENT:.0e}). Shown is each parameter's largest entry at "
            f"the last step."
        ),
        _table(("parameter", "by hand", "recorded", "largest difference, all steps"), rows),
    )


def _settings(outcome: Outcome) -> Markup:
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
    items = (joined(element("dt", k), element("dd", v)) for k, v in pairs)
    return joined(element("h3", "Settings"), element("dl", items))
