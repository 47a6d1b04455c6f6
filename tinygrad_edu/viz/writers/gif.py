"""The steps of a pass as an animated GIF: one frame per step, text and picture together."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..model import StepKind, View
from .render import TIMEOUT, render_png

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_FRAMES = 200
LONGEST_SIDE = 1400


def to_gif(
    view: View,
    *,
    kind: StepKind = "backward",
    seconds: float = 1.2,
    dark: bool = False,
    renderer: str | None = None,
    max_px: int = LONGEST_SIDE,
    timeout: float = TIMEOUT,
    progress: Callable[[int, int], None] | None = None,
) -> bytes:
    """An animated GIF of the steps, after one frame of the whole picture.

    Parameters
    ----------
    view
        A folded view with steps. A step whose card is folded lights nothing, so unfold first.
    kind
        Which pass.
    seconds
        How long each frame stands.
    dark
        The dark palette.
    renderer, timeout
        See `render.render_png`.
    max_px
        The longest side of a frame in pixels.
    progress
        Called with the number of frames done and of all.

    Raises
    ------
    ValueError
        There are no such steps, or more than 200.
    ImportError
        Pillow is missing; the message says how to get it.
    RenderError
        There is no Graphviz to draw the frames.
    """
    numbers: list[int | None] = [i for i, s in enumerate(view.steps) if s.kind == kind]
    if not numbers:
        raise ValueError(
            f"This view has no {kind} steps, so there is nothing to animate; record a backward "
            "pass first (viz.backward(loss))."
        )
    if len(numbers) > MOST_FRAMES:
        raise ValueError(
            f"{len(numbers)} steps make too long a GIF (at most {MOST_FRAMES}); animate a smaller "
            "graph, or save it as .html, which steps through any number."
        )
    image = _pillow()
    frames: list[Image] = []
    numbers = [None, *numbers]
    for done, step in enumerate(numbers):
        png = render_png(
            view, renderer=renderer, dark=dark, step=step, max_px=max_px, timeout=timeout
        )
        with image.open(io.BytesIO(png.data)) as frame:
            frames.append(frame.convert("RGB"))
        if progress is not None:
            progress(done + 1, len(numbers))
    return _assemble(frames, seconds)


def _assemble(frames: list[Image], seconds: float) -> bytes:
    """Frames of one size, on one palette, so that nothing flickers or jumps."""
    image = _pillow()
    width = max(f.width for f in frames)
    height = max(f.height for f in frames)
    ground = frames[0].getpixel((0, 0))
    canvases = []
    for f in frames:
        canvas = image.new("RGB", (width, height), ground)
        # The text grows upwards from the graph, whose lower left corner stands still.
        canvas.paste(f, (0, height - f.height))
        canvases.append(canvas)
    sample = image.new("RGB", (width, height * min(len(canvases), 4)))
    spread = [canvases[round(k * (len(canvases) - 1) / 3)] for k in range(4)]
    for k in range(min(len(canvases), 4)):
        sample.paste(spread[k], (0, k * height))
    palette = sample.quantize(colors=128, dither=image.Dither.NONE)
    indexed = [c.quantize(palette=palette, dither=image.Dither.NONE) for c in canvases]
    out = io.BytesIO()
    indexed[0].save(
        out,
        format="GIF",
        save_all=True,
        append_images=indexed[1:],
        duration=round(seconds * 1000),
        loop=0,
        disposal=1,
    )
    return out.getvalue()


def _pillow() -> Any:
    """Pillow's Image module, which matplotlib brings along."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(
            "An animated GIF needs Pillow; install it with pip install 'tinygrad-edu[viz]', or "
            "save as .html, which needs nothing."
        ) from error
    return Image
