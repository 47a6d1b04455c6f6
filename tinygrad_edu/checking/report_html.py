"""A report as HTML: a fragment for notebooks, a self-contained page for a file."""

from __future__ import annotations

from collections.abc import Sequence

from ..viz.markup import Markup, element, joined
from .findings import Findings, NodeFinding, Row
from .report_text import figures, headline, index_text, render_explanation, shape_text

__all__ = ["render_html", "render_page"]

BREAK = element("br")

_STYLE = """
.gradreport{font:14px/1.45 system-ui,sans-serif;color:#1b1f24;background:#fff;max-width:70em}
.gradreport h3{font-size:1em;margin:.2em 0 .6em}
.gradreport .verdict{padding:.1em .5em;border-radius:.3em;color:#fff;background:#57606a}
.gradreport .verdict.PASS{background:#1a7f37}.gradreport .verdict.FAIL{background:#b3261e}
.gradreport .verdict.INCONCLUSIVE{background:#8a6100}
.gradreport .cause{border-left:.3em solid #b3261e;padding:.3em .8em;margin:.5em
0;background:#fdf1f0} .gradreport code{font-family:ui-monospace,monospace} .gradreport
table{border-collapse:collapse;margin:.6em 0} .gradreport th,.gradreport td{padding:.15em
.7em;text-align:right;border-bottom:1px solid #d0d7de} .gradreport th:first-child,.gradreport
td:first-child, .gradreport th:last-child,.gradreport td:last-child{text-align:left} .gradreport
tr.FAIL td{background:#fdf1f0}.gradreport tr.INCONCLUSIVE td{background:#fff8e5} .gradreport
details{margin:.6em 0}.gradreport .note{color:#57606a} """.strip()


def render_html(report: Findings) -> Markup:
    """A `<div>` with its own style; all text is escaped."""
    rest = headline(report).removeprefix(f"GradReport {report.verdict}").strip()
    verdict = element("span", report.verdict, css=f"verdict {report.verdict}")
    paragraphs = [element("p", p) for p in render_explanation(report).split("\n\n")]
    return element(
        "div",
        element("style", Markup(_STYLE)),
        element("h3", verdict, " ", rest),
        [element("p", problem, css="cause") for problem in report.problems],
        [cause(node) for node in report.culprits],
        table(report.rows) if report.rows else "",
        [element("p", note, css="note") for note in report.notes],
        element("details", element("summary", "What this means"), paragraphs),
        css="gradreport",
    )


def cause(node: NodeFinding) -> Markup:
    """One wrong op: which, where, by which input, what is wrong, and the worst element."""
    name = node.op if node.number is None else f"{node.op} #{node.number}"
    place = "   ".join(p for p in (node.location, node.source.strip()) if p)
    which = f"d/d({node.input_name}): " if node.input_name else ""
    at: list[str] = []
    if node.index is not None and node.analytic is not None and node.numeric is not None:
        where, analytic, numeric = index_text(node.index), node.analytic, node.numeric
        at = [BREAK, f"at {where}: analytic {analytic:.6g}, numeric {numeric:.6g}"]
    told = [which, element("b", node.kind), f": {node.message}", at]
    return element("div", element("b", name), " ", element("code", place), BREAK, told, css="cause")


def table(rows: Sequence[Row]) -> Markup:
    """A row for each gradient."""
    head = ("input", "shape", "worst", "analytic", "numeric", "rel. error", "resolution", "status")
    body = []
    for row in rows:
        status = f"{row.status} ({row.note})" if row.note else row.status
        place = (row.name, shape_text(row.shape), index_text(row.index))
        cells = [element("td", cell) for cell in (*place, *figures(row, 4, 1), status)]
        body.append(element("tr", cells, css=row.status))
    return element("table", element("tr", [element("th", h) for h in head]), body)


def render_page(report: Findings) -> str:
    """A whole offline page."""
    width = element("meta", name="viewport", content="width=device-width,initial-scale=1")
    title = element("title", f"Gradient check: {report.verdict}")
    body = element("body", render_html(report), style="margin:2em")
    page = element("html", element("meta", charset="utf-8"), width, title, body, lang="en")
    return joined(Markup("<!doctype html>"), page, "\n")
