"""Recurrent layers against PyTorch's, packed and padded, from a given state and from 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.nn.both import close
from tinygrad_edu.nn.utils import rnn as ours

torch = pytest.importorskip("torch")
theirs = torch.nn.utils.rnn

SETTINGS: list[dict[str, Any]] = [
    {},
    {"num_layers": 2},
    {"bidirectional": True},
    {"num_layers": 3, "bidirectional": True, "dropout": 0.4},
    {"bias": False, "num_layers": 2},
]


def arrays(rng: Any, *shapes: tuple[int, ...]) -> list[Any]:
    return [rng.standard_normal(s) for s in shapes]


def run(
    package: Any, room: Any, kind: str, settings: dict[str, Any], form: tuple[bool, ...]
) -> Any:
    """Outputs, final states and gradients of one pass, as arrays."""
    packed, batch_first, start = form
    rng = np.random.default_rng(0)
    package.manual_seed(1)
    layer = getattr(package.nn, kind)(
        5, 7, batch_first=batch_first, dtype=package.float64, **settings
    )
    x = package.tensor(rng.standard_normal((4, 6, 5) if batch_first else (6, 4, 5)))
    x.requires_grad_()
    rows = settings.get("num_layers", 1) * (2 if settings.get("bidirectional") else 1)
    widths = [settings.get("proj_size", 7), 7][: 2 if kind == "LSTM" else 1]
    state: Any = tuple(map(package.tensor, arrays(rng, *((rows, 4, n) for n in widths))))
    state = state if kind == "LSTM" else state[0]
    package.manual_seed(2)
    if packed:
        source = room.pack_padded_sequence(x, [3, 6, 1, 4], batch_first, enforce_sorted=False)
        y, final = layer(source, state if start else None)
        y, lengths = room.pad_packed_sequence(y, batch_first, padding_value=0.5, total_length=7)
        assert lengths.tolist() == [3, 6, 1, 4]
    else:
        y, final = layer(x, state if start else None)
    results = [y, *(final if isinstance(final, tuple) else (final,))]
    total = sum((r * package.tensor(rng.standard_normal(tuple(r.shape)))).sum() for r in results)
    total.backward()
    grads = [x.grad, *(p.grad for p in layer.parameters())]
    return [t.detach().numpy() for t in (*results, *grads)]


@pytest.mark.parametrize(
    "form", [(p, b, s) for p in (0, 1) for b in (0, 1) for s in (0, 1)], ids=str
)
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_layers(kind: str, settings: dict[str, Any], form: tuple[bool, ...]) -> None:
    form = tuple(map(bool, form))
    a, b = run(tg, ours, kind, settings, form), run(torch, theirs, kind, settings, form)
    for i, (p, q) in enumerate(zip(a, b, strict=True)):
        close(p, q, 1e-9, f"result {i}")


@pytest.mark.parametrize("packed", [False, True])
def test_projections(packed: bool) -> None:
    settings = {"proj_size": 3, "num_layers": 2, "bidirectional": True}
    a, b = (
        run(package, room, "LSTM", settings, (packed, False, True))
        for package, room in ((tg, ours), (torch, theirs))
    )
    for i, (p, q) in enumerate(zip(a, b, strict=True)):
        close(p, q, 1e-9, f"result {i}")


def test_packing() -> None:
    lengths = (3, 1, 4)
    mine = [tg.arange(float(n)).reshape(n, 1) for n in lengths]
    other = [torch.arange(float(n)).reshape(n, 1) for n in lengths]
    for first in (True, False):
        for side in ("left", "right"):
            a = ours.pad_sequence(mine, first, -1.0, side).numpy()
            b = theirs.pad_sequence(other, first, -1.0, side).numpy()
            close(a, b, 0, "pad_sequence")
    a, b = (
        room.pack_sequence(sequences, enforce_sorted=False)
        for room, sequences in ((ours, mine), (theirs, other))
    )
    for field in ("data", "batch_sizes", "sorted_indices", "unsorted_indices"):
        close(getattr(a, field).numpy(), getattr(b, field).numpy(), 0, field)
    for x, y in zip(ours.unpack_sequence(a), mine, strict=True):
        assert x.tolist() == y.tolist()


def test_weights_by_name_as_courses_initialise_them() -> None:
    layer = tg.nn.GRU(3, 2, num_layers=2, bidirectional=True)
    names = layer._flat_weights_names
    assert names[:4] == ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    assert names[-1] == "bias_hh_l1_reverse"
    for name in names:
        if "weight" in name:
            tg.nn.init.ones_(layer._parameters[name])
    held = dict(zip(names, layer._flat_weights, strict=True))
    assert bool((held["weight_hh_l1"] == 1).all())
    assert held["bias_ih_l0"] is layer.bias_ih_l0
