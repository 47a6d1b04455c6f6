"""The gallery's pictures are drawn, show what they claim to, and are the ones in the repository."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


def gallery() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_gallery", DOCS / "make_gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_gallery"] = module
    spec.loader.exec_module(module)
    return module


GALLERY = gallery()
EXPECTED = {
    "xor": ("fc1.weight", "X @ fc1.weight.T", "mse_loss", "bwd 9"),
    "xor_step": ("1 cotangent", "6 broadcast", "finite differences agree"),
    "xor_after_step": ("changed by SGD.step",),
    "neuron": ("b.grad = 0.379",),
    "mlp": ("gradient, root mean square", "cross_entropy"),
    "square": ("5 added", "g * b"),
    "tanh3": ("order 1", "order 2", "order 3", "d y/d x", "d3 y/d x3"),
    "jacobian": ("dy/dx", "[0.225 -0.16 -0.065]"),
    "diff": ("- gone", "axis=-1, keepdims=True -"),
    "nan": ("NaN starts here", "NaN 1/4"),
    "rnn": ("step \N{MULTIPLICATION SIGN} 197", "197 uses", "! vanishing"),
    "transformer2": ("blocks.1", "Block", "boxes folded"),
    "transformer2_attention": ("softmax", "exp", "div"),
    "transformer12": ("Block \N{MULTIPLICATION SIGN} 11",),
}


@pytest.mark.parametrize("picture", GALLERY.PICTURES, ids=lambda p: p.name)
def test_picture(picture: Any) -> None:
    if picture.suffix == ".gif":
        trace = picture.make()
        assert trace.to_gif().startswith(b"GIF89a")
        assert EXPECTED[picture.name][0] in trace.to_text()
        return
    svg = picture.make().to_svg()
    text = svg.replace("&#45;", "-").replace("&#215;", "\N{MULTIPLICATION SIGN}")
    text = text.replace("\N{NO-BREAK SPACE}", " ").replace("&#160;", " ")
    for words in EXPECTED[picture.name]:
        assert words in text, words


def test_page_and_pictures_are_in_the_repository() -> None:
    assert (DOCS / "gallery.md").read_text(encoding="utf-8") == GALLERY.page(GALLERY.PICTURES)
    files = {p.name for p in (DOCS / "gallery").iterdir()}
    assert files == {p.name + p.suffix for p in GALLERY.PICTURES}
    assert {p.name for p in GALLERY.PICTURES} == set(EXPECTED)


def test_only_the_origin_of_nan_is_marked_as_one() -> None:
    picture = next(p for p in GALLERY.PICTURES if p.name == "nan").make()
    marked = [c.op for c in picture.find("starts here")]
    assert marked == ["log"]


def test_masks_of_minus_infinity_are_no_alarm() -> None:
    assert GALLERY.transformer(2).find("starts here") == []
