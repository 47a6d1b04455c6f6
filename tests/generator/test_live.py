"""The same calls in PyTorch and here, on fresh seeds and shapes: every bit, and every state byte.

A failure names the seed of its plan; put it in place of `_fresh()` to see it again.
"""

from __future__ import annotations

import copy
import math
import pickle
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

from tests.generator.replay import NumPySession  # noqa: E402
from tests.reference.record_random import Call, TorchSession, checksum  # noqa: E402
from tinygrad_edu import generator  # noqa: E402
from tinygrad_edu.generator import single_precision  # noqa: E402

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(
        not torch.__version__.startswith("2.13.0"),
        reason=f"the numbers are those of torch 2.13.0, this is {torch.__version__}",
    ),
    pytest.mark.skipif(
        not torch.backends.cpu.get_cpu_capability().startswith("AVX"),
        reason="PyTorch rounds differently on processors without AVX2 and FMA",
    ),
]

FLOATS = ["float32", "float64", "float16", "bfloat16"]
# Where a path ends: the normals' 16, the twister's 624 words, and their neighbours.
SIZES = [0, 1, 2, 3, 7, 8, 14, 15, 16, 17, 31, 32, 33, 311, 312, 313, 623, 624, 625, 1247, 1249]


def _fresh() -> int:
    return random.SystemRandom().getrandbits(32)


@pytest.fixture(autouse=True)
def _own_torch_state() -> Iterator[None]:
    with torch.random.fork_rng(devices=[]), generator.fork_rng():
        yield


def _size(rng: random.Random) -> int:
    return rng.choice(SIZES) if rng.random() < 0.7 else rng.randrange(5000)


def _shape(rng: random.Random) -> list[int]:
    return rng.choice([[_size(rng)], [rng.randrange(1, 9), rng.randrange(40)], [], [2, 3, 5]])


def _number(rng: random.Random) -> float:
    return rng.choice([0.0, 1.0, -1.0, rng.gauss(0, 1), rng.gauss(0, 1) * 10 ** rng.uniform(-9, 4)])


def _seed(rng: random.Random) -> int:
    known = [0, 1, 42, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, -1, -(2**63), 2**64 - 1]
    return rng.choice(known) if rng.random() < 0.2 else rng.getrandbits(64)


def _uniform(rng: random.Random) -> Call:
    low = _number(rng)
    high = rng.choice([-low, 0.0, low, low + 1, _number(rng), low + abs(_number(rng))])
    low, high = sorted((low, high))
    return Call("uniform_", (_shape(rng), low, high), {}, rng.choice(FLOATS))


def _normal(rng: random.Random) -> Call:
    std = abs(_number(rng))
    return Call("normal_", (_shape(rng), _number(rng), std), {}, rng.choice(FLOATS))


def _integer_range(rng: random.Random) -> tuple[int, int]:
    length = rng.choice([1, 2, 10, 1000, 2**28 - 1, 2**28, 2**28 + 1, 2**32, 2**40, 2**62])
    low = rng.choice([0, -1, 5, -(2**40), 2**61, -(2**62)])
    return low, low + length


def _small_range(rng: random.Random, dtype: str) -> Call:
    low = rng.randrange(-100 if dtype != "uint8" else 0, 100)
    high = rng.randrange(low + 1, 128)
    return Call("randint", (low, high, _shape(rng)), {}, dtype)


def _weights(rng: random.Random) -> Call:
    categories = rng.choice([1, 2, 3, 27, 100])
    rows = rng.choice([0, 1, 4])

    def row() -> list[float]:
        return [rng.random() + 0.01 for _ in range(categories)]

    p = row() if rows == 0 else [row() for _ in range(rows)]
    replacement = rng.random() < 0.5
    samples = rng.randrange(1, 40 if replacement else categories + 1)
    dtype = rng.choice(["float32", "float64"])
    # In float16 weights tie, and PyTorch leaves the order of ties open.
    if replacement and samples > 1:
        dtype = rng.choice([dtype, "float16"])
    return Call("multinomial", (p, samples, replacement), {}, dtype)


def _chances(rng: random.Random) -> list[float]:
    return [rng.choice([0.0, 1.0, rng.random()]) for _ in range(_size(rng))]


def _module(rng: random.Random) -> Call:
    a, b = rng.randrange(1, 70), rng.randrange(1, 70)
    bias = {"bias": rng.random() < 0.5}
    dtype = rng.choice(["float32", "float64"])
    name, args, kwargs = rng.choice(
        [
            ("Linear", (a, b), bias),
            ("Conv1d", (a, b, 3), bias),
            ("Conv2d", (2 * a, 2 * b, [3, 2]), {"groups": 2}),
            ("ConvTranspose2d", (2 * a, 2 * b, 2), {"groups": 2}),
            ("Embedding", (a, b), {}),
            ("LSTM", (a, b, 2), {"bidirectional": True, **bias}),
            ("GRU", (a, b, 2), bias),
            ("MultiheadAttention", (4 * a, 4), bias),
            ("TransformerEncoderLayer", (4 * a, 4, b), {}),
        ]
    )
    return Call(f"nn.{name}", args, kwargs, dtype)


def _initialiser(rng: random.Random) -> Call:
    shape = [rng.randrange(1, 40), rng.randrange(1, 40)] + rng.choice([[], [3], [2, 3]])
    dtype = rng.choice(["float32", "float64"])
    name, kwargs = rng.choice(
        [
            ("kaiming_uniform_", {"a": rng.random()}),
            ("kaiming_normal_", {"mode": "fan_out", "nonlinearity": "relu"}),
            ("xavier_uniform_", {"gain": rng.uniform(0.5, 2)}),
            ("xavier_normal_", {"gain": rng.uniform(0.5, 2)}),
            ("trunc_normal_", {"std": rng.uniform(0.01, 2)}),
        ]
    )
    return Call(f"nn.init.{name}", (shape,), kwargs, dtype)


def _loading(rng: random.Random) -> Call:
    n = rng.randrange(1, 200)
    own = {"generator_seed": rng.getrandbits(40)} if rng.random() < 0.5 else {}
    shuffle = rng.random() < 0.8
    loader = {"n": n, "batch_size": rng.randrange(1, 9), "shuffle": shuffle, "epochs": 2, **own}
    samples = {"num_samples": rng.randrange(1, 300)}
    return rng.choice(
        [
            Call("DataLoader", (), loader, "int64"),
            Call("RandomSampler", (n,), samples, "int64"),
            Call("RandomSampler", (n,), {"replacement": True, **samples}, "int64"),
            Call("SubsetRandomSampler", (n,), {}, "int64"),
            Call("random_split", (n + 9, [0.5, 0.3, 0.2]), {}, "int64"),
            Call("WeightedRandomSampler", ([rng.random() for _ in range(n)], n, True), {}, "int64"),
        ]
    )


def _others(rng: random.Random) -> Call:
    n, dtype = _size(rng) % 400, rng.choice(["float32", "float64", "float16", "bfloat16"])
    wide = rng.choice(["float32", "float64"])
    p = rng.uniform(0.01, 0.99)
    trials = [float(rng.choice([0, 1, 9, 40, 1000])) for _ in range(n)]
    concentrations = [rng.choice([0.0, 1.0, 10 ** rng.uniform(-1, 2)]) for _ in range(n)]
    rates = [rng.choice([0.0, 10.0, 10 ** rng.uniform(-2, 4)]) for _ in range(n)]
    means = [rng.gauss(0, 1) for _ in range(n)]
    spreads = [rng.random() for _ in range(n)]
    return rng.choice(
        [
            Call("exponential_", ([n], 10 ** rng.uniform(-2, 2)), {}, dtype),
            Call("cauchy_", ([n], rng.gauss(0, 1), rng.random() + 0.1), {}, dtype),
            Call("log_normal_", ([n], rng.gauss(0, 1), rng.random() + 0.1), {}, dtype),
            Call("geometric_", ([n], p), {}, rng.choice(["float32", "float64", "int64"])),
            Call("poisson", (rates,), {}, wide),
            Call("_standard_gamma", (concentrations,), {}, wide),
            Call("binomial", (trials, [rng.random() for _ in range(n)]), {}, wide),
            Call("normal", (means, spreads), {}, wide),
            Call("normal", (means, p), {}, wide),
            Call("normal", (p, spreads), {}, wide),
        ]
    )


def _dropping(rng: random.Random) -> Call:
    p = rng.choice([0.0, 1.0, 0.5, rng.random()])
    name = rng.choice(["dropout", "dropout", "alpha_dropout"])
    dtype = rng.choice(["float32", "float64", "float16"])
    order = rng.sample(range(3), 3)
    return rng.choice(
        [
            Call(name, (_shape(rng), p), {}, dtype),
            Call("dropout on permuted", ([3, 5, rng.randrange(1, 9)], order, p), {}, dtype),
            Call("dropout2d", ([2, 3, 4, 5], p), {}, dtype),
            Call("feature_alpha_dropout", ([2, 3, 4], p), {}, "float32"),
        ]
    )


KINDS: dict[str, list[Callable[[random.Random], Call]]] = {
    "rand": [lambda rng: Call("rand", (_shape(rng),), {}, rng.choice(FLOATS))],
    "uniform_": [_uniform],
    "randn": [lambda rng: Call("randn", (_shape(rng),), {}, rng.choice(FLOATS))],
    "normal_": [_normal],
    "integers": [
        lambda rng: Call("randint", (*_integer_range(rng), _shape(rng)), {}, "int64"),
        lambda rng: _small_range(rng, rng.choice(["int64", "int32", "int8", "uint8", "float32"])),
        lambda rng: Call(
            "random_",
            (_shape(rng),),
            {},
            rng.choice(["int64", "int32", "int16", "int8", "uint8", "bool", *FLOATS[:3]]),
        ),
        lambda rng: Call("random_", (_shape(rng), -(2**63), None), {}, "int64"),
        lambda rng: Call("random_", (_shape(rng), -7, None), {}, rng.choice(["int64", "float32"])),
        lambda rng: Call("randperm", (_size(rng),), {}, rng.choice(["int64", "int32", "float32"])),
    ],
    "bernoulli": [
        lambda rng: Call("bernoulli", (_chances(rng),), {}, rng.choice(FLOATS[:3])),
        lambda rng: Call("bernoulli_", (_shape(rng), rng.random()), {}, rng.choice(FLOATS[:3])),
        lambda rng: Call("bernoulli_", (_shape(rng), rng.random()), {}, "bool"),
    ],
    "multinomial": [_weights],
    "dropout": [_dropping],
    "other distributions": [_others],
    "initialisers": [_initialiser],
    "modules": [_module],
    "data loading": [_loading],
}
KINDS["everything"] = [make for kind in KINDS.values() for make in kind]


@pytest.mark.parametrize("kind", KINDS)
def test_fresh_streams(kind: str) -> None:
    plan_seed = _fresh()
    rng = random.Random(plan_seed)
    ours, theirs = NumPySession(), TorchSession()
    for _ in range(4):
        seed = _seed(rng)
        for session in (ours, theirs):
            session.seed(seed)
        for _ in range(25):
            call = rng.choice(KINDS[kind])(rng)
            where = f"plan {plan_seed}, seed {seed}: {call}"
            expected = theirs.perform(call)
            actual = ours.perform(call)
            assert sorted(actual) == sorted(expected), where
            for key, array in expected.items():
                assert actual[key].shape == array.shape, where
                assert actual[key].dtype == array.dtype, where
                differ = actual[key] != array
                assert checksum(actual[key]) == checksum(array), f"{where}: {differ.sum()} differ"
            assert np.array_equal(ours.state(), theirs.state()), f"{where}: the state differs"


def _view(rng: random.Random, dtype: Any) -> tuple[NDArray[Any], Any]:
    """The same random view of the same base, in NumPy and in PyTorch."""
    base = np.zeros([rng.randrange(1, 7) for _ in range(rng.randrange(1, 5))], dtype)
    x, t = base, torch.from_numpy(base.copy())
    for _ in range(rng.randrange(3)):
        if rng.random() < 0.5:
            order = rng.sample(range(x.ndim), x.ndim)
            x, t = x.transpose(order), t.permute(order)
        else:
            dim, step = rng.randrange(x.ndim), rng.randrange(1, 3)
            index = tuple([slice(None)] * dim + [slice(None, None, step)])
            x, t = x[index], t[index]
    return x, t


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_views_are_filled_in_memory_order(dtype: Any) -> None:
    plan_seed = _fresh()
    rng = random.Random(plan_seed)
    for _ in range(300):
        x, t = _view(rng, dtype)
        torch.manual_seed(plan_seed)
        generator.manual_seed(plan_seed)
        fill = rng.choice(["uniform_", "normal_", "bernoulli_", "exponential_", "log_normal_"])
        getattr(generator, fill)(x)
        getattr(t, fill)()
        where = f"plan {plan_seed}: {fill} into {x.shape}, strides {x.strides}"
        assert np.array_equal(x, t.numpy()), where
        assert np.array_equal(generator.get_rng_state(), torch.get_rng_state().numpy()), where
        p = rng.random()
        for ours, theirs in [
            (generator.rand_like(x), torch.rand_like(t)),
            (generator.randn_like(x), torch.randn_like(t)),
            (generator.bernoulli(x, p), torch.bernoulli(t, p)),
            (generator.bernoulli(np.multiply(p, 1, out=x)), torch.bernoulli(t.fill_(p))),
        ]:
            assert np.array_equal(ours, theirs.numpy()), where


def test_bernoulli_of_a_broadcast_array_and_of_a_view() -> None:
    rng = random.Random(plan_seed := _fresh())
    for _ in range(100):
        x, t = _view(rng, np.float32)
        p = np.random.default_rng(plan_seed).random(x.shape[-1:], np.float32)
        torch.manual_seed(plan_seed)
        generator.manual_seed(plan_seed)
        assert np.array_equal(generator.bernoulli_(x, p), t.bernoulli_(torch.from_numpy(p)).numpy())
        weights = np.random.default_rng(plan_seed).random((5, 3)).T
        ours = generator.multinomial(weights, 2)
        assert np.array_equal(ours, torch.multinomial(torch.from_numpy(weights), 2).numpy())


def test_dense_like_has_empty_likes_strides() -> None:
    rng = random.Random(plan_seed := _fresh())
    for _ in range(300):
        x, t = _view(rng, np.float32)
        if rng.random() < 0.5:
            place = rng.randrange(x.ndim + 1)
            t = t.unsqueeze(place)
            t = t.expand([5 if dim == place else size for dim, size in enumerate(t.shape)])
            # NumPy's own broadcasting forgets the strides of dimensions of size 1.
            strides = [stride * x.itemsize for stride in t.stride()]
            x = np.lib.stride_tricks.as_strided(x, tuple(t.shape), strides, writeable=False)
        ours, theirs = generator.dense_like(x), torch.empty_like(t)
        step = [stride // ours.itemsize for stride in ours.strides]
        where = f"plan {plan_seed}: {x.shape}, strides {x.strides}"
        visible = [dim for dim, size in enumerate(x.shape) if size > 1]
        assert [step[dim] for dim in visible] == [theirs.stride(dim) for dim in visible], where


def test_states_travel_both_ways() -> None:
    rng = random.Random(_fresh())
    for words in [0, 1, 3, 623, 624, 625, *(rng.randrange(5000) for _ in range(20))]:
        seed = _seed(rng)
        ours = generator.Generator().manual_seed(seed)
        theirs = torch.Generator().manual_seed(seed)
        generator.rand(words, generator=ours)
        torch.rand(words, generator=theirs)
        generator.randn(words % 2, generator=ours)
        torch.randn(words % 2, generator=theirs)
        assert ours.initial_seed() == theirs.initial_seed()
        assert np.array_equal(ours.get_state(), theirs.get_state().numpy())
        for copied in (
            generator.Generator().set_state(theirs.get_state().numpy()),
            copy.deepcopy(ours),
            pickle.loads(pickle.dumps(ours)),
        ):
            sent = torch.Generator()
            sent.set_state(torch.from_numpy(copied.get_state()))
            expected = torch.randn(5, generator=sent).numpy()
            assert np.array_equal(generator.randn(5, generator=copied), expected)
            expected = torch.randn(700, generator=sent).numpy()
            assert np.array_equal(generator.randn(700, generator=copied), expected)
        fresh = torch.Generator()
        assert np.array_equal(generator.Generator().get_state(), fresh.get_state().numpy())


def test_an_epoch_that_stops_early() -> None:
    for own in (False, True):
        seed = _fresh()
        torch.manual_seed(seed)
        generator.manual_seed(seed)
        theirs = torch.Generator().manual_seed(seed) if own else None
        ours = generator.Generator().manual_seed(seed) if own else None
        loader = torch.utils.data.DataLoader(range(20), shuffle=True, generator=theirs)
        for stop in (1, 7, 20):
            expected = [int(item) for _, item in zip(range(stop), loader)]
            generator.draw_base_seed(ours)
            # zip() asks its first iterator once more before it stops.
            order = generator.random_order(20, generator=ours)
            assert [item for _, item in zip(range(stop), order)] == expected
            assert np.array_equal(generator.get_rng_state(), torch.get_rng_state().numpy())
            if own:
                assert np.array_equal(ours.get_state(), theirs.get_state().numpy())


def test_a_sampler_with_replacement_that_stops_early() -> None:
    seed = _fresh()
    for stop in (1, 31, 32, 33, 100):
        theirs, ours = torch.Generator().manual_seed(seed), generator.Generator().manual_seed(seed)
        options = {"replacement": True, "num_samples": 100}
        sampler = torch.utils.data.RandomSampler(range(9), generator=theirs, **options)
        expected = [item for _, item in zip(range(stop), sampler)]
        order = generator.random_order(9, generator=ours, **options)
        assert [item for _, item in zip(range(stop), order)] == expected
        assert np.array_equal(ours.get_state(), theirs.get_state().numpy())


def test_dirichlet_but_for_the_order_of_its_sum() -> None:
    for dtype, tolerance in ((np.float32, 2e-7), (np.float64, 1e-15)):
        alpha = np.random.default_rng(_fresh()).uniform(0.05, 20, (40, 7)).astype(dtype)
        seed = _fresh()
        torch.manual_seed(seed)
        generator.manual_seed(seed)
        expected = torch._sample_dirichlet(torch.from_numpy(alpha)).numpy()
        np.testing.assert_allclose(generator.dirichlet(alpha), expected, rtol=tolerance)
        assert np.array_equal(generator.get_rng_state(), torch.get_rng_state().numpy())


def test_refusals_are_pytorchs() -> None:
    x, t = np.zeros(3, np.float32), torch.zeros(3)
    p, q = np.array([0.5, -0.5], np.float32), torch.tensor([0.5, -0.5])
    pairs: list[tuple[Callable[[], Any], Callable[[], Any]]] = [
        (lambda: generator.randint(5, 5, 3), lambda: torch.randint(5, 5, (3,))),
        (lambda: generator.uniform_(x, 2, 1), lambda: t.uniform_(2, 1)),
        (lambda: generator.normal_(x, 0, -1), lambda: t.normal_(0, -1)),
        (lambda: generator.exponential_(x, 0), lambda: t.exponential_(0)),
        (lambda: generator.cauchy_(x, 0, 0), lambda: t.cauchy_(0, 0)),
        (lambda: generator.log_normal_(x, 0, 0), lambda: t.log_normal_(0, 0)),
        (lambda: generator.geometric_(x, 1.5), lambda: t.geometric_(1.5)),
        (lambda: generator.bernoulli_(x, 1.5), lambda: t.bernoulli_(1.5)),
        (lambda: generator.bernoulli(p), lambda: torch.bernoulli(q)),
        (lambda: generator.poisson(p), lambda: torch.poisson(q)),
        (lambda: generator.multinomial(p, 1), lambda: torch.multinomial(q, 1)),
        (lambda: generator.multinomial(p, 2, True), lambda: torch.multinomial(q, 2, True)),
        (lambda: generator.multinomial(p * 0, 1), lambda: torch.multinomial(q * 0, 1)),
        (lambda: generator.multinomial(abs(p), 3), lambda: torch.multinomial(q.abs(), 3)),
        (lambda: generator.multinomial(abs(p), 0), lambda: torch.multinomial(q.abs(), 0)),
        (lambda: generator.rand(-1), lambda: torch.rand(-1)),
        (lambda: generator.randperm(-1), lambda: torch.randperm(-1)),
        (lambda: generator.rand(3, dtype=np.int64), lambda: torch.rand(3, dtype=torch.int64)),
        (lambda: generator.randint(0, 300, 3, dtype=np.uint8), lambda: t.byte().random_(0, 300)),
        (
            lambda: generator.randperm(300, dtype=np.int8),
            lambda: torch.randperm(300, dtype=torch.int8),
        ),
        (lambda: generator.dropout_noise(x, 1.5), lambda: torch.nn.functional.dropout(t, 1.5)),
        (lambda: generator.manual_seed(2**64), lambda: torch.manual_seed(2**64)),
        (
            lambda: generator.set_rng_state(np.zeros(10, np.uint8)),
            lambda: torch.set_rng_state(t.byte()),
        ),
        (lambda: generator.set_rng_state(x), lambda: torch.set_rng_state(t)),
        (
            lambda: generator.set_rng_state(np.zeros(5056, np.uint8)),
            lambda: torch.set_rng_state(torch.zeros(5056, dtype=torch.uint8)),
        ),
        (
            lambda: generator.random_split_order(9, [4, 4]),
            lambda: torch.utils.data.random_split(range(9), [4, 4]),
        ),
    ]
    before = generator.get_rng_state()
    for ours, theirs in pairs:
        with pytest.raises(Exception) as expected:  # noqa: PT011 - its type is what is compared
            theirs()
        with pytest.raises(expected.type) as actual:
            ours()
        assert actual.value.args[0], "a refusal says why"
    assert np.array_equal(generator.get_rng_state(), before)
    assert not x.any()


@pytest.mark.slow
@pytest.mark.parametrize("call", ["rand", "randn"])
def test_beyond_two_to_the_24(call: str) -> None:
    seed = _fresh()
    for n in (2**24 - 1, 2**24, 2**24 + 17):
        torch.manual_seed(seed)
        generator.manual_seed(seed)
        assert np.array_equal(getattr(generator, call)(n), getattr(torch, call)(n).numpy())
        assert np.array_equal(generator.get_rng_state(), torch.get_rng_state().numpy())


def _untempered(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The key that the twister turns into `words`: the tempering undone."""
    key = words ^ (words >> 18)
    key ^= (key << 15) & np.uint32(0xEFC60000)
    undone = key.copy()
    for _ in range(4):
        undone = key ^ ((undone << 7) & np.uint32(0x9D2C5680))
    key = undone.copy()
    for _ in range(2):
        key = undone ^ (key >> 11)
    return key


@pytest.mark.slow
def test_every_logarithm_and_every_angle() -> None:
    """All 2²⁴ radii (at angle 0) and all 2²⁴ angles (at radius 1), through PyTorch's randn."""
    every = np.arange(2**24, dtype=np.uint32)
    unit = every.astype(np.float32) * np.float32(2**-24)
    radius = np.sqrt(np.float32(-2) * single_precision.log(np.float32(1) - unit))
    sine, cosine = single_precision.sin_cos(np.float32(2 * math.pi) * unit)
    of_radius_one = np.nonzero(radius == 1)[0][0]
    zero = np.zeros_like(every)
    for radii, angles, cosines, sines in [
        (every, zero, radius, np.zeros_like(radius)),
        (np.full_like(every, of_radius_one), every, cosine, sine),
    ]:
        normals = _torch_normals(radii, angles)
        assert np.array_equal(normals[0], cosines + np.float32(0))
        assert np.array_equal(normals[1], sines + np.float32(0))


def _torch_normals(radii: NDArray[np.uint32], angles: NDArray[np.uint32]) -> NDArray[np.float32]:
    """(radius·cosine, radius·sine) of PyTorch's randn, from the words given, shape (2, n)."""
    blocks = 38  # of 16 words: what the 623 words before the next twist hold
    n = len(radii)
    rows = -(-n // (8 * blocks))
    words = np.zeros((2, rows * blocks * 8), np.uint32)
    words[:, :n] = radii, angles
    keys = np.zeros((rows, 624), "<u8")
    chosen = words.reshape(2, rows, blocks, 8).transpose(1, 2, 0, 3).reshape(rows, -1)
    keys[:, 1 : 1 + 16 * blocks] = _untempered(chosen)
    own = torch.Generator()
    state = own.get_state().numpy()
    state[8:12] = np.array([624], "<i4").view(np.uint8)  # left
    state[16:24] = np.array([1], "<u8").view(np.uint8)  # next
    made = np.empty((rows, 16 * blocks), np.float32)
    for key, row in zip(keys.view(np.uint8), made):
        state[24 : 24 + 624 * 8] = key
        own.set_state(torch.from_numpy(state))
        torch.randn(row.size, generator=own, out=torch.from_numpy(row))
    return made.reshape(rows, blocks, 2, 8).transpose(2, 0, 1, 3).reshape(2, -1)[:, :n]
