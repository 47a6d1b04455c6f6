"""What the draws promise besides their numbers: shapes, dtypes, memory order, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinygrad_edu import generator
from tinygrad_edu.generator.memory_order import stride_order
from tinygrad_edu.generator.uniforms import unit_float64, unit_stream


def _stream(seed: int = 0) -> generator.Generator:
    return generator.Generator().manual_seed(seed)


@pytest.mark.parametrize("draw", [generator.rand, generator.randn])
def test_a_shape_is_a_number_or_a_sequence(draw: Callable[..., NDArray[Any]]) -> None:
    for shape, expected in [(3, (3,)), ((2, 3), (2, 3)), ([2, 3], (2, 3)), ((), ())]:
        made = draw(shape, generator=_stream())
        assert made.shape == expected
        assert made.dtype == np.float32
    assert draw(np.int64(2), dtype=np.float64, generator=_stream()).dtype == np.float64
    with pytest.raises(TypeError, match=r"write \(2, 3\)"):
        draw((2.5,))
    with pytest.raises(RuntimeError, match=r"negative dimension -1: \[2, -1\]"):
        draw((2, -1))


def test_a_shape_is_a_reshape_of_the_flat_draw() -> None:
    for draw in (generator.rand, generator.randn):
        flat = draw(24, generator=_stream())
        assert np.array_equal(draw((2, 3, 4), generator=_stream()), flat.reshape(2, 3, 4))


def test_bfloat16_numbers_are_float32_arrays() -> None:
    for draw in (generator.rand, generator.randn):
        made = draw(50, dtype="bfloat16", generator=_stream())
        assert made.dtype == np.float32
        assert not (made.view(np.uint32) & 0xFFFF).any()


def test_filling_returns_the_array_itself() -> None:
    out = np.zeros((4, 5), np.float32)
    for fill in (
        generator.uniform_,
        generator.normal_,
        generator.exponential_,
        generator.cauchy_,
        generator.log_normal_,
        generator.bernoulli_,
    ):
        assert fill(out, generator=_stream()) is out
    assert generator.geometric_(out, 0.5, generator=_stream()) is out
    assert generator.random_(out, generator=_stream()) is out


def test_a_view_is_filled_as_its_base_would_be() -> None:
    base = generator.uniform_(np.empty((5, 7)), -1, 2, generator=_stream())
    view = generator.uniform_(np.empty((5, 7)).T, -1, 2, generator=_stream())
    assert np.array_equal(view, base.T)
    gaps = np.zeros((3, 8))
    generator.uniform_(gaps[:, ::2], -1, 2, generator=_stream())
    assert np.array_equal(gaps[:, ::2].ravel(), base.ravel()[:12])
    assert not gaps[:, 1::2].any()


def test_stride_order_keeps_a_broadcast_dimension_in_its_place() -> None:
    assert stride_order(np.empty((2, 3, 4))) == (0, 1, 2)
    assert stride_order(np.empty((2, 3, 4)).transpose(2, 0, 1)) == (1, 2, 0)
    assert stride_order(np.broadcast_to(np.empty((2, 1, 4)), (2, 3, 4))) == (0, 1, 2)
    assert stride_order(np.empty((2, 3, 4))[::-1, :, ::-1]) == (0, 1, 2)


def test_normals_depend_on_contiguity() -> None:
    plain = generator.normal_(np.empty((4, 8)), generator=_stream())
    view = generator.normal_(np.empty((8, 4)).T, generator=_stream())
    assert not np.array_equal(np.sort(plain, axis=None), np.sort(view, axis=None))
    one_by_one = _stream()
    singles = [generator.randn((), dtype=np.float64, generator=one_by_one) for _ in range(32)]
    assert np.array_equal(view.T.ravel(), singles)


@pytest.mark.parametrize(
    "fill",
    [
        lambda out: generator.uniform_(out, 2, 1),
        lambda out: generator.uniform_(out, -3e38, 3e38),
        lambda out: generator.uniform_(out, 0, float("nan")),
        lambda out: generator.normal_(out, 0, -1),
        lambda out: generator.normal_(out, 0, float("nan")),
        lambda out: generator.exponential_(out, 0),
        lambda out: generator.cauchy_(out, 0, -1),
        lambda out: generator.log_normal_(out, 0, -1),
        lambda out: generator.geometric_(out, 0),
        lambda out: generator.bernoulli_(out, 1.5),
        lambda out: generator.bernoulli_(out, np.full(3, 1.5)),
        lambda out: generator.random_(out, 5, 5),
        lambda out: generator.random_(out, 0, 2**24 + 2),
        lambda out: generator.multinomial(np.array([0.0, 0.0]), 1),
        lambda out: generator.multinomial(np.array([np.nan, 1.0]), 2, True),
        lambda out: generator.multinomial(np.ones((2, 2, 2)), 1),
        lambda out: generator.poisson(np.array([-1.0])),
        lambda out: generator.binomial(np.array([3.0]), np.array([1.5])),
        lambda out: generator.binomial(np.array([-3.0]), np.array([0.5])),
        lambda out: generator.binomial(np.array([3.0]), np.array([0.5], np.float32)),
        lambda out: generator.standard_gamma(np.array([-1.0])),
        lambda out: generator.standard_gamma(np.ones(2, np.float16)),
        lambda out: generator.dirichlet(np.array(1.0)),
        lambda out: generator.normal(np.zeros(2), np.array([1.0, -1.0])),
        lambda out: generator.normal(np.zeros(2), -1.0),
        lambda out: generator.rand(2, dtype=np.complex64),
        lambda out: generator.randint(0, 2, 3, dtype=np.uint64),
        lambda out: generator.feature_dropout_noise(out, 0.5),
    ],
)
def test_a_refused_call_draws_and_writes_nothing(fill: Callable[[Any], Any]) -> None:
    out = np.zeros(3, np.float32)
    before = generator.get_rng_state()
    with pytest.raises(RuntimeError) as refused:
        fill(out)
    assert len(str(refused.value)) > 20
    assert np.array_equal(generator.get_rng_state(), before)
    assert not out.any()


def test_what_cannot_be_written_is_refused_before_a_draw() -> None:
    before = generator.get_rng_state()
    frozen = np.zeros(3)
    frozen.flags.writeable = False
    shared = np.lib.stride_tricks.as_strided(np.zeros(1), (3,), (0,))
    for fill in (
        generator.uniform_,
        generator.normal_,
        generator.exponential_,
        generator.bernoulli_,
        generator.random_,
    ):
        with pytest.raises(RuntimeError, match="read-only; fill a copy"):
            fill(frozen)
        with pytest.raises(RuntimeError, match="single memory location"):
            fill(shared)
        with pytest.raises(TypeError, match=r"fills an array in place, got list"):
            fill([0.0])  # type: ignore[arg-type]
    assert np.array_equal(generator.get_rng_state(), before)


def test_normal_takes_a_shape_only_with_two_numbers() -> None:
    assert generator.normal(1.0, 0.0, (2, 3)).tolist() == [[1.0] * 3] * 2
    with pytest.raises(TypeError, match=r"write normal\(mean, std, \(2, 3\)\)"):
        generator.normal(1.0, 2.0)
    with pytest.raises(TypeError, match="leave it out"):
        generator.normal(np.zeros(3), 2.0, (3,))
    broadcast = generator.normal(np.zeros((3, 1)), np.ones(4, np.float32))
    assert (broadcast.shape, broadcast.dtype) == ((3, 4), np.float64)


def test_a_stream_of_uniforms_gives_back_what_it_drew_ahead() -> None:
    ours, expected = _stream(), _stream()
    with unit_stream(ours) as unit:
        drawn = [unit() for _ in range(300)]
    assert drawn == unit_float64(expected, 300).tolist()
    assert np.array_equal(ours.get_state(), expected.get_state())

    def interrupted() -> None:
        with unit_stream(ours) as unit:
            unit()
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    assert np.array_equal(ours.get_state(), expected.get_state())


def test_randint_and_randperm() -> None:
    assert set(generator.randint(-2, 3, 1000, generator=_stream()).tolist()) == {-2, -1, 0, 1, 2}
    assert generator.randint(0, 2, (2, 3), dtype=np.int32).dtype == np.int32
    assert sorted(generator.randperm(100, generator=_stream()).tolist()) == list(range(100))
    assert generator.randperm(5, dtype=np.int32).dtype == np.int32
    with pytest.raises(RuntimeError, match="write dtype=int64"):
        generator.randperm(130, dtype=np.int8)
    full = generator.random_(np.empty(1000, np.int64), -(2**63), generator=_stream())
    assert full.min() < -(2**62) < 2**62 < full.max()


def test_multinomial_shapes_and_support() -> None:
    p = np.array([[0.0, 1.0, 3.0], [1.0, 0.0, 0.0]])
    for samples, replacement in [(1, False), (1, True), (4, True)]:
        drawn = generator.multinomial(p, samples, replacement, generator=_stream())
        assert drawn.shape == (2, samples)
        assert drawn.dtype == np.int64
        assert np.all(p[[[0], [1]], drawn] > 0)
    order = generator.multinomial(np.ones(9), 9, generator=_stream())
    assert sorted(order.tolist()) == list(range(9))
    with pytest.raises(RuntimeError, match="write replacement=True"):
        generator.multinomial(np.ones(3), 4)


def test_dropout_noise_keeps_the_form_of_its_input() -> None:
    x = np.empty((3, 4, 5), np.float64).transpose(2, 0, 1)
    noise = generator.dropout_noise(x, 0.25, generator=_stream())
    assert (noise.shape, noise.strides, noise.dtype) == (x.shape, x.strides, x.dtype)
    assert set(np.unique(noise).tolist()) == {0.0, 1 / 0.75}
    before = generator.get_rng_state()
    assert np.all(generator.dropout_noise(x, 0.0) == 1)
    assert np.all(generator.dropout_noise(x, 1.0) == 0)
    assert np.array_equal(generator.get_rng_state(), before)
    assert generator.feature_dropout_noise(x, 0.5, generator=_stream()).shape == (5, 3, 1)
    with pytest.raises(ValueError, match=r"between 0 and 1, but got 1\.5"):
        generator.dropout_noise(x, 1.5)


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    x = generator.randn(200_000, dtype=np.float64, generator=_stream(3))
    scale, shift = generator.alpha_dropout_terms(x, 0.3, generator=_stream(4))
    y = x * scale + shift
    assert abs(y.mean()) < 0.01
    assert abs(y.var() - 1) < 0.01
    for p, expected in ((0.0, x), (1.0, x * 0)):
        scale, shift = generator.alpha_dropout_terms(x, p)
        assert (x * scale + shift).tobytes() == expected.tobytes()


def test_random_split_shares_out_the_remainder() -> None:
    assert generator.split_lengths(10, [0.5, 0.25, 0.25]) == [6, 2, 2]
    assert generator.split_lengths(7, [3, 4]) == [3, 4]
    assert generator.split_lengths(1, [1]) == [1]
    parts = generator.random_split_order(10, [7, 3], generator=_stream())
    assert [len(part) for part in parts] == [7, 3]
    assert sorted(parts[0] + parts[1]) == list(range(10))
    for lengths in ([4, 4], [0.5, 0.6], [1.5, -0.5]):
        with pytest.raises(ValueError, match=r"Sum of input lengths|Fraction at index"):
            generator.random_split_order(10, lengths)


def test_samplers_draw_when_they_are_asked() -> None:
    stream = _stream()
    before = stream.get_state()
    orders = [
        generator.random_order(5, generator=stream),
        generator.subset_random_order("abc", generator=stream),  # type: ignore[arg-type]
        generator.weighted_random_order([1.0, 2.0], 3, generator=stream),
    ]
    assert np.array_equal(stream.get_state(), before)
    assert sorted(orders[0]) == [0, 1, 2, 3, 4]
    assert sorted(orders[1]) == ["a", "b", "c"]
    assert not np.array_equal(stream.get_state(), before)
