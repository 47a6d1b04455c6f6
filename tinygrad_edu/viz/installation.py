"""Which renderers there are, and whether they work: `viz.doctor()`."""

from __future__ import annotations

import importlib.util
import subprocess
from dataclasses import dataclass

from .model import Card, Edge, Summary, View
from .writers.render import INSTALL, RenderError, find_renderers, render_png, render_svg


@dataclass(frozen=True)
class Finding:
    """One thing that was tried."""

    name: str
    works: bool
    words: str


@dataclass(frozen=True)
class Checkup:
    """What `viz.doctor()` found; prints as a few lines.

    Attributes
    ----------
    well : bool
        Whether pictures can be drawn.
    """

    findings: tuple[Finding, ...]
    well: bool

    def __str__(self) -> str:
        return "\n".join(
            f"{'ok  ' if f.works else 'none'} {f.name}: {f.words}" for f in self.findings
        )

    __repr__ = __str__


def doctor() -> Checkup:
    """Find every renderer, draw a tiny graph with each, and say what works."""
    cards = (
        Card(0, "input", role="input", name="x", value=Summary(text="1")),
        Card(1, "tanh", value=Summary(text="0.762")),
    )
    view = View("a tiny graph", cards, (Edge(0, 1, "x"),))
    findings = []
    for renderer in find_renderers():
        where = renderer.path
        try:
            svg, png = (len(draw(view, renderer=where).data) for draw in (render_svg, render_png))
            words = f"{_version(where)}draws SVG ({svg:,} bytes) and PNG ({png:,} bytes)"
            findings.append(Finding(where, True, words))
        except RenderError as error:
            findings.append(Finding(where, False, str(error)))
    well = any(f.works for f in findings)
    if not findings:
        findings.append(Finding("Graphviz (for SVG and PNG)", False, INSTALL))
    for module, what in (("graphviz", "DOT text"), ("PIL", "animated GIFs")):
        there = importlib.util.find_spec(module) is not None
        advice = "installed" if there else INSTALL
        findings.append(Finding(f"{module} (for {what})", there, advice))
    return Checkup(tuple(findings), well)


def _version(path: str) -> str:
    try:
        done = subprocess.run([path, "-V"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"version unknown ({error}), "
    lines = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    return f"{lines[0]}, " if lines else ""
