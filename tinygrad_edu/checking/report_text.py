"""A report as text: at most 25 lines of 88 columns, the cause before the table."""

from __future__ import annotations

import math
import textwrap

from .explanations import EXPLANATIONS, STATUS_MEANING
from .findings import Findings, NodeFinding, Row

__all__ = ["LINES", "WIDTH", "figures", "headline", "render", "render_explanation", "render_table"]

LINES = 25
WIDTH = 88
_HEAD = ("input", "shape", "worst", "analytic", "numeric", "rel.err", "resolution", "status")
_CAUSES = 3


def shape_text(shape: tuple[int, ...]) -> str:
    return "x".join(str(k) for k in shape) if shape else "scalar"


def index_text(index: tuple[int, ...] | None) -> str:
    if index is None:
        return "-"
    return "(" + ",".join(str(k) for k in index) + ")"


def headline(report: Findings) -> str:
    """The first line: verdict, count, cause."""
    total = len(report.rows)
    wrong = sum(row.status == "FAIL" for row in report.rows)
    how = f"({report.method}, seed {report.seed})" if report.method else f"(seed {report.seed})"
    parts = [f"GradReport {report.verdict}"]
    if wrong:
        parts.append(f"{wrong} of {total} gradients wrong")
    elif total:
        parts.append(f"{total} gradient{'s' if total > 1 else ''} checked")
    if report.culprits and report.of_graph:
        ops = len({(n.op, n.number) for n in report.culprits})
        parts[-1] += f"; cause: {ops} op{'s' if ops > 1 else ''}"
    line = "   ".join([*parts, how])
    return line if len(line) <= WIDTH else "  ".join([*parts, how.replace(" and ", ", ")])


def node_lines(node: NodeFinding) -> list[str]:
    """Two or three lines on one op: where it is, what is wrong, at which element."""
    number = f" #{node.number}" if node.number is not None else ""
    place = "   ".join(part for part in (node.location, node.source.strip()) if part)
    lines = [_cut(f"{node.op}{number}" + (f"   {place}" if place else ""))]
    which = node.input_name or (f"input {node.position}" if node.position is not None else "")
    about = f"d/d({which}): " if which else ""
    text = f"{about}{node.kind.upper()}   {node.message}" if node.kind else about + node.message
    if node.index is not None and node.analytic is not None and node.numeric is not None:
        # Some messages give the first wrong element themselves.
        if "first at" not in node.message:
            text += (
                f"   at {index_text(node.index)}: analytic {node.analytic:.6g}, "
                f"numeric {node.numeric:.6g}"
            )
    lines += textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")
    return lines


def render_table(report: Findings, limit: int | None) -> str:
    """The rows as an aligned table; with a limit the gravest rows are shown, in their own order."""
    rows = list(report.rows)
    left_out = 0
    if limit is not None and len(rows) > limit:
        gravest = sorted(range(len(rows)), key=lambda k: (_rank(rows[k]), k))[: max(limit - 1, 1)]
        left_out = len(rows) - len(gravest)
        rows = [rows[k] for k in sorted(gravest)]
    cells = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(_HEAD) - 1)]
    lines = []
    for line in cells:
        shown = [
            text.ljust(width) if k < 3 else text.rjust(width)
            for k, (text, width) in enumerate(zip(line, widths, strict=False))
        ]
        lines.append(_cut("  ".join([*shown, line[-1]]).rstrip()))
    if left_out:
        lines.append(f"… and {left_out} more (report.table() shows all)")
    return "\n".join(lines)


def _rank(row: Row) -> int:
    order = {"FAIL": 0, "INVALID": 1, "NONDETERMINISTIC": 2, "INCONCLUSIVE": 3, "PASS": 4}
    return order[row.status]


def figures(row: Row, digits: int, error_digits: int) -> tuple[str, str, str, str]:
    """Analytic, numeric, relative error and resolution; dashes where nothing was compared."""
    if row.index is None and math.isnan(row.resolution) and math.isnan(row.analytic):
        return "-", "-", "-", "-"
    return (
        f"{row.analytic:.{digits}e}",
        f"{row.numeric:.{digits}e}",
        f"{row.relative_error:.{error_digits}e}",
        f"{row.resolution:.{error_digits}e}",
    )


def _cells(row: Row) -> tuple[str, ...]:
    status: str = row.status if row.status != "PASS" else "pass"
    if row.note:
        status += f" ({row.note})"
    return (
        row.name if len(row.name) <= 20 else "…" + row.name[-19:],
        shape_text(row.shape),
        index_text(row.index),
        *figures(row, 1, 0),
        status,
    )


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


def render(report: Findings) -> str:
    """The report within 25 lines: headline, problems, causes, as much of the table as fits."""
    lines = [_cut(headline(report))]
    for problem in report.problems:
        lines += textwrap.wrap(problem, WIDTH, initial_indent="  ", subsequent_indent="    ")
    causes = report.culprits or report.nodes
    for number, node in enumerate(causes[:_CAUSES]):
        found = node_lines(node)
        if number == 0 and report.culprits and report.of_graph:
            found[0] = _cut(f"first wrong op   {found[0]}")
        lines += found
    if len(causes) > _CAUSES:
        lines.append(f"… and {len(causes) - _CAUSES} more in report.nodes")
    notes: list[str] = []
    for note in report.notes[:2]:
        notes += textwrap.wrap(f"note: {note}", WIDTH, subsequent_indent="  ")[:2]
    lines = lines[: LINES - 8]
    if report.rows:
        room = LINES - len(lines) - len(notes) - 1
        lines += render_table(report, limit=max(room - 1, 2)).split("\n")
    return "\n".join((lines + notes)[:LINES])


def render_explanation(report: Findings) -> str:
    """A page for a student: the verdict in words, then each mistake with what it means."""
    paragraphs = [f"{report.verdict}: {STATUS_MEANING[report.verdict]}"]
    paragraphs += report.problems
    seen: set[str] = set()
    for node in report.culprits:
        place = f" ({node.location})" if node.location else ""
        which = f" for its {node.input_name}" if node.input_name else ""
        paragraphs.append(f"{node.op}{place}: the gradient{which} is wrong: {node.message}.")
        if node.kind in EXPLANATIONS and node.kind not in seen:
            seen.add(node.kind)
            paragraphs.append(f"What that means ({node.kind}). {EXPLANATIONS[node.kind]}")
    downstream = [row.name for row in report.rows if row.note.startswith("downstream")]
    if downstream:
        paragraphs.append(
            f"The gradients of {', '.join(downstream)} are wrong only because they pass through it."
        )
    if report.rows:
        seen_error = max(row.resolution for row in report.rows)
        paragraphs.append(
            f"The coarsest comparison would have seen a relative error of {seen_error:.0e}."
        )
    paragraphs.append(f"To see this again: {report.reproduce()}")
    return "\n\n".join(textwrap.fill(p, WIDTH) for p in paragraphs)
