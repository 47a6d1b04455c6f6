"""PyTorch's paths to modules and names: what a script imports from is there."""

from __future__ import annotations

import importlib
import pkgutil

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
    "nn.modules.pixelshuffle": "PixelShuffle",
    "nn.modules.upsampling": "Upsample",
    "nn.parallel": "DataParallel",
    "nn.parameter": "Parameter",
    "nn.utils": "clip_grad_norm_",
    "nn.utils.clip_grad": "clip_grad_norm_",
    "nn.utils.convert_parameters": "parameters_to_vector",
    "nn.utils.prune": "l1_unstructured",
    "nn.utils.rnn": "pack_padded_sequence",
    "optim.adadelta": "Adadelta",
    "optim.adam": "Adam",
    "optim.adamw": "AdamW",
    "optim.asgd": "ASGD",
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


@pytest.mark.torch
@pytest.mark.parametrize(
    "package", ["nn.modules", "nn.utils", "optim", "distributions", "utils.data", "cuda.amp"]
)
def test_pytorchs_addresses_hold_what_pytorch_keeps_there(package: str) -> None:
    """Every file of PyTorch's whose names are built can be imported from, and is where they are."""
    pytest.importorskip("torch")
    theirs = importlib.import_module(f"torch.{package}")
    ours = importlib.import_module(f"tinygrad_edu.{package}")
    face = ours if package != "cuda.amp" else tg
    for entry in pkgutil.iter_modules(theirs.__path__):
        if entry.name.startswith("_"):
            continue
        file = importlib.import_module(f"torch.{package}.{entry.name}")
        classes = [n for n in getattr(file, "__all__", ()) if n[0].isupper()]
        for name in classes:
            if hasattr(face, name):
                found = importlib.import_module(f"tinygrad_edu.{package}.{entry.name}")
                assert getattr(found, name) is getattr(face, name), f"{package}.{entry.name}.{name}"


def test_classes_to_inherit_from_are_where_scripts_find_them() -> None:
    from tinygrad_edu.nn.modules.batchnorm import _BatchNorm
    from tinygrad_edu.nn.modules.conv import _ConvNd
    from tinygrad_edu.nn.modules.dropout import _DropoutNd
    from tinygrad_edu.nn.modules.loss import _Loss, _WeightedLoss

    assert isinstance(tg.nn.BatchNorm2d(3), _BatchNorm)
    assert isinstance(tg.nn.Conv2d(1, 2, 3), _ConvNd)
    assert isinstance(tg.nn.Dropout2d(), _DropoutNd)
    assert issubclass(tg.nn.CrossEntropyLoss, _WeightedLoss)
    assert issubclass(tg.nn.CosineEmbeddingLoss, _Loss)


def test_one_number_for_all_dimensions() -> None:
    from tinygrad_edu.nn.modules.utils import _pair, _single, _triple

    assert _pair(3) == (3, 3)
    assert _pair([1, 2]) == (1, 2)
    assert (_single(2), _triple((1, 2, 3))) == ((2,), (1, 2, 3))


def test_a_prefix_is_taken_off_saved_keys() -> None:
    from tinygrad_edu.nn.modules.utils import consume_prefix_in_state_dict_if_present

    inner = tg.nn.Linear(2, 3)
    state = tg.nn.DataParallel(inner).state_dict()
    consume_prefix_in_state_dict_if_present(state, "module.")
    assert list(state) == list(inner.state_dict())


def test_an_address_holds_nothing_that_is_not_built() -> None:
    with pytest.raises(AttributeError, match="not built"):
        tg.nn.modules.loss.NoSuchLoss
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("tinygrad_edu.nn.modules.nothing")


def test_types_and_version() -> None:
    from tinygrad_edu.types import Device, Number, _size

    assert isinstance(2.5, Number)
    assert tg.Size in _size.__args__
    assert tg.device in Device.__args__
    assert tg.version.cuda is None
    assert tg.version.__version__ == tg.__version__


def test_addresses_of_older_scripts() -> None:
    from tinygrad_edu.nn.common_types import _size_2_t
    from tinygrad_edu.utils.dlpack import from_dlpack

    from tinygrad_edu.utils import model_zoo

    assert isinstance(3, _size_2_t.__args__[0])
    assert from_dlpack is tg.from_dlpack
    with pytest.raises(NotImplementedError, match="load them"):
        model_zoo.load_url("https://example.org/resnet.pth")


def test_switches_set_for_a_block_are_set_back() -> None:
    cudnn = tg.backends.cudnn
    before = (cudnn.allow_tf32, cudnn.benchmark)
    with cudnn.flags(allow_tf32=not before[0], benchmark=not before[1]):
        assert (cudnn.allow_tf32, cudnn.benchmark) == (not before[0], not before[1])
    assert (cudnn.allow_tf32, cudnn.benchmark) == before
    with pytest.raises(AttributeError, match="speed"), cudnn.flags(speed=11):
        pass
