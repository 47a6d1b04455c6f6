"""A report as HTML: a fragment for notebooks, a self-contained page for a file."""

from __future__ import annotations

from html import escape

from .findings import Findings
from .report_text import figures, headline, index_text, render_explanation, shape_text

__all__ = ["render_html", "render_page"]

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


def render_html(report: Findings) -> str:
    """A `<div>` with its own style; all text is escaped."""
    parts = [f'<div class="gradreport"><style>{_STYLE}</style>']
    rest = escape(headline(report).removeprefix(f"GradReport {report.verdict}").strip())
    parts.append(f'<h3><span class="verdict {report.verdict}">{report.verdict}</span> {rest}</h3>')
    parts += [f'<p class="cause">{escape(problem)}</p>' for problem in report.problems]
    for node in report.culprits:
        number = f" #{node.number}" if node.number is not None else ""
        place = escape("   ".join(p for p in (node.location, node.source.strip()) if p))
        which = f"d/d({escape(node.input_name)}): " if node.input_name else ""
        at = ""
        if node.index is not None and node.analytic is not None and node.numeric is not None:
            at = (
                f"<br>at {escape(index_text(node.index))}: analytic {node.analytic:.6g}, "
                f"numeric {node.numeric:.6g}"
            )
        parts.append(
            f'<div class="cause"><b>{escape(node.op)}{number}</b> <code>{place}</code><br>'
            f"{which}<b>{escape(node.kind)}</b>: {escape(node.message)}{at}</div>"
        )
    if report.rows:
        head = ("input", "shape", "worst", "analytic", "numeric", "rel. error", "resolution")
        parts.append("<table><tr>" + "".join(f"<th>{h}</th>" for h in (*head, "status")) + "</tr>")
        for row in report.rows:
            note = f" ({row.note})" if row.note else ""
            cells = (
                row.name,
                shape_text(row.shape),
                index_text(row.index),
                *figures(row, 4, 1),
                row.status + note,
            )
            body = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
            parts.append(f'<tr class="{row.status}">{body}</tr>')
        parts.append("</table>")
    parts += [f'<p class="note">{escape(note)}</p>' for note in report.notes]
    paragraphs = "".join(f"<p>{escape(p)}</p>" for p in render_explanation(report).split("\n\n"))
    parts.append(f"<details><summary>What this means</summary>{paragraphs}</details></div>")
    return "".join(parts)


def render_page(report: Findings) -> str:
    """A whole offline page."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Gradient check: {report.verdict}</title>"
        f'<body style="margin:2em">{render_html(report)}</body></html>\n'
    )
