"""Is the sweep right? The checker's own reverse sweep, from the same rules, against the engine's.

Rules may all be right and gradients still wrong: a tensor used twice gets one contribution instead
of the sum, one is added twice, or none arrives. The first tensor in backward order that differs is
named, with what was done to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..autograd.bundle import OUTPUT
from ..engine.backward import run_backward
from ..engine.node import Leaf, Node
from ..engine.sweep import sweep
from ..engine.traced import wrap
from ..numerics.sums import sum_to_size
from .differences import Array
from .graph_operation import NodeOperation
from .subject import Run, Subject

__all__ = ["EngineFault", "OwnSweep", "engine_gradients", "first_fault", "own_sweep"]


@dataclass
class OwnSweep:
    """The cotangent of every node, and what each consumer contributed to it.

    Attributes
    ----------
    cotangents : dict from Node to array
    contributions : dict from Node to list of (consumer, array)
    failed : dict from Node to str
        Rules that raised or answered in an impossible shape.
    """

    cotangents: dict[Node, Array] = field(default_factory=dict)
    contributions: dict[Node, list[tuple[Node, Array]]] = field(default_factory=dict)
    failed: dict[Node, str] = field(default_factory=dict)

    def differs_from(self, node: Node, g: Array | None) -> bool:
        """Is the gradient that the engine left at a leaf another one than this?"""
        mine = self.cotangents.get(node)
        if g is None or mine is None:
            return (g is None) != (mine is None)
        eps = float(np.finfo(g.dtype).eps)
        top = float(np.max(np.abs(mine), initial=0.0))
        return g.shape != mine.shape or bool(np.any(~(np.abs(g - mine) <= 1e3 * eps * top)))


@dataclass(frozen=True)
class EngineFault:
    """A tensor whose gradient the engine gets wrong although every rule is right."""

    node: Node
    kind: str
    message: str


def engine_gradients(
    subject: Subject, run: Run, cotangents: Sequence[Array]
) -> tuple[dict[Node, Array | None], str]:
    """What `backward` leaves at the leaves of a run; and what it raised, empty if nothing."""
    ys = [(y, v) for y, v in zip(run.outputs, cotangents, strict=True) if y._node is not None]
    trouble = ""
    for leaf in subject.leaves:
        leaf._node.grad = None
    if ys:
        try:
            run_backward(
                [y for y, _ in ys], [wrap(v.astype(y._data.dtype)) for y, v in ys], True, False
            )
        except Exception as problem:  # noqa: BLE001 - a foreign rule; told in the report
            trouble = f"{type(problem).__name__}: {problem}"
    found: dict[Node, Array | None] = {}
    for leaf in subject.leaves:
        g = leaf._node.grad
        found[leaf._node] = None if g is None else np.array(g._data)
        leaf._node.grad = None
    return found, trouble


def own_sweep(
    nodes: Sequence[Node],
    operations: Mapping[Node, NodeOperation],
    roots: Sequence[tuple[Node, Array]],
    values: Mapping[Node, Any] | None = None,
) -> OwnSweep:
    """Pull cotangents from the roots to the leaves by the rules.

    Parameters
    ----------
    nodes : sequence of Node
        Oldest first.
    operations : mapping
        Of every node that a gradient flows through.
    values : mapping, optional
        Values of nodes and leaves to use instead of the recorded ones (in float64).
    """
    found = OwnSweep()
    given = found.contributions
    short = values is None
    for node, v in roots:
        # In the recorded precision, so that it rounds as the engine rounds.
        given.setdefault(node, []).append((node, v.astype(node.dtype) if short else v))
    for node in reversed(nodes):
        pieces = given.get(node)
        if not pieces or not node.requires_grad:
            continue
        g = pieces[0][1]
        with np.errstate(all="ignore"):
            for _, piece in pieces[1:]:
                g = g + piece
        found.cotangents[node] = g
        if isinstance(node, Leaf):
            continue
        if node.primitive is OUTPUT:
            (parent,) = node.inputs
            given.setdefault(parent, []).append((node, _placed(node, g)))
            continue
        op = operations[node]
        inputs = op.inputs()
        if values is not None:
            inputs = [
                _value(values, node.inputs[k], x) for k, x in zip(op.places, inputs, strict=True)
            ]
        try:
            with np.errstate(all="ignore"):
                output = op.forward(inputs) if values is not None else _recorded(node)
                pulled = op.vjp(inputs, output, g)
        except Exception as problem:  # noqa: BLE001 - a foreign rule; told in the report
            found.failed[node] = f"{type(problem).__name__}: {problem}"
            continue
        for place in op.live:
            c = pulled[place]
            parent = node.inputs[op.places[place]]
            if c is None:
                continue
            if c.shape != parent.shape:
                try:
                    c = sum_to_size(c, parent.shape)
                except ValueError:
                    found.failed[node] = f"a gradient of shape {c.shape} for one of {parent.shape}"
                    continue
                if c.shape != parent.shape:
                    found.failed[node] = f"a gradient of shape {c.shape} for one of {parent.shape}"
                    continue
            if short and c.dtype != parent.dtype:
                c = c.astype(parent.dtype)
            given.setdefault(parent, []).append((node, c))
    return found


def _recorded(node: Node) -> Any:
    value = node.notes.value if node.notes is not None else None
    if isinstance(value, tuple):
        return np.concatenate([np.asarray(part, float).ravel() for part in value])
    return value


def _value(values: Mapping[Node, Any], parent: Any, recorded: Array) -> Array:
    if isinstance(parent, Node) and parent in values:
        return np.asarray(values[parent])
    return recorded.astype(float) if recorded.dtype.kind == "f" else recorded


def _placed(node: Node, g: Array) -> Array:
    """The cotangent of one of several outputs among those of all, laid end to end."""
    (parent,) = node.inputs
    sizes = [int(np.prod(shape)) for shape in parent.shape]
    index = node.params["index"]
    flat = np.zeros(sum(sizes))
    start = sum(sizes[:index])
    flat[start : start + sizes[index]] = g.ravel()
    return flat


def differs(engine: Array | None, own: Array | None, pieces: Sequence[Array], eps: float) -> bool:
    """More than rounding apart, by the size of what was added up."""
    if engine is None or own is None:
        given = own if engine is None else engine
        return given is not None and bool(np.any(given != 0))
    if engine.shape != own.shape:
        return True
    size = np.zeros(own.shape)
    for piece in pieces:
        size = size + np.abs(piece)
    top = float(np.max(size, initial=0.0, where=np.isfinite(size)))
    with np.errstate(invalid="ignore"):
        gap = np.abs(engine - own)
        # Rules that overflow or answer NaN do so in both sweeps.
        odd = ~np.isfinite(engine) & ~np.isfinite(own)
        return bool(np.any(~odd & ~(gap <= 256 * eps * (size + np.where(odd, 0.0, top)) + 1e-300)))


def first_fault(
    nodes: Sequence[Node],
    own: OwnSweep,
    roots: Sequence[tuple[Node, Array]],
    leaves: Mapping[Node, Array | None],
    label: Mapping[Node, str],
) -> EngineFault | None:
    """The first tensor in backward order that the engine's sweep gets wrong; None if it does not.

    Parameters
    ----------
    leaves : mapping
        The gradients that the engine left at leaves.
    label : mapping
        What to call nodes.
    """
    eps = {node: float(np.finfo(node.dtype).eps) for node in leaves}
    wrong = [
        node
        for node, g in leaves.items()
        if differs(
            g, own.cotangents.get(node), [c for _, c in own.contributions.get(node, [])], eps[node]
        )
    ]
    if not wrong:
        return None
    seen: dict[Node, Any] = {}
    sweep(
        [(node, v.astype(node.dtype)) for node, v in roots],
        retain_graph=True,
        observer=lambda node, g, _: seen.__setitem__(node, g),
    )
    for node in reversed(nodes):
        several = bool(node.shape) and isinstance(node.shape[0], tuple)
        if isinstance(node, Leaf) or not node.requires_grad or several:
            continue
        g, mine = seen.get(node), own.cotangents.get(node)
        pieces = [c for _, c in own.contributions.get(node, [])]
        if differs(g, mine, pieces, float(np.finfo(node.dtype).eps)):
            return _fault(node, g, own, label)
    return _fault(wrong[0], leaves[wrong[0]], own, label)


def _fault(node: Node, g: Array | None, own: OwnSweep, label: Mapping[Node, str]) -> EngineFault:
    mine = own.cotangents.get(node)
    pieces = own.contributions.get(node, [])
    name = label.get(node, "a tensor")
    if g is None:
        return EngineFault(node, "none", f"{name} gets no gradient at all")
    if mine is None:
        return EngineFault(node, "unexpected", f"{name} gets a gradient, and nothing leads to it")

    def close(other: Array) -> bool:
        size = float(np.max(np.abs(other), initial=0.0)) + float(np.max(np.abs(mine), initial=0.0))
        eps = float(np.finfo(g.dtype).eps)
        return other.shape == g.shape and bool(np.all(np.abs(g - other) <= 1e3 * eps * size))

    for k, (consumer, _) in enumerate(pieces):
        if len(pieces) < 2:
            break
        others = [c for i, (_, c) in enumerate(pieces) if i != k]
        rest = others[0]
        for c in others[1:]:
            rest = rest + c
        if close(rest):
            return EngineFault(
                node,
                "overwritten instead of accumulated" if len(pieces) == 2 else "contribution lost",
                f"the contribution of {label.get(consumer, '?')} to {name} is lost: it is used "
                f"{len(pieces)} times, and its gradient is the sum over all uses",
            )
    for consumer, c in pieces:
        if len(pieces) > 2 and close(c):
            return EngineFault(
                node,
                "overwritten instead of accumulated",
                f"{name} keeps the contribution of {label.get(consumer, '?')} alone; it is used "
                f"{len(pieces)} times, and its gradient is the sum over all uses",
            )
    if close(2 * mine):
        return EngineFault(
            node, "doubled", f"{name} gets twice its gradient: counted twice, or not reset before"
        )
    for consumer, c in pieces:
        if close(mine + c):
            return EngineFault(
                node,
                "doubled",
                f"the contribution of {label.get(consumer, '?')} to {name} counts twice",
            )
    if close(np.zeros_like(mine)):
        return EngineFault(node, "zero", f"the gradient of {name} is 0 everywhere")
    return EngineFault(
        node,
        "unclassified",
        f"the gradient of {name} is not the sum of what its {len(pieces)} "
        f"use{'s' if len(pieces) > 1 else ''} contribute{'' if len(pieces) > 1 else 's'}",
    )
