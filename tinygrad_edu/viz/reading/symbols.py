"""Symbols: values that know how they were written, so that running a rule prints it.

A symbol carries an expression and an array. Operators, methods and NumPy's functions on it run on
the array and extend the expression, so shapes, dtypes and branches that depend on numbers are those
of the real thing, and the text is made by the rule itself.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..formatting import number, shape_text, shorten
from .summarise import elements_text

# How tightly an operator binds; a child that binds less is put in brackets.
_SIGNS: dict[str, tuple[str, int]] = {
    "logical_or": ("or", 0),
    "bitwise_or": ("|", 2),
    "bitwise_xor": ("^", 3),
    "bitwise_and": ("&", 4),
    "less": ("<", 1),
    "less_equal": ("<=", 1),
    "greater": (">", 1),
    "greater_equal": (">=", 1),
    "equal": ("==", 1),
    "not_equal": ("!=", 1),
    "left_shift": ("<<", 5),
    "right_shift": (">>", 5),
    "add": ("+", 6),
    "subtract": ("-", 6),
    "multiply": ("*", 7),
    "divide": ("/", 7),
    "true_divide": ("/", 7),
    "floor_divide": ("//", 7),
    "remainder": ("%", 7),
    "matmul": ("@", 7),
    "product": ("@", 7),
    "power": ("**", 9),
}
_UNARY = {"negative": "-", "positive": "+", "invert": "~"}
_BINDS_UNARY, _BINDS_CALL = 8, 10
# Where what stands on the right of an equal must be bracketed: a - (b - c), not a + (b + c).
_ONE_SIDED = {"subtract", "divide", "true_divide", "floor_divide", "remainder", "matmul", "product"}
_INEXACT = {"floor_divide", "remainder"}


class Named(tuple[Any, ...]):
    """A shape (or another tuple) that prints as its name."""

    text: str

    @classmethod
    def of(cls, values: tuple[Any, ...], text: str) -> Named:
        """`values`, printed as `text`."""
        out = cls(values)
        out.text = text
        return out


class Symbol:
    """An array and the expression that it came from.

    Parameters
    ----------
    array
        What it stands for here.
    kind
        What made it: a leaf's name, or a function's.
    operands
        Of the function; None for a leaf.
    """

    __slots__ = ("array", "kind", "operands", "options")
    __array_priority__ = 1e6

    def __init__(
        self,
        array: Any,
        kind: str,
        operands: tuple[Any, ...] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.array = array
        self.kind = kind
        self.operands = operands
        self.options = dict(options or {})

    # ------------------------------------------------------------------- what rules ask of arrays

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape."""
        return tuple(np.shape(self.array))

    @property
    def ndim(self) -> int:
        """The number of its dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of its elements."""
        return math.prod(self.shape)

    @property
    def dtype(self) -> Any:
        """The array's dtype."""
        return self.array.dtype

    @property
    def T(self) -> Symbol:
        """The transpose."""
        return Symbol(self.array.T, ".T", (self,))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self.array, name)
        if not callable(found):
            return Symbol(found, f".{name}", (self,)) if isinstance(found, np.ndarray) else found

        def call(*args: Any, **options: Any) -> Any:
            out = found(*plain(args), **plain(options))
            return Symbol(np.asarray(out), f".{name}()", (self, *args), options)

        return call

    def __getitem__(self, index: Any) -> Symbol:
        return Symbol(np.asarray(self.array[plain(index)]), "[]", (self, index))

    def __setitem__(self, index: Any, value: Any) -> None:
        # Only a copy that the rule made itself is written; leaves are the engine's.
        if self.operands is None:
            raise TypeError("a rule must not write into what it is given")
        self.array[plain(index)] = plain(value)
        self.operands = (Symbol(self.array, self.kind, self.operands, self.options), index, value)
        self.kind, self.options = "with", {}

    def __bool__(self) -> bool:
        return bool(self.array)

    def __float__(self) -> float:
        return float(self.array)

    def __int__(self) -> int:
        return int(self.array)

    def __len__(self) -> int:
        return len(self.array)

    def __abs__(self) -> Symbol:
        return Symbol(np.abs(self.array), "abs", (self,))

    def __neg__(self) -> Symbol:
        return Symbol(-self.array, "negative", (self,))

    def __pos__(self) -> Symbol:
        return self

    def __invert__(self) -> Symbol:
        return Symbol(~self.array, "invert", (self,))

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **options: Any) -> Any:
        name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        run = getattr(ufunc, method)
        return made(run(*plain(args), **plain(options)), name, args, options)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        run = getattr(function, "raw", function)
        return made(run(*plain(args), **plain(options)), function.__name__, tuple(args), options)


def made(result: Any, name: str, args: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """The result of a function as a symbol, or each of several."""
    if isinstance(result, tuple):
        return tuple(
            Symbol(np.asarray(r), "[]", (Symbol(np.asarray(r), name, args, options), i))
            for i, r in enumerate(result)
        )
    return Symbol(np.asarray(result), name, args, options)


def plain(x: Any) -> Any:
    """`x` with arrays in place of symbols."""
    if isinstance(x, Symbol):
        return x.array
    if type(x) in (tuple, list):
        return type(x)(plain(i) for i in x)
    if isinstance(x, Named):
        return tuple(x)
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    return x


def _operator(name: str, swap: bool) -> Callable[[Symbol, Any], Any]:
    ufunc = getattr(np, name)

    def call(self: Symbol, other: Any) -> Any:
        a, b = (other, self) if swap else (self, other)
        return made(ufunc(plain(a), plain(b)), name, (a, b), {})

    return call


for _method, _name in {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "power",
    "floordiv": "floor_divide", "mod": "remainder", "matmul": "matmul", "and": "bitwise_and",
    "or": "bitwise_or", "xor": "bitwise_xor", "lshift": "left_shift", "rshift": "right_shift",
}.items():  # fmt: skip
    setattr(Symbol, f"__{_method}__", _operator(_name, False))
    setattr(Symbol, f"__r{_method}__", _operator(_name, True))
for _method, _name in {
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal",
    "ne": "not_equal",
}.items():  # fmt: skip
    setattr(Symbol, f"__{_method}__", _operator(_name, False))
Symbol.__hash__ = object.__hash__  # type: ignore[method-assign]


# ---------------------------------------------------------------------------------------- printing

LONG = 20  # an expression that is used twice gets a name if it is longer than this


def expression(root: Any, numbers_of: bool = False, short: bool = True) -> str:
    """The text of a symbol: `g * (1 - y * y)`.

    Parameters
    ----------
    root
        A symbol, or a number.
    numbers_of
        Print leaves by their elements instead of their names.
    short
        Give names to long parts that occur more than once: `t * x, where t = ...`.
    """
    names: dict[int, str] = {}
    lines: list[str] = []
    if short:
        for at, part in enumerate(_shared(root, numbers_of), 1):
            text = _text(part, names, numbers_of)[0]
            name = f"t{at}"
            lines.append(f"{name} = {text}")
            names[id(part)] = name
    text = _text(root, names, numbers_of)[0]
    return text + (f", where {'; '.join(lines)}" if lines else "")


def _shared(root: Any, numbers_of: bool) -> list[Symbol]:
    """Parts that occur more than once and are long, those inside others first."""
    count: dict[int, int] = {}
    found: list[Symbol] = []
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        part, done = stack.pop()
        if type(part) in (tuple, list):
            stack += [(p, False) for p in reversed(part)]
            continue
        if not isinstance(part, Symbol) or part.operands is None:
            continue
        if done:
            found.append(part)
            continue
        count[id(part)] = count.get(id(part), 0) + 1
        if count[id(part)] == 1:
            stack.append((part, True))
            stack += [(p, False) for p in reversed((*part.operands, *part.options.values()))]
    return [
        part for part in found if count[id(part)] > 1 and len(_text(part, {}, numbers_of)[0]) > LONG
    ]


def _text(x: Any, names: dict[int, str], values: bool) -> tuple[str, int]:
    """The text of `x` and how tightly it binds."""
    if not isinstance(x, Symbol):
        return _literal(x, names, values), _BINDS_CALL if not _negative(x) else _BINDS_UNARY
    if id(x) in names:
        return names[id(x)], _BINDS_CALL
    if x.operands is None:
        if not values:
            return x.kind, _BINDS_CALL
        text = elements_text(x.array)
        return text, _BINDS_UNARY if text.startswith("-") else _BINDS_CALL
    kind, operands = x.kind, x.operands
    if kind in _SIGNS and len(operands) == 2 and not x.options:
        sign, binds = _SIGNS[kind]
        left = _bracketed(operands[0], binds + (kind == "power"), names, values)
        last = operands[1]
        one_sided = kind in _ONE_SIDED or (isinstance(last, Symbol) and last.kind in _INEXACT)
        right = _bracketed(operands[1], binds + one_sided, names, values)
        return f"{left} {sign} {right}", binds
    if kind in _UNARY and len(operands) == 1:
        inner = _bracketed(operands[0], _BINDS_UNARY, names, values)
        return f"{_UNARY[kind]}{inner}", _BINDS_UNARY
    if (kind == ".swapaxes()" and operands[1:] == (-1, -2)) or kind == "turned":
        return f"{_bracketed(operands[0], _BINDS_CALL, names, values)}.mT", _BINDS_CALL
    if kind.startswith("."):
        owner = _bracketed(operands[0], _BINDS_CALL, names, values)
        if not kind.endswith("()"):
            return f"{owner}{kind}", _BINDS_CALL
        inside = _arguments(operands[1:], x.options, names, values)
        return f"{owner}{kind[:-2]}({inside})", _BINDS_CALL
    if kind == "[]":
        owner = _bracketed(operands[0], _BINDS_CALL, names, values)
        return f"{owner}[{_index(operands[1], names, values)}]", _BINDS_CALL
    if kind == "with":
        owner, at, value = (
            _text(operands[0], names, values)[0],
            _index(operands[1], names, values),
            _text(operands[2], names, values)[0],
        )
        return f"({owner} with [{at}] = {value})", _BINDS_CALL
    name = {"choose": "where", "absolute": "abs"}.get(kind, kind)
    return f"{name}({_arguments(operands, x.options, names, values)})", _BINDS_CALL


def literal(value: Any, as_index: bool = False) -> str:
    """A keyword parameter as one would type it: `-1`, `(0, 1)`, `[:, 2]`, `array(8,)`."""
    if as_index:
        return f"[{_index(value, {}, False)}]"
    return _literal(value, {}, False)


def _negative(x: Any) -> bool:
    return isinstance(x, numbers.Real) and not isinstance(x, bool) and float(x) < 0


def _bracketed(x: Any, binds: int, names: dict[int, str], values: bool) -> str:
    text, own = _text(x, names, values)
    return f"({text})" if own < binds else text


def _arguments(
    operands: tuple[Any, ...], options: Mapping[str, Any], names: dict[int, str], values: bool
) -> str:
    words = [_text(x, names, values)[0] for x in operands]
    for key, value in options.items():
        if value is not None and value is not np._NoValue:
            words.append(f"{key}={_text(value, names, values)[0]}")
    return ", ".join(words)


def _index(x: Any, names: dict[int, str], values: bool) -> str:
    parts = x if type(x) is tuple else (x,)
    return ", ".join(_text(p, names, values)[0] for p in parts) or "()"


def _literal(x: Any, names: dict[int, str], values: bool) -> str:
    if isinstance(x, Named):
        return x.text
    if isinstance(x, bool | np.bool_):
        return str(bool(x))
    if isinstance(x, numbers.Integral):
        return str(int(x))
    if isinstance(x, numbers.Real):
        return number(float(x))
    if isinstance(x, np.ndarray):
        if x.size <= 6 and x.dtype.kind in "biufc":
            return elements_text(x)
        return f"array{shape_text(x.shape)}"
    if isinstance(x, slice):
        ends = ["" if k is None else str(k) for k in (x.start, x.stop)]
        return ":".join(ends if x.step is None else [*ends, str(x.step)])
    if x is Ellipsis:
        return "..."
    if type(x) in (tuple, list):
        words = ", ".join(_text(i, names, values)[0] for i in x)
        if type(x) is list:
            return f"[{words}]"
        return f"({words},)" if len(x) == 1 else f"({words})"
    if isinstance(x, str):
        return repr(x)
    if isinstance(x, np.dtype) or (isinstance(x, type) and issubclass(x, np.generic)):
        return np.dtype(x).name
    if isinstance(x, type):
        return x.__name__
    return shorten(str(x), 60)
