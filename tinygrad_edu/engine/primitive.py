"""The table of primitives: one declaration per op holds all that is known of it.

    primitive(np.multiply, a=lambda g, b: g * b, b=lambda g, a: g * a, samples=[...])

The keyword is the input differentiated. The names a rule takes say exactly what it needs, and only
that is kept until backward: `g` the cotangent of the output, `y` the output, an input by its name,
`x_shape` and `x_dtype` without the data, a keyword parameter by its name, and, where inputs are
variadic, `i` the position of the input asked for.

Rules are written in NumPy calls and operators. Given arrays they run raw; given Tensors the same
text records, and so gives second derivatives; given symbols it prints itself.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .fast import first_back, lazily_recorded

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

__all__ = ["ELEMENTWISE", "INDEX", "LINALG", "REDUCTION", "SHAPE", "Primitive", "Sample"]
__all__ += ["find", "named", "overridable", "primitive", "primitives", "sample"]

ELEMENTWISE, REDUCTION, SHAPE, INDEX, LINALG = [
    "elementwise",
    "reduction",
    "shape",
    "index",
    "linalg",
]

Rule = Callable[..., Any]
RESERVED = ("g", "y", "i")


@dataclass(frozen=True)
class Sample:
    """Example inputs of a primitive, from which its tests are made.

    Attributes
    ----------
    inputs : tuple
        Each a shape and a domain (see `sample`), or an array taken as it is.
    params : mapping
        Keyword parameters of the call.
    kink : bool
        Whether the point is a kink or a tie, where only the first derivative is pinned.
    fixed : tuple of int
        Positions of inputs not to differentiate by: (−2)³ has a slope in −2 and none in 3.
    """

    inputs: tuple[Any, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    kink: bool = False
    fixed: tuple[int, ...] = ()

    def arrays(self, rng: np.random.Generator, dtype: Any = np.float64) -> tuple[Any, ...]:
        """The inputs as arrays drawn from `rng`; given arrays of floats are cast to `dtype`."""
        return tuple(_draw(x, rng, dtype) for x in self.inputs)


@dataclass(frozen=True)
class Domain:
    """Where a sample's entries lie: uniform in (low, high), kept `gap` away from each integer."""

    shape: tuple[int, ...]
    low: float = -2.0
    high: float = 2.0
    gap: float = 0.0


def _draw(x: Any, rng: np.random.Generator, dtype: Any) -> Any:
    if isinstance(x, Domain):
        values = rng.uniform(x.low, x.high, x.shape)
        if x.gap:
            whole = np.floor(values)
            values = whole + x.gap + (values - whole) * (1 - 2 * x.gap)
        return np.asarray(values, dtype)
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        return x.astype(dtype)
    return x


def sample(*inputs: Any, kink: bool = False, fixed: tuple[int, ...] = (), **params: Any) -> Sample:
    """A `Sample`; a bare shape stands for numbers between −2 and 2."""
    made = tuple(Domain(x) if isinstance(x, tuple) and _is_shape(x) else x for x in inputs)
    return Sample(made, params, kink, fixed)


def _is_shape(x: tuple[Any, ...]) -> bool:
    return all(type(n) is int for n in x)


class Primitive:
    """One op that can be differentiated: its forward function, rules, and what is known of it.

    Attributes
    ----------
    forward : callable
        On arrays: NumPy's function or one of ours.
    key : callable
        What rules and users call: `forward`, or its overridable wrapper.
    name, label : str
        The name in errors and code; the sign in pictures.
    family : str
        elementwise, reduction, shape, index or linalg.
    inputs : tuple of str
        Names of the array inputs, in order; one name and `variadic` for a sequence of them.
    params : dict
        Keyword parameters with their defaults.
    rules : dict
        For each input its derivative rule, or None.
    saved_names : tuple of str
        What the rules need, in the order of `Node.saved`.
    samples : tuple of Sample
        Inputs to test it on.
    complex_ok : bool
        Whether forward is analytic and takes complex numbers, so that a complex step is exact.
    kinks : str
        Where it is not differentiable, in words; empty if nowhere.
    floating : bool
        Whether integers are turned to the default float first (`exp` of an integer).
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        rules: Mapping[str, Rule | None],
        *,
        samples: Sequence[Sample],
        name: str | None = None,
        label: str | None = None,
        family: str | None = None,
        params: Mapping[str, Any] | None = None,
        variadic: bool = False,
        complex_ok: bool = False,
        kinks: str = "",
        floating: bool = False,
    ) -> None:
        # An overridable function is called here on arrays only: skip its look for other kinds.
        self.key = forward
        self.forward = getattr(forward, "raw", forward)
        self.name = name or forward.__name__
        self.label = label or self.name
        self.family = family or ELEMENTWISE
        self.elementwise = self.family == ELEMENTWISE
        self.inputs = tuple(rules)
        self.params = dict(params or {})
        self.rules = dict(rules)
        self.variadic = variadic
        self.samples = tuple(samples)
        self.complex_ok = complex_ok
        self.kinks = kinks
        self.floating = floating
        if not self.samples:
            raise ValueError(
                f"primitive {self.name} was given no samples. Tests are generated from them, so "
                f"every primitive needs at least one: samples=[sample((2, 3))]."
            )
        self.needs = {x: _needs(self, x, rule) for x, rule in self.rules.items() if rule}
        wanted = dict.fromkeys(n for names in self.needs.values() for n in names)
        self.saved_names = tuple(n for n in wanted if n != "i")
        # What calls keep is fixed here; who plants another rule changes the other two for a while,
        # and a function compiled in that while must not keep more for ever.
        self.declared_needs, self.declared_names = dict(self.needs), self.saved_names
        # Both are compiled from this declaration the first time they are called.
        self.record: Callable[..., Tensor] = lazily_recorded(self)
        self.pull: Callable[[tuple[Any, ...], Any, Any], tuple[Any, ...]] = first_back(self, "pull")
        self.push: Callable[..., None] = first_back(self, "push")
        # An op may add its contributions to cotangents in a way of its own (see `indexing`).
        self.own_push: Callable[..., None] | None = None

    @property
    def differentiable(self) -> bool:
        """Whether any input has a rule."""
        return any(self.rules.values())

    def wrap_saved(self, node: Any, saved: Any, wrap: Callable[[Any, Any], Any]) -> tuple[Any, ...]:
        """The saved values as ones that record, each tied to the node it came from."""
        made = []
        for name, value in zip(self.saved_names, saved, strict=True):
            if name == "y":
                value = wrap(value, node)
            elif name in self.rules and value is not None:
                if self.variadic:
                    value = tuple(wrap(v, p) for v, p in zip(value, node.inputs, strict=True))
                else:
                    value = wrap(value, node.inputs[self.inputs.index(name)])
            made.append(value)
        return tuple(made)

    def __repr__(self) -> str:
        return f"<primitive {self.name}({', '.join((*self.inputs, *self.params))})>"


def _needs(op: Primitive, x: str, rule: Rule) -> tuple[str, ...]:
    code = rule.__code__  # a third of the import would go into inspect.signature
    names = code.co_varnames[: code.co_argcount]
    allowed = {*RESERVED, *op.inputs, *op.params}
    allowed |= {f"{n}_{what}" for n in op.inputs for what in ("shape", "dtype")}
    if not names or names[0] != "g" or not set(names) <= allowed:
        raise TypeError(
            f"the rule of {op.name} for {x} takes {names}; expected g first, then any of "
            f"{sorted(allowed - {'g'})}."
        )
    return names[1:]


_TABLE: dict[Any, Primitive] = {}
_NAMED: dict[str, Primitive] = {}
_LISTENERS: list[Callable[[Primitive], None]] = []


def primitive(
    forward: Callable[..., Any],
    *,
    samples: Sequence[Sample],
    name: str | None = None,
    label: str | None = None,
    family: str | None = None,
    params: Mapping[str, Any] | None = None,
    variadic: bool = False,
    complex_ok: bool = False,
    kinks: str = "",
    floating: bool = False,
    also: Sequence[Any] = (),
    **rules: Rule | None,
) -> Primitive:
    """Declare a primitive, keyed by its forward function (and by the callables in `also`).

    Raises
    ------
    TypeError
        If a rule asks for something that the op does not have.
    ValueError
        If there are no samples, or the op is declared already.
    """
    op = Primitive(
        forward,
        rules,
        samples=samples,
        name=name,
        label=label,
        family=family,
        params=params,
        variadic=variadic,
        complex_ok=complex_ok,
        kinks=kinks,
        floating=floating,
    )
    keys = [forward, *also]
    for key in keys:
        if key in _TABLE:
            raise ValueError(f"{op.name} is declared already; an op has one declaration.")
    for key in keys:
        _TABLE[key] = op
    _NAMED.setdefault(op.name, op)
    for told in _LISTENERS:
        told(op)
    return op


def built_in() -> None:
    """Ops declared so far are the package's own: PyTorch's names and forms for them are in `ops`.

    Those declared from here on are the user's, found by name as functions and methods.
    """
    _NAMED.clear()


def listen(told: Callable[[Primitive], None]) -> None:
    """Have `told` called with each op the user has declared or will: the door for floors above."""
    for op in _NAMED.values():
        told(op)
    _LISTENERS.append(told)


def find(key: Any) -> Primitive | None:
    """The primitive declared for a callable, or None."""
    try:
        return _TABLE.get(key)
    except TypeError:
        return None


def named(name: str) -> Primitive | None:
    """The primitive of a name, or None."""
    return _NAMED.get(name)


def primitives() -> Iterator[Primitive]:
    """Every primitive once, in the order of declaration."""
    return iter(dict.fromkeys(_TABLE.values()))


PLAIN = frozenset(
    {np.ndarray, int, float, bool, type(None), np.float32, np.float64, np.dtype, slice}
)


def _overrides(x: Any) -> bool:
    """Whether `x` is of a kind that wants to be asked (a Tensor, a symbol), and no array."""
    return x.__class__ not in PLAIN and hasattr(x.__class__, "__array_function__")


def overridable(forward: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function of ours be written in rules like one of NumPy's.

    On arrays it runs as it is; handed anything that implements `__array_function__` (a Tensor, a
    symbol) it asks that, exactly as NumPy's own functions do.
    """

    @functools.wraps(forward)
    def call(*args: Any, **kwargs: Any) -> Any:
        first = args[0]
        for x in args:
            kind = x.__class__
            if kind in PLAIN:
                continue
            if kind is tuple or kind is list:
                if x is not first:
                    continue
                found = next((p for p in x if _overrides(p)), None)
                if found is None:
                    continue
                x, kind = found, found.__class__
            if _overrides(x):
                return x.__array_function__(call, (kind,), args, kwargs)
        return forward(*args, **kwargs)

    call.__dict__["raw"] = forward
    return call
