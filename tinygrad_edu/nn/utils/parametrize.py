"""Parameters that are computed from others, by functions that `register_parametrization` names.

The module then holds what is learned as `parametrizations.NAME.original`, and reading the parameter
runs the functions on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ...engine.traced import Traced
from ...tensors.tensor import Parameter
from ..container import ModuleDict, ModuleList
from ..module import Module

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "type_before_parametrizations",
]

# What was computed inside `cached()`: None outside.
CACHE: ContextVar[dict[tuple[int, str], Any] | None] = ContextVar("parametrized", default=None)


@contextmanager
def cached() -> Iterator[None]:
    """Compute each parametrised tensor once in the block, however often it is read."""
    if CACHE.get() is not None:
        yield
        return
    token = CACHE.set({})
    try:
        yield
    finally:
        CACHE.reset(token)


class ParametrizationList(ModuleList):
    """The functions that compute one parameter, and the tensors they compute it from.

    Attributes
    ----------
    original : Parameter or Tensor
        What is learned; `original0`, `original1`, … where the last function takes several.
    """

    def __init__(self, modules: list[Module], original: Any) -> None:
        super().__init__(modules)
        learned = isinstance(original, Parameter)
        value: Any = original
        for function in reversed(modules):
            if hasattr(function, "right_inverse"):
                value = function.right_inverse(value)
        self.is_tensor = isinstance(value, Traced)
        if self.is_tensor:
            self._keep("original", original if value is original else value, learned)
        else:
            for i, part in enumerate(value):
                self._keep(f"original{i}", part, learned)
            self.ntensors = len(value)

    def _keep(self, name: str, value: Any, learned: bool) -> None:
        if not learned:
            self.register_buffer(name, value)
        elif isinstance(value, Parameter):
            setattr(self, name, value)
        else:
            setattr(self, name, Parameter(value.detach()))

    def originals(self) -> list[Any]:
        """What is learned, in order."""
        if self.is_tensor:
            return [self.original]
        return [getattr(self, f"original{i}") for i in range(self.ntensors)]

    def right_inverse(self, value: Any) -> None:
        """Change what is learned so that the parameter becomes `value`."""
        for function in reversed(list(self)):
            if not hasattr(function, "right_inverse"):
                raise RuntimeError(
                    f"parametrization {type(function).__name__} does not implement right_inverse, "
                    f"so the parameter cannot be assigned"
                )
            value = function.right_inverse(value)
        for held, part in zip(self.originals(), [value] if self.is_tensor else value, strict=True):
            held.data = part.detach()

    def forward(self) -> Any:
        """The parameter."""
        functions = list(self)
        value = functions[0](*self.originals())
        for function in functions[1:]:
            value = function(value)
        return value


def parametrized_property(name: str) -> property:
    """A property: reading computes the parameter, assigning changes what is learned."""

    def read(self: Any) -> Any:
        cache = CACHE.get()
        if cache is None:
            return self.parametrizations[name]()
        key = (id(self), name)
        if key not in cache:
            cache[key] = self.parametrizations[name]()
        return cache[key]

    def assign(self: Any, value: Any) -> None:
        self.parametrizations[name].right_inverse(value)

    return property(read, assign)


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Let a parameter or buffer be computed by `parametrization` from what is learned.

    Registered again, functions run one after the other. A function with `right_inverse` says what
    to learn so that the parameter begins as it was.

    Raises
    ------
    ValueError
        If the module has no such tensor, or the function changes its shape or dtype.
    """
    if is_parametrized(module, tensor_name):
        held = module.parametrizations[tensor_name]
        before = getattr(module, tensor_name)
        if hasattr(parametrization, "right_inverse"):
            value = parametrization.right_inverse(before.detach())
            if len(held) and isinstance(value, Traced):
                held.right_inverse(value)
        checked(parametrization, before.detach(), tensor_name, unsafe)
        held.append(parametrization)
        return module
    if tensor_name not in module._parameters and tensor_name not in module._buffers:
        raise ValueError(
            f"Module '{type(module).__name__}' does not have a parameter, a buffer, or a "
            f"parametrized element with name '{tensor_name}'"
        )
    original = getattr(module, tensor_name)
    held = ParametrizationList([parametrization], original)
    if not unsafe:
        made = held().detach()
        if made.shape != original.shape or made.dtype != original.dtype:
            raise ValueError(wrong_form(tensor_name, original, made))
    if not hasattr(module, "parametrizations"):
        module.parametrizations = ModuleDict()
        kind: Any = type(module)
        module.__class__ = type(f"Parametrized{kind.__name__}", (kind,), {"__module__": __name__})
    delattr(module, tensor_name)
    setattr(type(module), tensor_name, parametrized_property(tensor_name))
    module.parametrizations[tensor_name] = held
    return module


def checked(function: Module, original: Any, name: str, unsafe: bool) -> None:
    """Raise if a function changes the parameter's form."""
    made = function(original)
    if not unsafe and (made.shape != original.shape or made.dtype != original.dtype):
        raise ValueError(wrong_form(name, original, made))


def wrong_form(name: str, original: Any, made: Any) -> str:
    """The error for a function that changes the parameter's shape or dtype."""
    return (
        f"Registering a parametrization may not change the shape or dtype of the tensor, unless "
        f"the `unsafe` flag is enabled: {name} is {tuple(original.shape)} {original.dtype}, the "
        f"parametrization gives {tuple(made.shape)} {made.dtype}"
    )


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether some tensor of the module, or the one named, is computed by a parametrization."""
    held = module.__dict__.get("parametrizations")
    if held is None:
        return False
    return len(held) > 0 if tensor_name is None else tensor_name in held


def type_before_parametrizations(module: Module) -> type:
    """The module's class without parametrizations."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def remove_parametrizations(
    module: Module, tensor_name: str, leave_parametrized: bool = True
) -> Module:
    """Make a parameter an ordinary one again: of its computed value, or of what was learned.

    Raises
    ------
    ValueError
        If it is not parametrised, or to leave what was learned where that is several tensors.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(
            f"Module {type(module).__name__} does not have a parametrization on {tensor_name}"
        )
    held = module.parametrizations[tensor_name]
    originals = held.originals()
    if not leave_parametrized and not held.is_tensor:
        raise ValueError(
            "You can only leave unparametrized a parametrization that has one original tensor; use "
            "leave_parametrized=True"
        )
    value = getattr(module, tensor_name).detach() if leave_parametrized else originals[0]
    learned = isinstance(originals[0], Parameter)
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    if not learned:
        module.register_buffer(tensor_name, value)
    elif leave_parametrized:
        keep = originals[0] if held.is_tensor and originals[0].shape == value.shape else None
        if keep is not None:  # the same object, so that an optimiser goes on with it
            keep.data = value
        setattr(module, tensor_name, Parameter(value) if keep is None else keep)
    else:
        setattr(module, tensor_name, value)
    if not len(module.parametrizations):
        delattr(module, "parametrizations")
        module.__class__ = type(module).__bases__[0]
    return module
