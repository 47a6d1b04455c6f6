"""Tensors print as PyTorch prints them: recorded texts, and what `format` makes of them."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.tensors import printing

FILE = Path(__file__).parents[1] / "reference" / "printing.json"
CASES = json.loads(FILE.read_text(encoding="utf-8"))["cases"]


@pytest.fixture(autouse=True)
def default_options() -> Iterator[None]:
    """The options as they were, whatever a test sets."""
    yield
    printing.set_printoptions(profile="default")


@pytest.mark.parametrize(("options", "expression", "expected"), CASES)
def test_as_recorded(options: dict[str, Any], expression: str, expected: str) -> None:
    printing.set_printoptions(**options)
    assert repr(eval(expression, {"torch": tg})) == expected


def test_str_is_repr() -> None:
    t = tg.arange(3.0)
    assert str(t) == repr(t) == f"{t}"


@pytest.mark.parametrize("spec", [".4f", ".2e", "8.3f", ""])
def test_format_of_a_scalar(spec: str) -> None:
    assert format(tg.tensor(2.5), spec) == format(2.5, spec)


def test_format_of_more_refuses() -> None:
    with pytest.raises(TypeError, match="use \\.item"):
        f"{tg.ones(2):.4f}"


def test_printing_changes_nothing() -> None:
    t = tg.arange(3.0).requires_grad_()
    y = t * 2
    node = y._node
    repr(y)
    assert y._node is node
    np.testing.assert_array_equal(y.detach().numpy(), [0, 2, 4])


LAYERS = {
    "MseLoss": lambda x: tg.nn.MSELoss()(x, x.detach()),
    "NllLoss": lambda x: tg.nn.CrossEntropyLoss()(x, tg.tensor([0, 1])),
    "Addmm": tg.nn.Linear(4, 2),
    "Mm": tg.nn.Linear(4, 2, bias=False),
    "View": lambda x: tg.nn.Linear(4, 2)(x.unsqueeze(0)),
    "UnsafeView": lambda x: tg.nn.Linear(4, 2, bias=False)(x.unsqueeze(0)),
    "Relu": tg.nn.ReLU(),
    "Softmax": tg.nn.Softmax(1),
    "LogSoftmax": tg.nn.LogSoftmax(1),
    "Convolution": lambda x: tg.nn.Conv1d(2, 1, 2)(x.unsqueeze(0)),
    "NativeLayerNorm": tg.nn.LayerNorm(4),
    "NativeBatchNorm": tg.nn.BatchNorm1d(4),
    "Embedding": lambda x: tg.nn.Embedding(3, 2)(tg.tensor([1])),
    "MaxPool2DWithIndices": lambda x: tg.nn.MaxPool2d(2)(x.unsqueeze(0)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_what_a_layer_puts_out_goes_by_the_function(name: str) -> None:
    out = LAYERS[name](tg.arange(8.0).reshape(2, 4).requires_grad_())
    assert f"grad_fn=<{name}Backward0>" in repr(out)


def test_a_layer_of_the_user_lends_no_name() -> None:
    class Linear(tg.nn.Module):
        def forward(self, x: tg.Tensor) -> tg.Tensor:
            return x + 1

    assert "grad_fn=<AddBackward0>" in repr(Linear()(tg.ones(2, requires_grad=True)))


def test_a_number_over_a_tensor_goes_by_its_last_step() -> None:
    assert "MulBackward0" in repr(1 / tg.ones(2, requires_grad=True))


@pytest.mark.parametrize("name", ["max", "min", "sort", "median", "mode", "cummax", "nanmedian"])
def test_two_results_print_under_the_name_of_the_function(name: str) -> None:
    x = tg.tensor([[1.0, 2.0], [3.0, 2.0]])
    values, indices = result = getattr(x, name)(1)
    assert repr(result) == (f"torch.return_types.{name}(\nvalues={values!r},\nindices={indices!r})")
    assert result.values is values
    again = pickle.loads(pickle.dumps(result))
    assert repr(again) == repr(result)


def test_what_a_recurrent_layer_puts_out() -> None:
    x = tg.ones(4, 5, 3)
    outputs, state = tg.nn.GRU(3, 2)(x)
    assert "<StackBackward0>" in repr(outputs)
    assert "<StackBackward0>" in repr(state)
    assert "<TransposeBackward1>" in repr(tg.nn.RNN(3, 2, batch_first=True)(x)[0])
    assert "<MkldnnRnnLayerBackward0>" in repr(tg.nn.LSTM(3, 2)(x)[0])
    assert "<CatBackward0>" in repr(tg.nn.LSTM(3, 2, bidirectional=True)(x)[0])
