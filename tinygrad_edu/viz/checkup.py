"""Which renderers there are, and whether they work: `viz.doctor()`."""

from __future__ import annotations

import importlib.util
import subprocess
from dataclasses import dataclass

from tinygrad_edu.viz.model import Card, Edge, Summary, View
from tinygrad_edu.viz.render import RenderError, find_renderers, render_png, render_svg


@dataclass(frozen=True)
class Finding:
    """One thing that was tried."""

    name: str
    works: bool
    words: str


@dataclass(frozen=True)
class Checkup:
    """What `viz.doctor()` found; prints as a few lines."""

    findings: tuple[Finding, ...]

    @property
    def well(self) -> bool:
        """Whether pictures can be drawn."""
        return any(f.works for f in self.findings)

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
        where = renderer.path or renderer.name
        try:
            size = len(render_svg(view, renderer=where).data)
            words = f"{_version(renderer.path)}draws SVG ({size:,} bytes)"
            if renderer.path is not None:
                words += f" and PNG ({len(render_png(view, renderer=where).data):,} bytes)"
            findings.append(Finding(where, True, words))
        except RenderError as error:
            findings.append(Finding(where, False, str(error)))
    for module, what in (("graphviz", "DOT text"), ("PIL", "animated GIFs")):
        there = importlib.util.find_spec(module) is not None
        advice = "installed" if there else "pip install 'tinygrad-edu[viz]'"
        findings.append(Finding(f"{module} (for {what})", there, advice))
    return Checkup(tuple(findings))


def _version(path: str | None) -> str:
    if path is None:
        return "needs nothing, "
    try:
        done = subprocess.run([path, "-V"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"version unknown ({error}), "
    lines = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    return f"{lines[0]}, " if lines else ""
