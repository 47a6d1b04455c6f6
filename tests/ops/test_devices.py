"""Devices, old constructors, and what a machine without a GPU answers."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.autograd import Variable


def test_a_script_that_chooses_a_device_runs() -> None:
    device = tg.device("cuda" if tg.cuda.is_available() else "cpu")
    model = tg.nn.Linear(2, 1).to(device)
    x = tg.ones(3, 2, device=device).to(device, tg.float32)
    assert model(x).device == device == tg.device("cpu")
    assert str(device) == "cpu"
    assert repr(tg.device("cuda", 1)) == "device(type='cuda', index=1)"
    assert tg.device("cuda:0") == tg.device("cuda", 0) != device
    assert pickle.loads(pickle.dumps(device)) == device == copy.deepcopy(device)
    with tg.device("cpu"):
        assert not tg.zeros(1).is_cuda
    tg.set_default_device(device)
    assert tg.get_default_device() == device


@pytest.mark.parametrize(
    "use",
    [
        lambda: tg.zeros(2, device="cuda"),
        lambda: tg.tensor([1.0], device="cuda:0"),
        lambda: tg.randn(2, device=tg.device("mps")),
        lambda: tg.ones(1).to("cuda"),
        lambda: tg.ones(1).to(0),
        lambda: tg.ones(1).cuda(),
        lambda: tg.nn.Linear(1, 1).to("cuda"),
        lambda: tg.set_default_device("cuda"),
        lambda: tg.as_tensor([1.0], device="cuda"),
    ],
)
def test_a_device_that_is_not_there_is_refused(use: Any) -> None:
    with pytest.raises(RuntimeError, match=r"no device .*is_available\(\)"):
        use()


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(RuntimeError, match="expected one of cpu, cuda"):
        tg.device("gpu")


def test_what_a_machine_without_a_gpu_answers() -> None:
    assert tg.cuda.device_count() == tg.cuda.max_memory_allocated() == 0
    for harmless in ("synchronize", "empty_cache", "reset_peak_memory_stats"):
        assert getattr(tg.cuda, harmless)() is None
    tg.cuda.manual_seed_all(0)
    for needs in ("current_device", "get_device_name", "Stream", "Event"):
        with pytest.raises(RuntimeError, match="needs a GPU"):
            getattr(tg.cuda, needs)()
    assert not tg.accelerator.is_available()
    assert tg.accelerator.current_accelerator() is None
    assert not tg.backends.mps.is_available()
    assert tg.backends.cudnn.version() is None
    tg.backends.cudnn.benchmark = True
    assert tg.backends.cudnn.benchmark is True
    with pytest.raises(AttributeError, match="no switch 'benchmrak'"):
        tg.backends.cudnn.benchmrak = True
    with pytest.raises(NotImplementedError, match="one process"):
        tg.distributed.init_process_group("nccl")


def test_mixed_precision_is_full_precision_and_says_so() -> None:
    w = tg.ones(2, requires_grad=True)
    optimizer = tg.optim.SGD([w], lr=0.1)
    scaler = tg.amp.GradScaler()
    with tg.autocast("cuda", dtype=tg.float16):
        loss = (w * 3).sum()
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    np.testing.assert_allclose(w.detach(), 0.7, rtol=1e-6)
    with pytest.warns(UserWarning, match="float32"):
        tg.autocast("cpu")


def test_compile_returns_what_it_was_given() -> None:
    model = tg.nn.Linear(2, 1)
    assert tg.compile(model) is model

    @tg.compile(mode="reduce-overhead")
    def double(x: Any) -> Any:
        return x * 2

    assert double(tg.ones(1)).item() == 2
    with pytest.raises(NotImplementedError, match="state_dict"):
        tg.jit.save(model, "model.pt")


def test_old_constructors() -> None:
    assert tg.FloatTensor(2, 3).shape == (2, 3)
    assert tg.FloatTensor([2, 3]).tolist() == [2.0, 3.0]
    assert tg.LongTensor([1.7, 2.2]).tolist() == [1, 2]
    assert tg.ByteTensor(np.array([3])).dtype == tg.uint8
    assert isinstance(tg.ones(2), tg.FloatTensor)
    assert not isinstance(tg.ones(2), tg.LongTensor)
    x = tg.ones(2)
    assert x.type() == "torch.FloatTensor"
    assert x.type(tg.LongTensor).type() == "torch.LongTensor"
    assert x.type("torch.DoubleTensor").dtype == tg.float64
    assert x.type(tg.int32).dtype == tg.int32
    with pytest.raises(ValueError, match="no such type"):
        x.type("torch.RealTensor")
    with pytest.raises(TypeError, match="takes sizes"):
        tg.FloatTensor(2, 3.5)
    assert tg.range(1, 3).tolist() == [1.0, 2.0, 3.0]


def test_variables_are_tensors() -> None:
    v = Variable(tg.ones(2), requires_grad=True)
    assert isinstance(v, Variable)
    assert isinstance(tg.ones(1), Variable)
    (v * 3).sum().backward()
    assert v.grad.data.tolist() == [3.0, 3.0]
    with pytest.raises(TypeError, match=r"torch.tensor\(…\)"):
        Variable([1.0])


def test_a_dtype_that_numpy_lacks_can_be_named_but_not_used() -> None:
    assert repr(tg.bfloat16) == "torch.bfloat16"
    for use in (
        lambda: tg.zeros(2, dtype=tg.bfloat16),
        lambda: tg.ones(2).to(tg.bfloat16),
        lambda: tg.nn.Linear(1, 1).to(tg.bfloat16),
    ):
        with pytest.raises(NotImplementedError, match="bfloat16: NumPy has no such type"):
            use()


def test_new_tensors_beside_one() -> None:
    x = tg.ones(2, dtype=tg.float64)
    assert x.new_zeros(2, 3).shape == (2, 3)
    assert x.new_zeros((2,)).dtype == x.new_ones(1).dtype == x.new_tensor([1]).dtype == tg.float64
    assert x.new_full((2,), 7, dtype=tg.int64).tolist() == [7, 7]
    assert x.new_tensor([[1, 2]], requires_grad=True).requires_grad


def test_rearranged_in_place() -> None:
    x = tg.arange(6.0).reshape(2, 3).clone()
    assert x.t_() is x
    assert x.shape == (3, 2)
    assert x.unsqueeze_(0).squeeze_(0).transpose_(0, 1).shape == (2, 3)
    base = tg.zeros(2, 3)
    view = base[0]
    view.unsqueeze_(0)
    view += 1
    assert base[0].tolist() == [1.0, 1.0, 1.0]
    w = tg.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"leaf that requires grad.*x = x.unsqueeze"):
        w.unsqueeze_(0)
    y = (w * 2).unsqueeze_(0)
    y.sum().backward()
    assert w.grad.tolist() == [2.0, 2.0, 2.0]


def test_tensors_are_filled_whatever_was_imported() -> None:
    """`x.normal_()` needs no name of `random` to have been used first."""
    import subprocess
    import sys

    code = "import tinygrad_edu as t; x = t.tensor([1.0]); x.uniform_(2, 3); assert 2 <= x < 3"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_functions_that_write_their_argument() -> None:
    x = tg.tensor([-1.0, 4.0])
    assert tg.relu_(x) is x
    assert x.tolist() == [0.0, 4.0]
    assert tg.nn.functional.leaky_relu_(tg.tensor([-1.0]), 0.5).item() == -0.5
    assert tg.sqrt_(x).tolist() == [0.0, 2.0]


def test_several_gpus_are_none() -> None:
    model = tg.nn.DataParallel(tg.nn.Linear(2, 1))
    assert list(model.state_dict()) == ["module.weight", "module.bias"]
    assert model(tg.ones(3, 2)).shape == (3, 1)
    with pytest.raises(NotImplementedError, match="one process"):
        tg.nn.parallel.DistributedDataParallel(model)


def test_queries() -> None:
    assert tg.is_tensor(tg.ones(1))
    assert not tg.is_tensor(np.ones(1))
    assert tg.numel(tg.ones(2, 3)) == 6
    assert tg.broadcast_shapes((2, 1), (3,)) == (2, 3)
    with pytest.raises(RuntimeError, match="do not fit"):
        tg.broadcast_shapes((2,), (3,))
    assert tg.typename(tg.ones(1)) == "torch.FloatTensor"
    assert tg.is_nonzero(tg.tensor(2))
    tg.set_num_threads(tg.get_num_threads())
    tg.set_float32_matmul_precision("high")
    with pytest.raises(RuntimeError, match="'highest', 'high' or 'medium'"):
        tg.set_float32_matmul_precision("most")


def test_a_gpu_that_scripts_look_after_is_missed_by_none() -> None:
    assert tg.cuda.get_rng_state_all() == []
    tg.cuda.set_rng_state_all([])
    tg.cuda.ipc_collect()
    assert issubclass(tg.cuda.OutOfMemoryError, RuntimeError)
    for call in (tg.cuda.get_device_capability, tg.cuda.mem_get_info, tg.cuda.current_stream):
        with pytest.raises(RuntimeError, match="needs a GPU"):
            call()
    with pytest.raises(RuntimeError, match="needs a GPU"):
        tg.cuda.set_rng_state_all([tg.get_rng_state()])


def test_ways_to_compute_attention() -> None:
    from tinygrad_edu.nn.attention import SDPBackend, sdpa_kernel

    x = tg.randn(1, 2, 3, 4)
    attend = tg.nn.functional.scaled_dot_product_attention
    with sdpa_kernel([SDPBackend.MATH, SDPBackend.FLASH_ATTENTION]):
        inside = attend(x, x, x)
    assert inside.equal(attend(x, x, x))
    with pytest.raises(TypeError, match="SDPBackend"), sdpa_kernel(["math"]):
        pass
