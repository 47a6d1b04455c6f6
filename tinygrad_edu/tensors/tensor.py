"""Tensor: an array that remembers how it was made.

Operators and methods record into the graph; `backward` runs the derivative rules over it. NumPy's
functions (`np.exp(t)`, `array * t`) record too. A scalar is a tensor of no dimensions:
`Tensor(3.0)` is what micrograd calls a Value, and `Tensor([[1, 2]])` what PyTorch calls a tensor.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.backward import run_backward
from ..engine.events import LISTENERS, tell
from ..engine.mode import current_mode
from ..engine.node import Leaf
from ..engine.primitive import Primitive
from ..engine.saved import written
from ..engine.table import on_declared
from ..engine.traced import Traced, as_array, leaf_of, wrap
from ..numerics.promotion import default_float
from ..ops import elementwise as elementwise_ops
from ..ops import shaping
from ..ops.devices import device, on_cpu
from ..ops.views import assign, item, set_out, share
from ..primitives import elementwise as elementwise_primitives
from . import protocols
from .operators import Operators
from .printing import representation

__all__ = ["Parameter", "Tensor", "register_method", "tensor"]


class Size(tuple[int, ...]):
    """A shape, printed and counted as PyTorch does."""

    __slots__ = ()

    def numel(self) -> int:
        """How many entries a tensor of this shape has."""
        n = 1
        for k in self:
            n *= k
        return n

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"


class Tensor(Operators, results=True):
    """An array that remembers how it was made, so that gradients can be found.

    Parameters
    ----------
    data : number, nested list, array or Tensor
        Floats become the default dtype (float32), as do lists of integers. Integers on their own
        are sizes, as in PyTorch: `Tensor(3)` has three places; `tensor(3)` is a number.
    requires_grad : bool, optional
        Whether to record what is done with it. A lone float does unless told otherwise: it is a
        value to take derivatives by.
    dtype : dtype, optional
        Instead of the default.

    Raises
    ------
    TypeError
        For data that holds no numbers.
    RuntimeError
        If `requires_grad` is asked of integers.
    """

    __slots__ = ()

    if TYPE_CHECKING:  # added by floors above through `register_method`

        def graph(self, *others: Any, **options: Any) -> Any:
            """The graph that this tensor was computed by; see `viz.graph`."""
            raise NotImplementedError

    def __new__(cls, *data: Any, requires_grad: bool | None = None, dtype: Any = None) -> Any:
        if not data:
            return _make(cls, [], requires_grad, dtype)
        sizes = data[0] if isinstance(data[0], Size) else data
        if all(_is_count(n) for n in sizes):  # the old PyTorch form, by sizes
            return _make(cls, np.zeros(sizes, default_float()), requires_grad, dtype)
        if len(data) == 1:
            return _make(cls, data[0], requires_grad, dtype)
        given = ", ".join(map(repr, data))
        raise TypeError(
            f"Tensor() takes one number, list or array, got {len(data)}: Tensor([{given}])"
        )

    @classmethod
    def _from(cls, data: Any) -> Any:
        """A constant around an array of its own memory or another's."""
        return wrap(data)

    # ---------------------------------------------------------------------------- what it holds

    @property
    def data(self) -> Tensor:
        """The same memory without history: writes to it are not recorded."""
        return self.detach()

    @data.setter
    def data(self, value: Any) -> None:
        new = value._data if isinstance(value, Traced) else as_array(value)
        if isinstance(self._node, Leaf) and (
            new.shape != self._data.shape or new.dtype != self._data.dtype
        ):
            self._data = new
            self._node = leaf_of(self)
            return
        self._data = new

    @property
    def shape(self) -> Size:
        """Sizes of the dimensions."""
        return Size(self._data.shape)

    @property
    def dtype(self) -> Any:
        """The dtype of the entries, one of NumPy's."""
        return self._data.dtype

    @property
    def ndim(self) -> int:
        """How many dimensions there are."""
        return int(self._data.ndim)

    @property
    def nbytes(self) -> int:
        """The bytes that the entries take."""
        return int(self._data.nbytes)

    @property
    def itemsize(self) -> int:
        """The bytes of one entry."""
        return int(self._data.itemsize)

    @property
    def T(self) -> Tensor:
        """All dimensions in the opposite order."""
        return shaping.permute(self, *range(self._data.ndim)[::-1])

    @property
    def mT(self) -> Tensor:
        """The last two dimensions swapped."""
        return shaping.transpose(self, -1, -2)

    # Entries are real, so the conjugate transpose is the transpose.
    mH = mT

    @property
    def H(self) -> Tensor:
        """A matrix with rows and columns swapped."""
        return shaping.t(self)

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the size of one dimension."""
        return Size(self._data.shape) if dim is None else self._data.shape[dim]

    def dim(self) -> int:
        """How many dimensions there are."""
        return int(self._data.ndim)

    def numel(self) -> int:
        """How many entries there are."""
        return int(self._data.size)

    nelement = numel
    ndimension = dim

    def element_size(self) -> int:
        """The bytes of one entry."""
        return int(self._data.itemsize)

    def stride(self, dim: int | None = None) -> Any:
        """Entries to step over in memory to go one on in each dimension."""
        steps = tuple(s // self._data.itemsize for s in self._data.strides)
        return steps if dim is None else steps[dim]

    def is_contiguous(self) -> bool:
        """Whether entries lie in memory in row-major order."""
        return bool(self._data.flags.c_contiguous)

    def contiguous(self) -> Tensor:
        """The same tensor, or a copy in row-major order."""
        if self._data.flags.c_contiguous:
            return self
        out: Tensor = elementwise_primitives.positive.record(self)
        out._data = np.ascontiguousarray(out._data)
        return out

    def is_floating_point(self) -> bool:
        """Whether the entries are floats."""
        return bool(self._data.dtype.kind == "f")

    def is_complex(self) -> bool:
        """Whether the entries are complex numbers."""
        return bool(self._data.dtype.kind == "c")

    def item(self) -> Any:
        """The only entry, as a Python number."""
        if self._data.size != 1:
            raise RuntimeError(
                f"a Tensor with {self._data.size} elements cannot be converted to Scalar (shape "
                f"{tuple(self._data.shape)}): reduce it first (.mean(), .sum()), or .tolist()."
            )
        return self._data.item()

    def tolist(self) -> Any:
        """The entries as nested lists of Python numbers."""
        return self._data.tolist()

    def numpy(self, *, force: bool = False) -> Any:
        """The array itself, sharing memory.

        Raises
        ------
        RuntimeError
            If the tensor requires grad: writes to the array would go unseen.
        """
        if self.requires_grad and not force:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. "
                "Use tensor.detach().numpy() instead."
            )
        return self._data

    # ------------------------------------------------------------------------------- gradients

    @property
    def requires_grad(self) -> bool:
        """Whether what is done with this tensor is recorded."""
        return self._node is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Start (or stop) recording what is done with this tensor.

        Raises
        ------
        RuntimeError
            For integers, bools and complex numbers, or to stop in the middle of a graph.
        """
        if requires_grad:
            if self._data.dtype.kind == "c":
                raise RuntimeError(
                    f"only real Tensors can require gradients here, got {self._data.dtype}: keep "
                    f"the real and the imaginary part as two tensors"
                )
            if self._data.dtype.kind != "f":
                raise RuntimeError(
                    f"only Tensors of floating point dtype can require gradients, got "
                    f"{self._data.dtype}: a derivative by whole numbers has no meaning. "
                    f"Convert first: x.float().requires_grad_()"
                )
            if self._node is None:
                self._node = leaf_of(self)
        elif self._node is not None:
            if not isinstance(self._node, Leaf):
                raise RuntimeError(
                    "you can only change requires_grad flags of leaf variables. If you want to use "
                    "a computed variable in a subgraph that doesn't require differentiation use "
                    "var_no_grad = var.detach()."
                )
            self._node = None
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by the user and not by a recorded call."""
        return self._node is None or isinstance(self._node, Leaf)

    @property
    def grad_fn(self) -> Any:
        """The node of the call that made it; None for a leaf."""
        return None if self.is_leaf else self._node

    @property
    def grad(self) -> Any:
        """The gradient that backward left here: of leaves, and where `retain_grad` asked."""
        node = self._node
        if node is None or isinstance(node, Leaf):
            leaf = getattr(self, "_leaf", None)
            return None if leaf is None else leaf.grad
        if node.notes is not None and node.notes.keeps_grad:
            return node.notes.grad
        warnings.warn(
            "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its "
            ".grad attribute won't be populated during autograd.backward(). If you indeed want the "
            ".grad field to be populated for a non-leaf Tensor, use .retain_grad() on the non-leaf "
            "Tensor.",
            UserWarning,
            stacklevel=2,
        )
        return None

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not None:
            if not isinstance(value, Traced):
                raise TypeError(
                    f"assigned grad expected to be a Tensor or None but got {type(value).__name__}"
                )
            if value._data.shape != self._data.shape or value._data.dtype != self._data.dtype:
                raise RuntimeError(
                    f"assigned grad has shape {tuple(value._data.shape)} and dtype "
                    f"{value._data.dtype}, but the tensor has shape {tuple(self._data.shape)} and "
                    f"dtype {self._data.dtype}; they must agree."
                )
        node = self._node
        if node is None or isinstance(node, Leaf):
            leaf_of(self).grad = value
            if value is None and LISTENERS:
                tell("gradients_cleared", self)
        else:
            node.note().grad = value

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Find the gradient of this tensor by every leaf it depends on, and add it to `.grad`.

        Parameters
        ----------
        gradient : Tensor, optional
            The cotangent to start from, of this tensor's shape; 1 for a scalar.
        retain_graph : bool, optional
            Keep the graph for another backward (default: `create_graph`).
        create_graph : bool
            Record the derivatives too, so that they can be differentiated.
        inputs : Tensor or sequence of Tensors, optional
            Add to these tensors' `.grad` only.

        Raises
        ------
        RuntimeError
            If nothing was recorded, the tensor is no scalar and no gradient was given, the shapes
            differ, or the graph was freed.
        """
        run_backward([self], [gradient], retain_graph, create_graph, inputs)

    def detach(self) -> Tensor:
        """The same memory without history."""
        out: Tensor = object.__new__(Tensor)
        out._data = self._data
        out._node = None
        out._view = None
        if not isinstance(self._node, Leaf):
            share(self, out)
        watcher = current_mode().watcher
        return out if watcher is None else watcher.detach(self, out)

    def detach_(self) -> Tensor:
        """Forget the history of this tensor."""
        self._node = None
        return self

    def retain_grad(self) -> None:
        """Keep the gradient of this intermediate tensor in `.grad`."""
        if self._node is None:
            raise RuntimeError(
                "can't retain_grad on Tensor that has requires_grad=False; "
                "make it with requires_grad=True"
            )
        if not isinstance(self._node, Leaf):
            self._node.note().keeps_grad = True

    @property
    def retains_grad(self) -> bool:
        """Whether backward keeps this intermediate tensor's gradient."""
        node = self._node
        return not self.is_leaf and node is not None and bool(node.notes and node.notes.keeps_grad)

    def register_hook(self, hook: Callable[[Any], Any]) -> Any:
        """Call `hook(gradient)` when this tensor's gradient is complete.

        What it returns, if not None, takes the gradient's place. Hooks run in the order they were
        registered. Returns a handle with `remove()`.
        """
        if self._node is None:
            raise RuntimeError(
                "cannot register a hook on a tensor that doesn't require gradient; "
                "call requires_grad_() first"
            )
        notes = self._node.note()
        if notes.hooks is None:
            notes.hooks = {}
        return Handle(notes.hooks, hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Any], None]) -> Any:
        """Call `hook(tensor)` after a gradient was added to this leaf's `.grad`."""
        leaf = self._node
        if not isinstance(leaf, Leaf):
            raise RuntimeError(
                "post accumulate grad hooks cannot be registered on non-leaf tensors"
            )
        if leaf.after is None:
            leaf.after = {}
        return Handle(leaf.after, hook)

    # --------------------------------------------------------------------------------- copying

    def clone(self, *, memory_format: Any = None) -> Tensor:
        """A copy in memory of its own, through which gradients flow back."""
        out: Tensor = (
            elementwise_primitives.positive.record(self)
            if self._data.dtype.kind != "b"
            else wrap(self._data)
        )
        if out._data is self._data or out._data.base is not None:
            out._data = self._data.copy()
        return out

    def to(self, *args: Any, **kwargs: Any) -> Tensor:
        """In another dtype (or on the only device there is, which changes nothing)."""
        dtype = kwargs.pop("dtype", None)
        copy = kwargs.pop("copy", False)
        on_cpu(kwargs.pop("device", None))
        for name in ("non_blocking", "memory_format"):
            kwargs.pop(name, None)
        if kwargs:
            raise TypeError(f"to() got an unexpected keyword argument {next(iter(kwargs))!r}")
        for given in args:
            if isinstance(given, Traced):
                dtype = given._data.dtype
            elif isinstance(given, np.dtype | type) and not isinstance(given, bool):
                dtype = given
            elif isinstance(given, str | device | int) and not isinstance(given, bool):
                on_cpu(given)
            elif not isinstance(given, bool | None):
                dtype = np.dtype(given)
        out = self if dtype is None else elementwise_ops.cast(self, dtype)
        return out.clone() if copy and out is self else out

    def type_as(self, other: Tensor) -> Tensor:
        """In the dtype of `other`."""
        return elementwise_ops.cast(self, other._data.dtype)

    def astype(self, dtype: Any) -> Tensor:
        """NumPy's name for `to(dtype)`."""
        return elementwise_ops.cast(self, dtype)

    def copy_(self, src: Any, non_blocking: bool = False) -> Tensor:
        """Take over the entries of `src`, broadcast and cast."""
        src = src if isinstance(src, Traced) else wrap(np.asarray(src))
        src = elementwise_ops.cast(src, self._data.dtype)
        if src._data.shape != self._data.shape:
            src = shaping.expand(src, *self._data.shape)
        return self._become(src, "copy_")

    def fill_(self, value: Any) -> Tensor:
        """Make every entry `value`."""
        return self.copy_(value)

    def zero_(self) -> Tensor:
        """Make every entry 0."""
        if self._node is None or not current_mode().recording:
            self._data[...] = 0
            written(self._data)
            return self
        return self.copy_(0.0)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if not self.is_leaf:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy "
                "protocol at the moment; use .detach().clone()"
            )
        out = _make(type(self), self._data.copy(), False, self._data.dtype)
        if self._node is not None:
            out.requires_grad_()
        if self.grad is not None:
            out.grad = wrap(self.grad._data.copy())
        memo[id(self)] = out
        return out

    def __reduce__(self) -> Any:
        return _restore, (type(self), np.ascontiguousarray(self._data), self.requires_grad)

    def _receive(self, value: Any, name: str) -> Any:
        """Hold the result `value` of the call `name(…, out=self)`."""
        return set_out(self, value, name)

    # ------------------------------------------------------------------------------- protocols

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.requires_grad:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. "
                "Use tensor.detach().numpy() instead."
            )
        if dtype is not None and np.dtype(dtype) != self._data.dtype:
            return self._data.astype(dtype)
        return self._data.copy() if copy else self._data

    __array_ufunc__ = protocols.array_ufunc
    __array_function__ = protocols.array_function

    def __repr__(self) -> str:
        return representation(self)

    def __format__(self, spec: str) -> str:
        if self._data.ndim == 0:
            return format(self._data.item(), spec)
        if spec:
            raise TypeError(
                f"unsupported format string passed to Tensor.__format__ for shape "
                f"{tuple(self._data.shape)}: use .item() on a single entry"
            )
        return repr(self)

    def __len__(self) -> int:
        if not self._data.ndim:
            raise TypeError("len() of a 0-d tensor")
        return int(self._data.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        if not self._data.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return iter(shaping.unbind(self, 0))

    def __bool__(self) -> bool:
        if self._data.size != 1:
            count = "more than one value" if self._data.size else "no values"
            raise RuntimeError(
                f"Boolean value of Tensor with {count} is ambiguous (shape "
                f"{tuple(self._data.shape)}): use .any() or .all()."
            )
        return bool(self._data.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self._data.dtype.kind not in "iub" or self._data.size != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self._data.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __contains__(self, value: Any) -> bool:
        return bool((self._data == (value._data if isinstance(value, Traced) else value)).any())

    def __getitem__(self, index: Any) -> Tensor:
        return item(self, plain_index(index))  # type: ignore[no-any-return]

    def __setitem__(self, index: Any, value: Any) -> None:
        assign(self, plain_index(index), value)


def _is_count(x: Any) -> bool:
    return type(x) is int or isinstance(x, np.integer)


def _make(cls: Any, data: Any, requires_grad: bool | None, dtype: Any) -> Any:
    """A new leaf of class `cls` around `data`."""
    if isinstance(data, Traced):
        array = data._data
    elif hasattr(type(data), "__array_function__") and not isinstance(data, np.ndarray):
        array = data  # another library's arrays (Dask) are taken as they are
    else:
        array = numbers(data)
        if dtype is None:
            dtype = default_float()
        if isinstance(data, np.ndarray) and array is data and dtype == array.dtype:
            array = array.copy()
    if dtype is not None and array.dtype != np.dtype(dtype):
        array = array.astype(dtype)
    out = object.__new__(cls)
    out._data = array
    out._node = None
    out._view = None
    if requires_grad or (requires_grad is None and type(data) is float):
        out.requires_grad_()
    return out


def numbers(data: Any) -> Any:
    """Nested lists of numbers and tensors as an array, or an error that says what is wrong."""
    if isinstance(data, list | tuple) and any(isinstance(x, Traced | list | tuple) for x in data):
        data = _plain(data)
    try:
        array = as_array(data)
    except ValueError as error:
        raise ValueError(
            f"expected rows of one length, got a ragged nested list ({error}); "
            f"pad the rows, or keep them as a list of tensors"
        ) from None
    if array.dtype.kind not in "biufc":
        raise TypeError(
            f"a tensor holds numbers, got {type(data).__name__} of dtype {array.dtype} "
            f"({data!r:.60}); convert strings and None to numbers first"
        )
    return array


def _plain(data: Any) -> Any:
    if isinstance(data, Traced):
        return data._data.item() if not data._data.ndim else data._data
    if isinstance(data, list | tuple):
        return [_plain(x) for x in data]
    return data


def _restore(cls: Any, data: Any, requires_grad: bool) -> Any:
    return _make(cls, data, requires_grad, data.dtype)


def plain_index(index: Any) -> Any:
    """An index with Tensors turned to arrays and lists to integer arrays, as PyTorch reads them."""
    if isinstance(index, tuple):
        return tuple(_plain_part(i) for i in index)
    return _plain_part(index)


def _plain_part(i: Any) -> Any:
    if isinstance(i, Traced):
        array = i._data
        if array.dtype.kind not in "iub":
            raise IndexError(
                f"tensors used as indices must be long, int, byte or bool tensors, got "
                f"{array.dtype}; convert with .long()"
            )
        if array.dtype == np.uint8:  # PyTorch's old masks
            return array.astype(bool)
        return int(array) if not array.ndim and array.dtype != bool else array
    if isinstance(i, list):
        return np.asarray(_plain(i)) if i else np.asarray(i, np.int64)
    if isinstance(i, slice):
        if any(isinstance(k, Traced) for k in (i.start, i.stop, i.step)):
            return slice(*(k if k is None else int(k) for k in (i.start, i.stop, i.step)))
        if i.step is not None and i.step <= 0:
            raise ValueError("step must be greater than zero; use .flip(dim) to reverse")
    elif isinstance(i, np.integer):
        return int(i)
    elif isinstance(i, range):
        return np.asarray(i)
    return i


class Handle:
    """What a hook's registration returns: `remove()` takes the hook away."""

    _count = 0

    def __init__(self, table: dict[int, Any], hook: Any) -> None:
        Handle._count += 1
        self.id = Handle._count
        self._table = table
        table[self.id] = hook

    def remove(self) -> None:
        """Take the hook away; once is enough, twice does no harm."""
        self._table.pop(self.id, None)

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()


class Parameter(Tensor):
    """A tensor that a module learns: it requires grad, and modules list it."""

    __slots__ = ()

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Any:
        source = data if data is not None else []
        array = source._data if isinstance(source, Traced) else None
        out = object.__new__(cls)
        out._data = numbers(source).astype(default_float()) if array is None else array
        out._node = None
        out._view = None
        if requires_grad:
            out.requires_grad_()
        return out

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
    """A tensor of the given numbers, copied; integers stay integers.

    Parameters
    ----------
    data : number, nested list, array or Tensor
    dtype : dtype, optional
        Default: float32 for Python floats, int64 for integers, bool for truth values, and an
        array's own.
    requires_grad : bool
        Whether to record what is done with it.
    """
    on_cpu(device)
    array = data._data.copy() if isinstance(data, Traced) else numbers(data)
    if dtype is None and not isinstance(data, np.ndarray | np.generic | Traced):
        if array.dtype.kind == "f":
            holds = _first(data)
            dtype = getattr(holds, "dtype", None) or default_float()
    if dtype is not None:
        array = array.astype(dtype)
    elif array is data:
        array = array.copy()
    out = wrap(array)
    return out.requires_grad_() if requires_grad else out


def _first(data: Any) -> Any:
    while isinstance(data, list | tuple) and data:
        data = data[0]
    return data


def register_method(name: str, function: Callable[..., Any]) -> None:
    """Add a method to Tensor from a floor above (`x.graph()`); the one door there is.

    Raises
    ------
    ValueError
        If Tensor has something of that name.
    """
    if hasattr(Tensor, name):
        raise ValueError(f"Tensor has a method {name!r} already")
    setattr(Tensor, name, function)


def _as_method(op: Primitive) -> None:
    """An op that a user declares needs no line of its own to be a method as well.

    Set on the class and not found by a `__getattr__`: a class that has one loses Python's fast path
    to every attribute, which costs a small network's step a twentieth.
    """
    if not hasattr(Tensor, op.name):
        setattr(Tensor, op.name, op.record)


def _no_method(op: Primitive) -> None:
    """The method of an op whose declaration is taken back goes with it."""
    if vars(Tensor).get(op.name) is op.record:
        delattr(Tensor, op.name)


on_declared(_as_method, _no_method)
