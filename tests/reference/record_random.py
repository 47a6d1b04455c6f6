"""Record what PyTorch's CPU generator gives, into `random.json` beside this file.

    python -m tests.reference.record_random

The file holds cases: a seed, then calls on the one stream that it starts. Of each call it keeps
what was called and checksums of what came:

* ``bits``: CRC-32 of all elements' little-endian bytes, row-major (of each one's, by name, where a
  call gives several arrays)
* ``state``: CRC-32 of the 5056 bytes of the generator's state afterwards, those of the cached
  normal zeroed, and ``normal``, the cached normal, if there is one
* ``ends``: for float64 numbers from the C library's log, sin and cos, which may differ in the last
  bit on another machine: the first and last 8 elements

Recorded with torch 2.13.0 on Linux x86-64 with AVX2 and FMA, glibc 2.36.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

PATH = Path(__file__).with_name("random.json")

_NORMAL_BYTES = slice(5024, 5032)


class Call(NamedTuple):
    """One call: PyTorch's name, arguments (arrays by their shape or as lists) and dtype."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}  # noqa: RUF012 - never changed
    dtype: str = "float32"


class Case(NamedTuple):
    """Calls on the stream that one seed starts."""

    name: str
    seed: int
    calls: list[Call]


Arrays = dict[str, NDArray[Any]]


def checksum(array: NDArray[Any]) -> int:
    """Return the CRC-32 of all elements in row-major order."""
    return zlib.crc32(np.ascontiguousarray(array).tobytes())


def ends(array: NDArray[Any]) -> list[float]:
    """Return the first and last 8 elements, or all 16 and fewer."""
    flat = array.reshape(-1).tolist()
    return flat if len(flat) <= 16 else flat[:8] + flat[-8:]


def state_record(state: NDArray[np.uint8]) -> dict[str, Any]:
    """Return the checksum of a generator's state, and its cached normal apart."""
    record: dict[str, Any] = {}
    normal = state[_NORMAL_BYTES].copy()
    if normal.any():
        record["normal"] = float(normal.view("<f8")[0])
    blanked = state.copy()
    blanked[_NORMAL_BYTES] = 0
    record["state"] = checksum(blanked)
    return record


_LIBM_CALLS = ("randn", "normal_", "exponential_", "kaiming_normal_", "xavier_normal_", "gumbel")


def depends_on_libm(call: Call) -> bool:
    """Whether the elements may differ in the last bit with another C library."""
    return call.dtype == "float64" and any(name in call.name for name in _LIBM_CALLS)


# ---------------------------------------------------------------------------------------- the plan

SEEDS = (0, 1, 42, 1337, 2**31 - 1, 2**32 - 1, 2**32)
SIZES = (1, 3, 15, 16, 17, 33, 1000, 100003)
WEIGHTS = [((37 * i) % 101 + 1) / 64 for i in range(50)]
MEANS = [i / 7 for i in range(40)]
DEVIATIONS = [0.1 + i / 11 for i in range(40)]


def _fills(name: str, argument_lists: list[list[Any]], dtype: str = "float32") -> list[Call]:
    return [Call(name, tuple(arguments), dtype=dtype) for arguments in argument_lists]


def _bounds(dtype: str) -> list[Call]:
    uniforms: list[list[Any]] = [
        [[7], -0.37, 1.91],
        [[1000], -0.1, 0.1],
        [[1000], 0.0, 0.3],
        [[1000], 100.0, 101.0],
        [[33], -5.0, -4.5],
        [[17], 1e-09, 1.0],
        [[5], 2.0, 2.0],
    ]
    normals: list[list[Any]] = [
        [[3], 1.5, 0.02],
        [[16], 1.5, 0.02],
        [[17], -100.0, 3.0],
        [[1000], 0.0, 0.02],
        [[100003], 1.5, 0.02],
        [[40], 0.25, 0.0],
    ]
    return _fills("uniform_", uniforms, dtype) + _fills("normal_", normals, dtype)


def _mixed() -> list[Call]:
    return [
        Call("randn", ([3],)),
        Call("rand", ([5],)),
        Call("randn", ([2, 2],), dtype="float64"),
        Call("randint", (0, 10, [7]), dtype="int64"),
        Call("randn", ([5, 8],)),
        Call("randn", ([1],)),
        Call("randperm", (10,), dtype="int64"),
        Call("bernoulli_", ([9], 0.25)),
        Call("rand", ([4],), dtype="float64"),
        Call("exponential_", ([3], 1.0)),
        Call("dropout", ([4, 5], 0.5)),
        Call("randn", ([17],)),
        Call("randn", ([2],)),
    ]


def _multinomials(dtype: str) -> list[Call]:
    rows = [[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1], [1.0, 2.0, 3.0, 4.0]]
    two = [(1, True), (1, False), (2, True), (2, False)]
    calls = [(rows, *how) for how in two]
    calls += [(WEIGHTS, *how) for how in two]
    calls += [([0.0, 0.25, 0.0, 0.75], *how) for how in two]
    calls += [(WEIGHTS, 50, True), (WEIGHTS, 50, False)]
    return [Call("multinomial", arguments, dtype=dtype) for arguments in calls]


def _initialisers(dtype: str) -> list[Call]:
    calls = []
    for shape in ([3, 4], [16, 33], [64, 3, 3, 3]):
        relu = {"mode": "fan_out", "nonlinearity": "relu"}
        options: list[tuple[str, dict[str, Any]]] = [
            ("kaiming_uniform_", {}),
            ("kaiming_uniform_", {"a": 5**0.5}),
            ("kaiming_uniform_", relu),
            ("kaiming_normal_", relu),
            ("xavier_uniform_", {"gain": 5 / 3}),
            ("xavier_normal_", {}),
        ]
        calls += [Call(f"nn.init.{name}", (shape,), kw, dtype) for name, kw in options]
    calls.append(Call("nn.init.normal_", ([5, 5], 0.0, 0.02), {}, dtype))
    calls.append(Call("nn.init.uniform_", ([5, 5], -0.05, 0.05), {}, dtype))
    return calls


def _loader(n: int, batch_size: int, epochs: int, shuffle: bool = True, **own: int) -> Call:
    kwargs = {"n": n, "batch_size": batch_size, "shuffle": shuffle, "epochs": epochs, **own}
    return Call("DataLoader", (), kwargs, "int64")


def _saved_states() -> list[Call]:
    return [
        Call("get_rng_state", ("fresh",)),
        Call("rand", ([1],)),
        Call("get_rng_state", ("one word",)),
        Call("randn", ([1],)),
        Call("get_rng_state", ("cached normal",)),
        Call("rand", ([619],)),
        Call("get_rng_state", ("exhausted block",)),
        Call("rand", ([5],)),
        Call("set_rng_state", ("cached normal",)),
        Call("randn", ([2],)),
        Call("set_rng_state", ("exhausted block",)),
        Call("rand", ([5],)),
        Call("set_rng_state", ("fresh",)),
        Call("rand", ([3],)),
    ]


def _modules(*calls: tuple[Any, ...] | Call) -> list[Call]:
    return [
        call if isinstance(call, Call) else Call(f"nn.{call[0]}", call[1], *call[2:])
        for call in calls
    ]


def _plan() -> list[Case]:
    raw = Call("random_", ([8], -(2**63), None), dtype="int64")
    cases = [
        Case("words and float32 uniforms", seed, [raw, *_fills("rand", [[[n]] for n in SIZES])])
        for seed in SEEDS
    ]
    cases += [
        Case("float32 normals on one stream", seed, _fills("randn", [[[n]] for n in SIZES]))
        for seed in SEEDS
    ]
    cases += [
        Case(f"float32 normals from a fresh seed, n = {n}", 42, [Call("randn", ([n],))])
        for n in SIZES
    ]
    for seed in (0, 2**32 - 1):
        calls = [Call(f, ([n],), dtype="float64") for f in ("rand", "randn") for n in SIZES]
        cases.append(Case("float64 uniforms and normals", seed, calls))
    for half in ("float16", "bfloat16"):
        calls = []
        for n in (1, 15, 16, 17, 33, 1000):
            calls.append(Call("rand", ([n],), dtype=half))
            calls.append(Call("uniform_", ([n], -0.37, 1.91), dtype=half))
            calls.append(Call("randn", ([n],), dtype=half))
        cases.append(Case(half, 42, calls))
    for dtype in ("float32", "float64"):
        cases.append(Case(f"bounds, mean and std: {dtype}", 1337, _bounds(dtype)))
    cases.append(
        Case(
            "views are filled in memory order",
            42,
            [
                Call("uniform_ on transposed", ([5, 7], -1.0, 1.0)),
                Call("normal_ on transposed", ([8, 5], 0.0, 1.0)),
                Call("normal_ on transposed", ([8, 5], 0.5, 2.0), dtype="float64"),
                Call("randn", ([3],)),
            ],
        )
    )
    cases += [Case("a mixed stream", seed, _mixed()) for seed in (0, 42, 2**32 - 1)]
    cases.append(
        Case(
            "the cached normal: kept by blocks, shared by dtypes, dropped by manual_seed",
            1,
            [
                Call("randn", ([1],)),
                Call("randn", ([40],)),
                Call("rand", ([3],)),
                Call("randn", ([1],), dtype="float64"),
                Call("normal_", ([1], 2.0, 0.5)),
                Call("normal_", ([3], -1.0, 3.0)),
                Call("randn", ([0],)),
                Call("rand", ([0],)),
                Call("manual_seed", (1,)),
                Call("randn", ([2],)),
            ],
        )
    )
    ranges = [(0, 2), (0, 10), (-5, 7), (0, 2**28 - 1), (0, 2**28), (0, 2**32)]
    ranges += [(-(2**40), 2**40), (0, 2**62)]
    integers = [Call("randint", (*r, [n]), dtype="int64") for n in (1, 5, 1000) for r in ranges]
    cases += [Case("randint around a range of 2**28", seed, integers) for seed in (1, 2**31 - 1)]
    names = ("int64", "int32", "int16", "int8", "uint8", "bool", "float32", "float64")
    calls = [Call("random_", ([33],), dtype=name) for name in names]
    calls += [Call("random_", ([33], 77), dtype="int64"), Call("random_", ([33], -3, 77))]
    cases.append(Case("random_ by dtype", 1337, calls))
    calls = [Call("randperm", (n,), dtype="int64") for n in (0, 1, 2, 3, 10, 1000, 100003)]
    cases += [Case("randperm", seed, calls) for seed in (0, 2**32)]
    exponentials = [[[1], 1.0], [[5], 2.5], [[1000], 1.0]]
    calls = _fills("exponential_", exponentials) + _fills("exponential_", exponentials, "float64")
    cases.append(Case("exponential_", 42, calls))
    for dtype in ("float32", "float64"):
        cases.append(Case(f"multinomial: {dtype}", 42, _multinomials(dtype)))
    chances = [round(0.05 * i, 2) for i in range(21)]
    calls = [
        Call("bernoulli", (chances,)),
        Call("bernoulli", (chances,), dtype="float64"),
        Call("bernoulli_", ([33], 0.3)),
        Call("bernoulli_", ([33], 0.3), dtype="float64"),
        *_fills("bernoulli_", [[[1000], 0.9], [[4], 0.0], [[4], 1.0]]),
    ]
    cases.append(Case("bernoulli of an array and of a number", 1, calls))
    dropouts: list[list[Any]] = [[[1], 0.5], [[33], 0.5], [[1000], 0.1], [[1000], 0.3]]
    dropouts += [[[100003], 0.2], [[10], 0.0], [[10], 1.0]]
    calls = [*_fills("dropout", dropouts), Call("dropout", ([1000], 0.3), dtype="float64")]
    calls.append(Call("rand", ([3],)))
    cases += [Case("dropout", seed, calls) for seed in (0, 1337)]
    cases.append(
        Case(
            "dropout's relatives",
            42,
            [
                Call("dropout on permuted", ([2, 3, 20], [2, 0, 1], 0.3)),
                Call("dropout on permuted", ([5, 4, 6], [1, 0, 2], 0.5)),
                Call("dropout2d", ([2, 3, 4, 5], 0.4)),
                Call("alpha_dropout", ([60], 0.2)),
                Call("gumbel_softmax", ([3, 4], 0.7), dtype="float64"),
                Call("feature_alpha_dropout", ([2, 3, 4], 0.4)),
                Call("dropout", ([50], 0.3), dtype="float16"),
            ],
        )
    )
    five = ([-1.0, 0.0, 0.5, 2.0, 3.5], [0.1, 0.7, 1.0, 2.3, 0.4])
    calls = [Call("normal", five), Call("normal", (MEANS, DEVIATIONS))]
    calls += [Call("normal", (MEANS, 0.3)), Call("normal", (0.3, DEVIATIONS))]
    cases.append(Case("normal with arrays, rounded twice", 42, calls))
    rates = [0.0, 0.5, 3.0, 9.9, 10.0, 25.0, 300.0]
    concentrations = [0.0, 0.1, 0.5, 0.99, 1.0, 2.5, 30.0]
    counts = [0.0, 5.0, 20.0, 20.0, 100.0, 100.0, 1000.0, 30.0, 30.0]
    successes = [0.5, 0.3, 0.5, 0.6, 0.01, 0.3, 0.9, 0.0, 1.0]
    cases.append(
        Case(
            "other distributions",
            42,
            [
                Call("geometric_", ([50], 0.3)),
                Call("cauchy_", ([50], 0.5, 2.0)),
                Call("log_normal_", ([50], 0.5, 0.7)),
                Call("poisson", (rates,)),
                Call("_standard_gamma", (concentrations * 5,)),
                Call("binomial", (counts * 5, successes * 5)),
            ],
        )
    )
    for dtype in ("float32", "float64"):
        cases.append(Case(f"nn.init: {dtype}", 0, _initialisers(dtype)))
    cases.append(
        Case(
            "nn.init: trunc_normal_, sparse_",
            42,
            [
                Call("nn.init.trunc_normal_", ([3, 4],)),
                Call("nn.init.trunc_normal_", ([64, 33],), {"std": 0.02}),
                Call("nn.init.trunc_normal_", ([64, 33],), {"std": 0.02, "a": -0.04, "b": 0.04}),
                Call("nn.init.trunc_normal_", ([9, 9],), {"a": 1.5, "b": 3.0}),
                Call("nn.init.sparse_", ([10, 7],), {"sparsity": 0.3}),
            ],
        )
    )
    groups = {"groups": 2}
    modules: dict[tuple[str, int], list[Call]] = {
        ("Linear", 0): _modules(
            ("Linear", (1, 1)),
            ("Linear", (2, 3)),
            ("Linear", (784, 128)),
            ("Linear", (128, 10)),
            ("Linear", (12, 7), {"bias": False}),
            ("Linear", (784, 16), {}, "float64"),
        ),
        ("Sequential", 1337): [
            Call("nn.Sequential(Linear,ReLU,Linear)", (784, 100, 10)),
            Call("nn.Sequential(Linear,ReLU,Linear)", (2, 16, 1)),
        ],
        ("Bilinear", 42): _modules(("Bilinear", (5, 3, 4))),
        ("Conv", 42): _modules(
            ("Conv1d", (4, 6, 3)),
            ("Conv2d", (1, 32, 3)),
            ("Conv2d", (4, 6, [3, 5]), groups),
            ("Conv2d", (3, 8, 1), {"bias": False}),
            ("Conv3d", (2, 3, [2, 3, 1])),
            ("ConvTranspose2d", (4, 6, [3, 2]), groups),
        ),
        ("Embedding", 1): _modules(
            ("Embedding", (37, 8)),
            ("Embedding", (10, 4), {"padding_idx": 3}),
            ("Embedding", (3, 2)),
            ("EmbeddingBag", (10, 4)),
        ),
        ("RNN, LSTM, GRU", 42): _modules(
            ("RNN", (5, 7)),
            ("LSTM", (5, 7, 2), {"bidirectional": True}),
            ("GRU", (5, 7, 2)),
            ("LSTM", (5, 7, 1), {"bias": False}),
            ("LSTM", (5, 7, 1), {"proj_size": 3}),
        ),
        ("RNNCell, LSTMCell, GRUCell", 42): _modules(
            ("RNNCell", (5, 7)), ("LSTMCell", (5, 7)), ("GRUCell", (5, 7))
        ),
        ("MultiheadAttention", 42): _modules(
            ("MultiheadAttention", (16, 4)),
            ("MultiheadAttention", (16, 4), {"bias": False}),
            ("MultiheadAttention", (16, 4), {"kdim": 6, "vdim": 9}),
            ("MultiheadAttention", (16, 4), {"add_bias_kv": True}),
        ),
        ("Transformer layers", 42): _modules(
            ("TransformerEncoderLayer", (16, 4, 32)), ("TransformerDecoderLayer", (16, 4, 32))
        ),
        ("modules that draw nothing", 42): _modules(
            ("BatchNorm1d", (4,)),
            ("LayerNorm", (4,)),
            ("GroupNorm", (2, 4)),
            Call("rand", ([2],)),
        ),
    }
    cases += [Case(name, seed, calls) for (name, seed), calls in modules.items()]
    calls = [_loader(101, 8, 3), _loader(101, 8, 1, shuffle=False), _loader(60000, 64, 1)]
    cases += [Case("DataLoader", seed, [*calls, Call("rand", ([2],))]) for seed in (0, 42)]
    cases.append(
        Case(
            "DataLoader with its own generator",
            1337,
            [
                _loader(53, 8, 3, generator_seed=7),
                _loader(56, 8, 2, generator_seed=2**32 - 1),
                Call("rand", ([2],)),
            ],
        )
    )
    six = [0.1, 0.9, 0.4, 0.7, 3.0, 0.6]
    cases.append(
        Case(
            "random_split and samplers",
            42,
            [
                Call("random_split", (101, [70, 31]), dtype="int64"),
                Call("random_split", (53, [0.5, 0.3, 0.2]), dtype="int64"),
                Call("RandomSampler", (53,), dtype="int64"),
                Call("RandomSampler", (53,), {"num_samples": 120}, "int64"),
                Call("RandomSampler", (53,), {"num_samples": 20}, "int64"),
                Call("RandomSampler", (53,), {"replacement": True, "num_samples": 70}, "int64"),
                Call("SubsetRandomSampler", (53,), dtype="int64"),
                Call("WeightedRandomSampler", (six, 20, True), dtype="int64"),
                Call("WeightedRandomSampler", (six, 5, False), dtype="int64"),
            ],
        )
    )
    cases += [Case("get_rng_state and set_rng_state", s, _saved_states()) for s in (0, 2**32)]
    script = _modules(("Linear", (784, 128)), ("Linear", (128, 10)))
    script += [Call("randn", ([64, 784],)), Call("randint", (0, 10, [64]), dtype="int64")]
    script += [_loader(64, 16, 1), *[Call("dropout", ([16, 128], 0.2))] * 2, _loader(64, 16, 1)]
    cases.append(Case("a training script: model, data, dropout, shuffled epochs", 1337, script))
    return cases


# ------------------------------------------------------------------------------- PyTorch's answers


class TorchSession:
    """Performs calls in PyTorch, on its default generator."""

    def __init__(self) -> None:
        import torch

        self.torch = torch
        self.saved: dict[str, Any] = {}

    def seed(self, seed: int) -> None:
        """Start the stream of `seed`."""
        self.torch.manual_seed(seed)

    def state(self) -> NDArray[np.uint8]:
        """Return the 5056 bytes of the generator's state."""
        return self.torch.get_rng_state().numpy().copy()

    def perform(self, call: Call) -> Arrays:
        """Return what the call gives: one array under "", or several by name."""
        torch = self.torch
        name, args, kwargs = call.name, call.args, dict(call.kwargs)
        dtype = getattr(torch, call.dtype)
        if name in ("get_rng_state", "set_rng_state", "manual_seed"):
            self._control(name, args[0])
            return {}
        if name == "DataLoader":
            return self._epochs(**kwargs)
        if name in ("random_split", *_SAMPLERS):
            return {"": np.array(self._indices(name, args, kwargs), np.int64)}
        if name.startswith("nn.init."):
            tensor = torch.empty(args[0], dtype=dtype)
            getattr(torch.nn.init, name[8:])(tensor, *args[1:], **kwargs)
        elif name.startswith("nn."):
            entries = self._module(name[3:], args, kwargs, dtype).state_dict()
            return {key: self._array(value) for key, value in entries.items()}
        else:
            tensor = self._tensor(name, args, kwargs, dtype)
        return {"": self._array(tensor)}

    def _array(self, tensor: Any) -> NDArray[Any]:
        if tensor.dtype is self.torch.bfloat16:
            tensor = tensor.contiguous().view(self.torch.int16)
        return tensor.detach().numpy()

    def _control(self, name: str, argument: Any) -> None:
        if name == "manual_seed":
            self.torch.manual_seed(argument)
        elif name == "get_rng_state":
            self.saved[argument] = self.torch.get_rng_state()
        else:
            self.torch.set_rng_state(self.saved[argument])

    def _ramp(self, shape: list[int], dtype: Any) -> Any:
        n = int(np.prod(shape))
        return ((self.torch.arange(n) - n // 2) / 8).reshape(shape).to(dtype)

    def _tensor(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], dtype: Any) -> Any:
        torch, F = self.torch, self.torch.nn.functional
        if name in ("rand", "randn", "randint", "randperm"):
            return getattr(torch, name)(*args, **kwargs, dtype=dtype)
        if name in ("bernoulli", "poisson", "multinomial", "_standard_gamma"):
            return getattr(torch, name)(torch.tensor(args[0], dtype=dtype), *args[1:], **kwargs)
        if name in ("normal", "binomial", "_sample_dirichlet"):
            lists = [torch.tensor(a, dtype=dtype) if isinstance(a, list) else a for a in args]
            return getattr(torch, name)(*lists)
        if name == "gumbel_softmax":
            return F.gumbel_softmax(self._ramp(args[0], dtype), tau=args[1])
        if name == "dropout on permuted":
            return F.dropout(self._ramp(args[0], dtype).permute(args[1]), args[2])
        if "dropout" in name:
            return getattr(F, name)(self._ramp(args[0], dtype), args[1], training=True)
        name, _, view = name.partition(" on ")
        tensor = torch.empty(args[0], dtype=dtype)
        tensor = tensor.t() if view else tensor
        return getattr(tensor, name)(*args[1:], **kwargs)

    def _module(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], dtype: Any) -> Any:
        nn = self.torch.nn
        if name == "Sequential(Linear,ReLU,Linear)":
            inputs, hidden, outputs = args
            return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))
        positional = [tuple(a) if isinstance(a, list) else a for a in args]
        return getattr(nn, name)(*positional, **kwargs, dtype=dtype)

    def _epochs(
        self, n: int, batch_size: int, shuffle: bool, epochs: int, generator_seed: int | None = None
    ) -> Arrays:
        torch = self.torch
        own = None
        if generator_seed is not None:
            own = torch.Generator().manual_seed(generator_seed)
        loader = torch.utils.data.DataLoader(
            range(n), batch_size=batch_size, shuffle=shuffle, generator=own
        )
        result = {
            f"epoch {epoch}": torch.cat([*loader]).to(torch.int64).numpy()
            for epoch in range(epochs)
        }
        if own is not None:
            result["generator state"] = own.get_state().numpy()
        return result

    def _indices(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[int]:
        data = self.torch.utils.data
        if name == "random_split":
            n, lengths = args
            return [i for part in data.random_split(range(n), lengths) for i in part.indices]
        if name == "WeightedRandomSampler":
            return list(data.WeightedRandomSampler(*args))
        return list(getattr(data, name)(range(args[0]), **kwargs))


_SAMPLERS = ("RandomSampler", "SubsetRandomSampler", "WeightedRandomSampler")


def _only(record: dict[str, int]) -> Any:
    return record[""] if list(record) == [""] else record


def record(plan: Callable[[], list[Case]] = _plan) -> list[dict[str, Any]]:
    """Return the cases of the plan with PyTorch's answers."""
    session = TorchSession()
    recorded = []
    for case in plan():
        session.seed(case.seed)
        calls = []
        for call in case.calls:
            arrays = session.perform(call)
            entry = {k: v for k, v in call._asdict().items() if v or k == "name"}
            if arrays:
                entry["bits"] = _only({key: checksum(array) for key, array in arrays.items()})
            if depends_on_libm(call):
                entry["ends"] = ends(arrays[""])
            calls.append(entry | state_record(session.state()))
        recorded.append({"name": case.name, "seed": case.seed, "calls": calls})
    return recorded


def main() -> None:
    """Write the file, one call a line."""
    text = []
    for case in record():
        calls = ",\n  ".join(json.dumps(call) for call in case["calls"])
        name = json.dumps(case["name"])
        text.append(f'{{"name": {name}, "seed": {case["seed"]}, "calls": [\n  {calls}]}}')
    PATH.write_text("[\n" + ",\n".join(text) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
