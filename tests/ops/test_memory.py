"""How tensors lie in memory, and what asks or changes that, beside PyTorch and alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg


def both(function: Any) -> tuple[Any, Any]:
    """The same expression here and in PyTorch."""
    torch = pytest.importorskip("torch")
    return function(tg), function(torch)


def test_views_share_a_storage() -> None:
    x = tg.arange(6.0).reshape(2, 3)
    assert x[1].storage_offset() == 3
    assert x.T.storage().data_ptr() == x.storage().data_ptr()
    assert x[1].storage().tolist() == [0, 1, 2, 3, 4, 5]
    assert x[1].data_ptr() - x.data_ptr() == 3 * x.element_size()
    x[1].storage()[0] = 9.0
    assert x[0, 0] == 9
    assert (len(x.storage()), x.storage().nbytes()) == (6, 24)
    assert repr(x.storage()).startswith(" 9.0\n 1.0\n")
    assert tg.is_storage(x.storage())


def test_resizing_keeps_the_memory_where_it_is_enough() -> None:
    x = tg.arange(6)
    first = x.data_ptr()
    x.resize_(2, 2)
    assert (x.tolist(), x.data_ptr()) == ([[0, 1], [2, 3]], first)
    x.resize_(3, 2)
    assert x.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert x.resize_(8).tolist()[:6] == [0, 1, 2, 3, 4, 5]
    with pytest.raises(RuntimeError, match="requires grad"):
        tg.ones(2, requires_grad=True).resize_(4)


def test_functions_of_entries() -> None:
    x = tg.tensor([1, 2, 3])
    assert x.apply_(lambda v: v * 2.5).tolist() == [2, 5, 7]
    y = tg.arange(3.0).map_(tg.tensor([10.0]), lambda a, b: a + b)
    assert y.tolist() == [10, 11, 12]
    with pytest.raises(RuntimeError, match="no derivative"):
        tg.ones(2, requires_grad=True).apply_(abs)


@pytest.mark.parametrize(("shape", "wrap"), [((3, 3), False), ((5, 2), True), ((2, 2, 2), False)])
def test_a_diagonal_is_filled_and_gets_no_gradient(shape: Any, wrap: bool) -> None:
    x = tg.ones(shape, requires_grad=True)
    y = x * 2
    y.fill_diagonal_(7.0, wrap=wrap)
    y.sum().backward()
    expected = np.full(shape, 2.0)
    np.fill_diagonal(expected, 7.0, wrap=wrap)
    np.testing.assert_array_equal(y.detach().numpy(), expected)
    np.testing.assert_array_equal(x.grad.numpy(), np.where(expected == 7, 0, 2))


def test_a_diagonal_needs_equal_sizes() -> None:
    with pytest.raises(RuntimeError, match="one size"):
        tg.ones(2, 3, 2).fill_diagonal_(0)


def test_comparisons_in_place() -> None:
    x = tg.tensor([1.0, 2.0, 3.0])
    assert x.ge_(2).tolist() == [0, 1, 1]
    assert x.dtype == tg.float32
    assert tg.tensor([1, 2]).eq_(tg.tensor([1, 3])).tolist() == [1, 0]


def test_what_kind_of_tensor_it_is() -> None:
    x = tg.ones(2, 2)
    assert (x.get_device(), tg.get_device(x)) == (-1, -1)
    assert x.is_signed()
    assert not tg.ones(1, dtype=tg.uint8).is_signed()
    assert x.is_same_size(tg.zeros(2, 2))
    kinds = (x.is_sparse, x.is_quantized, x.is_meta, x.is_mps, x.is_pinned(), x.is_neg())
    assert not any(kinds)
    assert x.real is x or x.real.tolist() == x.tolist()
    with pytest.raises(RuntimeError, match="imag is not implemented"):
        x.imag


def test_the_oldest_constructor() -> None:
    x = tg.ones(2, dtype=tg.float64)
    assert x.new(2, 3).shape == (2, 3)
    assert x.new([1, 2]).tolist() == [1.0, 2.0]
    assert x.new(x.size()).dtype == tg.float64
    assert x.new().numel() == 0


def test_memory_of_other_libraries() -> None:
    array = np.arange(4.0)
    x = tg.from_dlpack(array)
    array[0] = 9
    assert x[0] == 9
    assert np.from_dlpack(x)[0] == 9
    with pytest.raises(BufferError, match="detach"):
        np.from_dlpack(x.clone().requires_grad_())
    raw = bytearray(np.arange(4, dtype=np.int32).tobytes())
    y = tg.frombuffer(raw, dtype=tg.int32, count=2, offset=4)
    raw[4] = 7
    assert y.tolist() == [7, 2]
    with pytest.raises(ValueError, match="do not fit"):
        tg.frombuffer(raw, dtype=tg.int32, count=9)
    with pytest.raises(ValueError, match="whole number"):
        tg.frombuffer(raw, dtype=tg.float64, offset=4)


def test_greatest_common_divisors() -> None:
    a, b = tg.tensor([12, 18, 7]), tg.tensor([8])
    assert tg.gcd(a, b).tolist() == [4, 2, 1]
    assert a.clone().lcm_(b).tolist() == [24, 72, 56]


def test_coordinates_of_positions() -> None:
    rows, columns = tg.unravel_index(tg.tensor([-1, 4]), (2, 3))
    assert (rows.tolist(), columns.tolist()) == ([1, 1], [2, 1])
    with pytest.raises(ValueError, match="not within"):
        tg.unravel_index(tg.tensor([6]), (2, 3))
    with pytest.raises(ValueError, match="integer"):
        tg.unravel_index(tg.tensor([1.0]), (2, 3))


LIVE = {
    "narrow_copy": lambda t: t.arange(12.0).reshape(3, 4).narrow_copy(1, 1, 2),
    "unsafe_chunk": lambda t: t.unsafe_chunk(t.arange(7.0), 3)[1],
    "unsafe_split": lambda t: t.arange(7.0).unsafe_split(3)[2],
    "unsafe_split_with_sizes": lambda t: t.arange(7.0).unsafe_split_with_sizes([2, 5])[1],
    "adjoint": lambda t: t.arange(6.0).reshape(2, 3).adjoint(),
    "greater_": lambda t: t.arange(4.0).greater_(1.5),
    "less_equal_": lambda t: t.arange(4).less_equal_(2),
    "not_equal_": lambda t: t.arange(4).not_equal_(2),
    "bitwise_left_shift_": lambda t: t.arange(4).bitwise_left_shift_(2),
    "arctan2_": lambda t: t.ones(2).arctan2_(t.tensor([2.0, -1.0])),
    "divide_": lambda t: t.ones(2).divide_(3),
    "nextafter_": lambda t: t.ones(2).nextafter_(t.zeros(2)),
    "mvlgamma_": lambda t: t.full((2,), 3.0).mvlgamma_(2),
    "gcd_": lambda t: t.gcd_(t.tensor([12, 18]), t.tensor([8, 27])),
    "lcm": lambda t: t.lcm(t.tensor([12, -18], dtype=t.int32), t.tensor([8, 27])),
    "hardshrink": lambda t: t.linspace(-1, 1, 5).hardshrink(0.3),
    "prelu": lambda t: t.linspace(-1, 1, 5).prelu(t.tensor([0.25])),
    "ger": lambda t: t.arange(2.0).ger(t.arange(3.0)),
    "fill": lambda t: t.fill(t.ones(2), 3.0),
    "hann_window": lambda t: t.hann_window(7),
    "hann_window symmetric": lambda t: t.hann_window(7, False),
    "hamming_window": lambda t: t.hamming_window(6, False, 0.5, 0.4),
    "blackman_window": lambda t: t.blackman_window(9, dtype=t.float64),
    "bartlett_window": lambda t: t.bartlett_window(8),
    "kaiser_window": lambda t: t.kaiser_window(8, True, 5.0, dtype=t.float64),
    "a window of one": lambda t: t.kaiser_window(1),
    "a window of none": lambda t: t.hann_window(0),
    "unravel_index": lambda t: t.unravel_index(t.tensor([[3, -2], [1, 0]]), (2, 2))[1],
    "get_device": lambda t: t.tensor(t.ones(2).get_device()),
    "storage_offset": lambda t: t.tensor(t.ones(4, 5)[2:, 1:].storage_offset()),
}


@pytest.mark.torch
@pytest.mark.parametrize("name", LIVE)
def test_beside_pytorch(name: str) -> None:
    ours, theirs = both(LIVE[name])
    a, b = ours.numpy(), theirs.numpy()
    assert (a.shape, a.dtype) == (b.shape, b.dtype)
    np.testing.assert_allclose(a, b, rtol=1e-6, atol=2e-7)


def test_parts_of_complex_numbers() -> None:
    z = tg.from_numpy(np.array([1 + 2j, 3 - 1j]))
    assert z.real.tolist() == [1, 3]
    assert z.imag.tolist() == [2, -1]
    assert z.conj().tolist() == [1 - 2j, 3 + 1j]
    x = tg.ones(2, requires_grad=True)
    assert x.conj() is x
