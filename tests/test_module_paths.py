"""PyTorch's paths to modules and names: what a script imports from is there."""

from __future__ import annotations

import importlib

import pytest

import tinygrad_edu as tg

PLACES = {
    "autograd.function": "Function",
    "autograd.functional": "jacobian",
    "autograd.graph": "saved_tensors_hooks",
    "backends.cudnn": "benchmark",
    "distributions.normal": "Normal",
    "nn.functional": "relu",
    "nn.init": "xavier_uniform_",
    "nn.modules": "Conv2d",
    "nn.modules.activation": "MultiheadAttention",
    "nn.modules.batchnorm": "BatchNorm2d",
    "nn.modules.loss": "CrossEntropyLoss",
    "nn.modules.module": "Module",
    "nn.parallel": "DataParallel",
    "nn.parameter": "Parameter",
    "nn.utils": "clip_grad_norm_",
    "nn.utils.prune": "l1_unstructured",
    "nn.utils.rnn": "pack_padded_sequence",
    "optim.adam": "Adam",
    "optim.lr_scheduler": "StepLR",
    "optim.optimizer": "Optimizer",
    "optim.sgd": "SGD",
    "utils.data": "DataLoader",
    "utils.data.dataloader": "DataLoader",
    "utils.data.dataset": "Dataset",
    "utils.data.sampler": "SubsetRandomSampler",
}


@pytest.mark.parametrize("path", PLACES)
def test_a_name_can_be_imported_from_where_pytorch_has_it(path: str) -> None:
    found = getattr(importlib.import_module(f"tinygrad_edu.{path}"), PLACES[path])
    walked = tg
    for part in path.split("."):
        walked = getattr(walked, part)
    assert getattr(walked, PLACES[path]) is found


def test_one_object_whatever_the_path() -> None:
    from tinygrad_edu.nn.modules.conv import Conv2d
    from tinygrad_edu.nn.modules.rnn import LSTMCell

    assert Conv2d is tg.nn.Conv2d is tg.nn.modules.conv.Conv2d
    assert LSTMCell is tg.nn.LSTMCell


def test_a_backend_can_be_imported_and_switched() -> None:
    import tinygrad_edu.backends.cudnn as cudnn

    assert cudnn is tg.backends.cudnn
    assert not cudnn.is_available()


def test_a_hundred_bins_unless_told() -> None:
    counts, edges = tg.histogram(tg.linspace(0, 1, 500))
    assert counts.tolist() == [5.0] * 100
    assert edges.shape == (101,)
