"""Module: what a model is made of."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from ..engine.events import LISTENERS, tell
from ..engine.mode import MODE, SCOPES, current_mode
from ..engine.saved import written
from ..engine.traced import Traced, wrap
from ..ops.devices import device, on_cpu
from ..tensors.tensor import Handle, Parameter, Tensor
from .backward_hooks import BackwardHooks
from .parameter import Uninitialized

__all__ = ["Module", "Parameter", "bare", "non_defaults"]

F = TypeVar("F", bound=Callable[..., Any])


def bare(function: F) -> F:
    """A composed function without its own box in the picture: a module's call draws one already."""
    return getattr(function, "__wrapped__", function)


def non_defaults(module: Module, **defaults: Any) -> str:
    """ ", name=value" for each setting of a module that is not at its default, to be printed."""
    held = ((name, getattr(module, name), default) for name, default in defaults.items())
    return "".join(f", {name}={value}" for name, value, default in held if value != default)


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` could not match."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return (
            f"IncompatibleKeys(missing_keys={self.missing_keys}, "
            f"unexpected_keys={self.unexpected_keys})"
        )


class Module:
    """The base of layers and models: assign parameters and modules as attributes, define `forward`.

    Parameters, buffers and submodules are plain attributes; `parameters`, `state_dict` and the
    rest find them there, in the order they were first assigned.

    Attributes
    ----------
    training : bool
        Whether layers such as Dropout act as in training (`train()`, `eval()`).
    """

    training: bool

    if TYPE_CHECKING:
        # Any name may be assigned. There is none at run time: a class with a `__getattr__` loses
        # Python's fast path to every attribute, a twentieth of a small network's step.
        def __getattr__(self, name: str) -> Any: ...

    def __init__(self) -> None:
        fields = self.__dict__
        fields["training"] = True
        fields["_buffer_names"] = {}
        fields["_forward_hooks"] = {}
        fields["_forward_pre_hooks"] = {}
        fields["_backward_hooks"] = {}
        fields["_backward_pre_hooks"] = {}
        fields["_hooked"] = False
        if LISTENERS:
            tell("made", self)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; every subclass defines its own."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function: define '
            f"forward(self, x) to say what it computes"
        )

    # ------------------------------------------------------------------------------- calling

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        mode = MODE.get()
        if mode is None:
            mode = current_mode()
        if LISTENERS:
            tell("module_called", self, args)
        outer = mode.scope
        mode.scope = (self.__class__.__name__, self, outer)
        try:
            if self._hooked:
                return self._call_with_hooks(args, kwargs)
            return self.forward(*args, **kwargs)
        finally:
            mode.scope = outer

    if not SCOPES:

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            if self._hooked:
                return self._call_with_hooks(args, kwargs)
            return self.forward(*args, **kwargs)

    def _call_with_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        for hook, with_kwargs in list(self._forward_pre_hooks.values()):
            if with_kwargs:
                out = hook(self, args, kwargs)
                if out is not None:
                    args, kwargs = out
            else:
                out = hook(self, args)
                if out is not None:
                    args = out if isinstance(out, tuple) else (out,)
        before, after = self._backward_pre_hooks, self._backward_hooks
        watch = BackwardHooks(self, before.values(), after.values()) if before or after else None
        if watch is not None:
            args = watch.entering(args)
        result = self.forward(*args, **kwargs)
        for hook, with_kwargs in list(self._forward_hooks.values()):
            out = hook(self, args, kwargs, result) if with_kwargs else hook(self, args, result)
            if out is not None:
                result = out
        return result if watch is None else watch.leaving(result)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> Handle:
        """Call `hook(module, args, output)` after each forward; what it returns replaces output."""
        return self._register(self._forward_hooks, (hook, with_kwargs), prepend)

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> Handle:
        """Call `hook(module, args)` before each forward; what it returns replaces the args."""
        return self._register(self._forward_pre_hooks, (hook, with_kwargs), prepend)

    def register_full_backward_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> Handle:
        """Call `hook(module, grad_input, grad_output)` when the gradients by the inputs are known.

        What it returns, a tuple, takes the place of `grad_input`.
        """
        return self._register(self._backward_hooks, hook, prepend)

    def register_full_backward_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> Handle:
        """Call `hook(module, grad_output)` before the gradients by the inputs are computed.

        What it returns takes the place of `grad_output`.
        """
        return self._register(self._backward_pre_hooks, hook, prepend)

    def _register(self, table: dict[int, Any], entry: Any, prepend: bool) -> Handle:
        self.__dict__["_hooked"] = True
        handle = Handle(table, entry)
        if prepend:
            rest = [k for k in table if k != handle.id]
            for k in rest:
                table[k] = table.pop(k)
        return handle

    # ---------------------------------------------------------------------------- attributes

    def __setattr__(self, name: str, value: Any) -> None:
        fields = self.__dict__
        if "_buffer_names" not in fields:
            if isinstance(value, Parameter | Module):
                raise AttributeError(
                    f"cannot assign {'parameters' if isinstance(value, Parameter) else 'module'} "
                    f"before Module.__init__() call: begin {type(self).__name__}.__init__ with "
                    f"super().__init__()"
                )
            object.__setattr__(self, name, value)
            return
        held = fields.get(name)
        if isinstance(held, Parameter) and not isinstance(value, Parameter) and value is not None:
            raise TypeError(
                f"cannot assign '{type(value).__name__}' as parameter '{name}' (torch.nn.Parameter "
                f"or None expected): write nn.Parameter(value), or change it in place under "
                f"torch.no_grad()"
            )
        if name in fields["_buffer_names"] and not isinstance(value, Traced | None):
            raise TypeError(
                f"cannot assign '{type(value).__name__}' object to buffer '{name}' "
                f"(torch.Tensor or None required)"
            )
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        self.__dict__.get("_buffer_names", {}).pop(name, None)
        object.__delattr__(self, name)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Assign a parameter, or None, by name."""
        self._check_name(name, "parameter")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{type(param).__name__}' object to parameter '{name}' "
                f"(torch.nn.Parameter or None required)"
            )
        setattr(self, name, param)

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Assign a tensor that is part of the state but is not learned."""
        self._check_name(name, "buffer")
        if hasattr(self, name) and name not in self._buffer_names:
            raise KeyError(f"attribute '{name}' already exists")
        if tensor is not None and not isinstance(tensor, Traced):
            raise TypeError(
                f"cannot assign '{type(tensor).__name__}' object to buffer '{name}' "
                f"(torch Tensor or None required)"
            )
        self._buffer_names[name] = persistent
        self.__dict__[name] = tensor

    def add_module(self, name: str, module: Module | None) -> None:
        """Assign a submodule by name."""
        self._check_name(name, "module")
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        setattr(self, name, module)

    register_module = add_module

    def _check_name(self, name: str, what: str) -> None:
        if "_buffer_names" not in self.__dict__:
            raise AttributeError(f"cannot assign {what} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{what} name should be a string. Got {type(name).__name__}")
        if "." in name:
            raise KeyError(f"{what} name can't contain '.', got: {name!r}")
        if not name:
            raise KeyError(f"{what} name can't be empty")

    @property
    def _parameters(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if isinstance(v, Parameter)}

    @property
    def _buffers(self) -> dict[str, Any]:
        return {k: self.__dict__[k] for k in self._buffer_names}

    @property
    def _modules(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if isinstance(v, Module)}

    # ------------------------------------------------------------------------------- walking

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Submodules assigned to this module, with their names, each once."""
        seen: set[int] = set()
        for name, module in self._modules.items():
            if id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator[Module]:
        """Submodules assigned to this module."""
        for _, module in self.named_children():
            yield module

    def named_modules(
        self, memo: set[Any] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """This module and all below it, with dotted names."""
        seen: set[Any] = set() if memo is None else memo
        stack: list[tuple[str, Module]] = [(prefix, self)]
        while stack:
            name, module = stack.pop()
            if remove_duplicate:
                if module in seen:
                    continue
                seen.add(module)
            yield name, module
            below = [(f"{name}.{k}" if name else k, m) for k, m in module._modules.items()]
            stack.extend(reversed(below))

    def modules(self) -> Iterator[Module]:
        """This module and all below it."""
        for _, module in self.named_modules():
            yield module

    def _named_members(
        self, pick: Callable[[Module], Mapping[str, Any]], prefix: str, recurse: bool, once: bool
    ) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        modules = self.named_modules(prefix=prefix) if recurse else [(prefix, self)]
        for path, module in modules:
            for name, value in pick(module).items():
                if value is None or (once and id(value) in seen):
                    continue
                seen.add(id(value))
                yield (f"{path}.{name}" if path else name), value

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Parameters with dotted names, shared ones once."""
        return self._named_members(lambda m: m._parameters, prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Parameters, shared ones once."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Buffers with dotted names."""
        return self._named_members(lambda m: m._buffers, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Buffers: tensors of the state that are not learned."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def get_submodule(self, target: str) -> Module:
        """The submodule at a dotted path."""
        module: Any = self
        for part in target.split(".") if target else ():
            module = getattr(module, part)
        return module  # type: ignore[no-any-return]

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a dotted path."""
        path, _, name = target.rpartition(".")
        return getattr(self.get_submodule(path), name)  # type: ignore[no-any-return]

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a dotted path."""
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if name not in module._buffers:
            raise AttributeError(f"`{name}` is not a buffer of {type(module).__name__}")
        return module._buffers[name]  # type: ignore[no-any-return]

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put a module at a dotted path."""
        path, _, name = target.rpartition(".")
        owner = self.get_submodule(path)
        if strict and not isinstance(owner.__dict__.get(name), Module):
            raise AttributeError(f"{type(owner).__name__} has no module `{name}` to replace")
        setattr(owner, name, module)

    def apply(self, fn: Callable[[Module], Any]) -> Module:
        """Call `fn` on every module below, in order and depth first, then on this one."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    # --------------------------------------------------------------------------------- state

    def state_dict(
        self, *, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Any]:
        """Parameters and persistent buffers by dotted name, sharing memory with the module."""
        state: dict[str, Any] = OrderedDict() if destination is None else destination
        for path, module in self.named_modules(prefix=prefix.rstrip("."), remove_duplicate=False):
            own = {**module._parameters}
            own |= {k: v for k, v in module._buffers.items() if module._buffer_names[k]}
            for name, value in own.items():
                if value is not None:
                    key = f"{path}.{name}" if path else name
                    state[key] = value if keep_vars else value.detach()
        return state

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy a state into this module.

        Raises
        ------
        RuntimeError
            Naming every missing, unexpected and mis-sized key at once. Nothing is changed then.
        """
        own = self.state_dict(keep_vars=True)
        missing = [k for k in own if k not in state_dict]
        unexpected = [k for k in state_dict if k not in own]
        problems = []
        if strict and unexpected:
            problems.append(f"Unexpected key(s) in state_dict: {', '.join(map(repr, unexpected))}.")
        if strict and missing:
            problems.append(f"Missing key(s) in state_dict: {', '.join(map(repr, missing))}.")
        arrays: dict[str, Any] = {}
        for key, held in own.items():
            if key not in state_dict:
                continue
            value = state_dict[key]
            array = np.asarray(value._data if isinstance(value, Traced) else value)
            if array.shape != held._data.shape and not isinstance(held, Uninitialized):
                problems.append(
                    f"size mismatch for {key}: copying a param with shape "
                    f"{tuple(array.shape)} from checkpoint, the shape in current model is "
                    f"{tuple(held._data.shape)}."
                )
            arrays[key] = array
        if problems:
            raise RuntimeError(
                f"Error(s) in loading state_dict for {type(self).__name__}:\n\t"
                + "\n\t".join(problems)
            )
        for key, array in arrays.items():
            held = own[key]
            if isinstance(held, Uninitialized):
                held.materialize(array.shape)
            if assign:
                held._data = array.copy()
            else:
                np.copyto(held._data, array, casting="unsafe")
                written(held._data)
        return IncompatibleKeys(missing, unexpected)

    def train(self, mode: bool = True) -> Module:
        """Act as in training, this module and all below."""
        for module in self.modules():
            module.__dict__["training"] = mode
        return self

    def eval(self) -> Module:
        """Act as in use: Dropout passes everything, BatchNorm uses its running statistics."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Start or stop learning: set `requires_grad` of every parameter."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients (or set them to 0)."""
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad.zero_()
        if LISTENERS:
            tell("gradients_cleared", self)

    def _convert(self, dtype: Any) -> Module:
        for tensor in [*self.parameters(), *self.buffers()]:
            if tensor._data.dtype.kind == "f" and tensor._data.dtype != dtype:
                grad = tensor.grad
                tensor.data = wrap(tensor._data.astype(dtype))
                if grad is not None:
                    tensor.grad = wrap(grad._data.astype(dtype))
        return self

    def to(self, *args: Any, **kwargs: Any) -> Module:
        """Floating parameters and buffers in another dtype; the only device is the CPU."""
        dtype = kwargs.get("dtype")
        on_cpu(kwargs.get("device"))
        for given in args:
            if isinstance(given, Traced):
                dtype = given._data.dtype
            elif isinstance(given, np.dtype | type):
                dtype = given
            elif isinstance(given, str | device):
                on_cpu(given)
            elif not isinstance(given, bool | int | None):
                dtype = np.dtype(given)
        return self if dtype is None else self._convert(np.dtype(dtype))

    def type(self, dst_type: Any) -> Module:
        """Parameters and buffers in another dtype."""
        return self.to(dst_type)

    def float(self) -> Module:
        """Parameters and buffers in float32."""
        return self._convert(np.dtype(np.float32))

    def double(self) -> Module:
        """Parameters and buffers in float64."""
        return self._convert(np.dtype(np.float64))

    def half(self) -> Module:
        """Parameters and buffers in float16."""
        return self._convert(np.dtype(np.float16))

    def cpu(self) -> Module:
        """This module: it is on the CPU."""
        return self

    def cuda(self, device: Any = None) -> Module:
        """Raises: there is no CUDA device here."""
        raise RuntimeError("there is no CUDA device: tinygrad_edu runs on the CPU; use .cpu()")

    # ------------------------------------------------------------------------------ printing

    def extra_repr(self) -> str:
        """What to print of the settings, between the brackets."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        extra = self.extra_repr().split("\n") if self.extra_repr() else []
        below = []
        for name, module in self._modules.items():
            text = repr(module).replace("\n", "\n  ")
            below.append(f"({name}): {text}")
        head = f"{self._get_name()}("
        if not below and len(extra) <= 1:
            return head + (extra[0] if extra else "") + ")"
        return head + "\n  " + "\n  ".join(extra + below) + "\n)"

    def __dir__(self) -> list[str]:
        return sorted({*dir(type(self)), *self.__dict__})
