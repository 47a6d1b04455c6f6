"""Names that are not built say what to use instead, and are not built."""

from __future__ import annotations

import importlib

import pytest

import tinygrad_edu as tg
from tinygrad_edu.torch_compat.advice import INSTEAD, advice

NAMES = {
    "fft": "numpy.fft",
    "view_as_complex": "two tensors",
    "complex": "two tensors",
    "sparse_coo_tensor": "dense",
    "sparse": "dense",
    "quantization": "round",
    "quantize_per_tensor": "round",
    "qint8": "round",
    "fx": "viz",
    "export": "viz",
    "symeig": "linalg.eigh",
    "lstsq": "tinygrad_edu.linalg",
    "mps": "CPU",
    "float8_e4m3fn": "float16",
    "nested": "pad_sequence",
    "squeeze_copy": r"squeeze\(…\).clone\(\)",
    "cudnn_convolution": "convolution of nn.functional",
    "FloatStorage": r"x.storage\(\)",
    "igamma": "scipy",
    "overrides": "autograd.Function",
    "nuclear_norm": "matrix_norm",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_the_package(name: str) -> None:
    with pytest.raises(AttributeError, match=NAMES[name]):
        getattr(tg, name)


@pytest.mark.parametrize(
    ("room", "name", "words"),
    [
        ("nn", "CrossMapLRN2d", "LocalResponseNorm"),
        ("nn", "FractionalMaxPool2d", "MaxPool2d"),
        ("nn", "quantized", "round"),
        ("nn", "NoSuchLayer", "lists what is"),
        ("optim", "Adafactor", "AdamW"),
        ("optim", "SparseAdam", "optim.Adam"),
        ("distributions", "Wishart", "log_prob"),
        ("distributions", "biject_to", "transforms"),
    ],
)
def test_a_name_of_a_room(room: str, name: str, words: str) -> None:
    with pytest.raises(AttributeError, match=words):
        getattr(getattr(tg, room), name)


def test_an_unknown_name_has_no_advice() -> None:
    assert advice("linnear") is None
    with pytest.raises(AttributeError, match="lists what is"):
        tg.linnear


def test_tensorboard_is_refused_in_words() -> None:
    with pytest.raises(ModuleNotFoundError, match="matplotlib"):
        importlib.import_module("tinygrad_edu.utils.tensorboard")


@pytest.mark.torch
def test_no_advice_is_given_for_what_is_built() -> None:
    """Every name that fits a pattern and is built is built under its own name, unharmed."""
    torch = pytest.importorskip("torch")
    known = [n for n in dir(torch) if n[0] != "_" and advice(n)]
    assert len(known) > 150
    assert all(words.count("{0}") <= 1 for _, words in INSTEAD)
    assert {"bmm", "linspace", "matmul"}.isdisjoint(known)
