"""Finding a renderer and running it.

In order: an explicit setting, `TINYGRAD_EDU_DOT`, `dot` on the PATH, `graphviz-pure` beside the
Python that runs or on the PATH. A renderer that fails or takes too long is never an error as long
as another can do the work: the picture then says in one sentence what happened.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ..model import View
from ..theme import ThemeName
from .dot import to_dot
from .layout import bare_dot, placed
from .svg import Pen

ENVIRONMENT = "TINYGRAD_EDU_DOT"
TIMEOUT = 30.0  # seconds
INSTALL = "pip install 'tinygrad-edu[viz]'"
NONE_HERE = "there is no Graphviz on this machine"
# Past this DOT text no engine answers in time, and reading the picture would be hopeless.
LARGEST_DOT = 40_000_000


@dataclass(frozen=True, slots=True)
class Renderer:
    """A program that lays out DOT."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Rendering:
    """A picture, what made it, and one sentence where it is not what was asked for."""

    data: bytes
    engine: str
    note: str = ""


class RenderError(RuntimeError):
    """No renderer could make what was asked for; the message says what to install."""


def find_renderers(setting: str | None = None) -> list[Renderer]:
    """Every renderer there is, in the order in which they are tried.

    Parameters
    ----------
    setting
        A program's name or path. Without it the environment variable `TINYGRAD_EDU_DOT` counts.

    Raises
    ------
    FileNotFoundError
        The setting names a program that does not exist.
    """
    wish = setting or os.environ.get(ENVIRONMENT, "")
    found: list[Renderer] = []
    if wish:
        path = shutil.which(wish)
        if path is None:
            where = "the setting" if setting else f"the environment variable {ENVIRONMENT}"
            raise FileNotFoundError(
                f"{where} names the renderer {wish!r}, which is not a program here; give the path "
                "of Graphviz's dot or of graphviz-pure, or leave it out."
            )
        found.append(Renderer(Path(path).stem, path))
    dot = shutil.which("dot")
    if dot:
        found.append(Renderer("dot", dot))
    beside = Path(sys.executable).parent
    pure = shutil.which("graphviz-pure", path=str(beside)) or shutil.which("graphviz-pure")
    if pure:
        found.append(Renderer("graphviz-pure", pure))
    return list(dict.fromkeys(found))


def run(renderer: Renderer, dot: str, arguments: list[str], timeout: float) -> bytes:
    """What `renderer` makes of `dot`.

    Raises
    ------
    RenderError
        It failed, took longer than `timeout` seconds, or could not be started.
    """
    try:
        done = subprocess.run(
            [renderer.path, *arguments],
            input=dot.encode("utf-8", "replace"),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RenderError(f"{renderer.name} took longer than {timeout:g} s") from error
    except OSError as error:
        raise RenderError(f"{renderer.name} could not be started ({error.strerror})") from error
    if done.returncode != 0 or not done.stdout:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise RenderError(f"{renderer.name} failed ({lines[0][:200]})")
    return done.stdout


def render_svg(
    view: View,
    *,
    renderer: str | None = None,
    theme: ThemeName = "auto",
    step: int | None = None,
    timeout: float = TIMEOUT,
    tighter: Callable[[], View] | None = None,
) -> Rendering:
    """The view as an SVG document in UTF-8.

    Parameters
    ----------
    view
        A folded view.
    renderer
        See `find_renderers`.
    theme
        "auto" follows the reader's `prefers-color-scheme`.
    step
        The number of the step to show.
    timeout
        Seconds that one renderer may take.
    tighter
        Makes the same picture with fewer cards; tried when the first is too much for every
        renderer.

    Raises
    ------
    RenderError
        There is no Graphviz, or all of them failed; the message says what to do.
    """
    troubles: list[str] = []
    engines = find_renderers(renderer)
    pictures: list[Callable[[], View]] = [lambda: view]
    if tighter is not None:
        pictures.append(tighter)
    for number, make in enumerate(pictures):
        picture = make()
        for engine in engines:
            note = _note(troubles, number > 0)
            shown = replace(picture, note=" ".join(filter(None, (picture.note, note))))
            try:
                data = _one_svg(engine, shown, theme, step, timeout)
            except RenderError as error:
                troubles.append(str(error))
                continue
            return Rendering(data.encode("utf-8"), engine.name, note)
    if not engines:
        raise RenderError(
            f"A picture needs Graphviz to place its cards, and {NONE_HERE}. Install it with "
            f"{INSTALL}, or save as .html, which brings its own."
        )
    raise RenderError(
        f"This picture of {len(view.cards)} cards could not be drawn: {'; '.join(troubles)}. "
        f"Fold it (a smaller max_nodes, or collapse=...), try another Graphviz ({INSTALL}), or "
        "save as .html, which brings its own."
    )


def _one_svg(
    engine: Renderer, view: View, theme: ThemeName, step: int | None, timeout: float
) -> str:
    pen = Pen(view, theme == "dark", step)
    sizes = pen.sizes()
    dot = bare_dot(view, sizes, pen.titles(), pen.labels())
    answer = run(engine, dot, ["-Tjson0"], timeout)
    try:
        layout = placed(answer, view, sizes)
    except (ValueError, KeyError) as error:
        raise RenderError(f"{engine.name} gave no places ({type(error).__name__})") from error
    return pen.document(layout, theme)


def _dot(view: View, dark: bool, step: int | None) -> str:
    text = to_dot(view, dark=dark, step=step)
    if len(text) > LARGEST_DOT:
        raise RenderError(f"{len(text) / 1e6:.0f} MB of DOT are more than an engine can lay out")
    return text


def _note(troubles: list[str], folded: bool) -> str:
    if not troubles:
        return ""
    tail = "; folded tighter" if folded else ""
    return f"Drawn another way because {troubles[-1]}{tail}."


def render_png(
    view: View,
    *,
    renderer: str | None = None,
    dark: bool = False,
    step: int | None = None,
    scale: float = 1.0,
    max_px: int = 8000,
    timeout: float = TIMEOUT,
) -> Rendering:
    """The view as a PNG of at most `max_px` pixels a side; `scale` 1 is 96 pixels an inch.

    The size is always capped: an engine asked for an unbounded picture may take all memory.

    Raises
    ------
    RenderError
        There is no Graphviz, or all of them failed; the message says what to do.
    ValueError
        `scale` or `max_px` is not positive.
    """
    if not scale > 0 or max_px < 1:
        raise ValueError(f"scale={scale} and max_px={max_px}: both must be positive.")
    dpi = 96 * scale
    side = max_px / dpi
    arguments = ["-Tpng", f"-Gdpi={dpi:g}", f"-Gsize={side:g},{side:g}"]
    troubles: list[str] = []
    for engine in find_renderers(renderer):
        try:
            data = run(engine, _dot(view, dark, step), arguments, timeout)
        except RenderError as error:
            troubles.append(str(error))
            continue
        return Rendering(data, engine.name, _note(troubles, False))
    why = "; ".join(troubles) or NONE_HERE
    raise RenderError(
        f"A PNG needs Graphviz, and {why}. Install it with {INSTALL}, or save as .html, which "
        "brings its own."
    )
