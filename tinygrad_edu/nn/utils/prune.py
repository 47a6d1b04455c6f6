"""Pruning: entries of a parameter held at 0 by a mask.

The module then learns `NAME_orig`, keeps the buffer `NAME_mask`, and NAME is their product, made
anew before each forward.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ...engine.traced import raw, wrap
from ...generator import rand
from ..module import Module

__all__ = [
    "BasePruningMethod",
    "CustomFromMask",
    "Identity",
    "L1Unstructured",
    "LnStructured",
    "PruningContainer",
    "RandomStructured",
    "RandomUnstructured",
    "custom_from_mask",
    "global_unstructured",
    "identity",
    "is_pruned",
    "l1_unstructured",
    "ln_structured",
    "random_structured",
    "random_unstructured",
    "remove",
]


def how_many(amount: float, size: int) -> int:
    """An amount given as a number of entries, or as a fraction of them.

    Raises
    ------
    ValueError
        If it is negative, a fraction above 1, or more than there are.
    """
    whole = isinstance(amount, int) and not isinstance(amount, bool)
    if amount < 0 or (not whole and amount > 1):
        raise ValueError(
            f"amount={amount} should either be a float in the range [0, 1] or a non-negative "
            f"integer"
        )
    if whole and amount > size:
        raise ValueError(
            f"amount={amount} should be smaller than the number of parameters to prune={size}"
        )
    return int(amount) if whole else round(amount * size)


class BasePruningMethod:
    """What pruning methods share: subclasses define `compute_mask`.

    Attributes
    ----------
    PRUNING_TYPE : "unstructured", "structured" or "global"
        What a mask before this one means: the method chooses among the entries left, or among the
        slices left, or sees all.
    """

    PRUNING_TYPE = "unstructured"
    _tensor_name: str

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self._tensor_name, self.apply_mask(module))

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask of a tensor, given the one it has."""
        raise NotImplementedError(
            f"{type(self).__name__} defines no compute_mask(self, t, default_mask): return a "
            f"tensor of ones and zeros of the shape of t"
        )

    def apply_mask(self, module: Any) -> Any:
        """The pruned tensor."""
        mask = getattr(module, f"{self._tensor_name}_mask")
        original = getattr(module, f"{self._tensor_name}_orig")
        return mask.to(original.dtype) * original

    @classmethod
    def apply(
        cls, module: Any, name: str, *args: Any, importance_scores: Any = None, **kwargs: Any
    ) -> Any:
        """Prune a parameter of a module; pruned again, masks combine."""
        method = cls(*args, **kwargs)
        method._tensor_name = name
        before = held_by(module, name)
        if before is None:
            tensor = getattr(module, name)
            default = np.ones(tensor._data.shape, tensor._data.dtype)
        else:
            tensor = getattr(module, f"{name}_orig")
            default = getattr(module, f"{name}_mask")._data
        scores = tensor if importance_scores is None else importance_scores
        if tuple(scores._data.shape) != tuple(tensor._data.shape):
            raise ValueError(
                f"importance_scores should have the same shape as parameter {name} of {module}: "
                f"got {tuple(scores._data.shape)}, expected {tuple(tensor._data.shape)}"
            )
        if before is not None:
            container = PruningContainer(name, *methods_of(before))
            mask = container.with_one_more(method, scores.detach(), wrap(default))
            hook: Any = container
        else:
            mask, hook = method.compute_mask(scores.detach(), wrap(default)), method
        plain = np.asarray(raw(mask)).astype(tensor._data.dtype)
        if before is None:
            delattr(module, name)
            module.register_parameter(f"{name}_orig", tensor)
            module.register_buffer(f"{name}_mask", wrap(plain))
            module.register_forward_pre_hook(hook)
        else:
            getattr(module, f"{name}_mask").data = wrap(plain)
            exchange(module, before, hook)
        setattr(module, name, hook.apply_mask(module))
        return hook

    def prune(self, t: Any, default_mask: Any = None, importance_scores: Any = None) -> Any:
        """A tensor with its entries pruned."""
        default = (
            wrap(np.ones(t._data.shape, t._data.dtype)) if default_mask is None else default_mask
        )
        scores = t if importance_scores is None else importance_scores
        return t * self.compute_mask(scores, default)

    def remove(self, module: Any) -> None:
        """Make the parameter an ordinary one, its pruned entries 0."""
        name = self._tensor_name
        original = getattr(module, f"{name}_orig")
        original.data = self.apply_mask(module).detach()
        for gone in (name, f"{name}_orig", f"{name}_mask"):
            delattr(module, gone)
        setattr(module, name, original)


def held_by(module: Any, name: str) -> Any:
    """The method that prunes a parameter, or None."""
    for hook, _ in module._forward_pre_hooks.values():
        if isinstance(hook, BasePruningMethod) and hook._tensor_name == name:
            return hook
    return None


def exchange(module: Any, old: Any, new: Any) -> None:
    """Replace a hook by another; with None, remove it."""
    for key, (hook, with_kwargs) in list(module._forward_pre_hooks.items()):
        if hook is old:
            if new is None:
                del module._forward_pre_hooks[key]
            else:
                module._forward_pre_hooks[key] = (new, with_kwargs)


def methods_of(hook: Any) -> list[Any]:
    """The methods that a hook runs."""
    return list(hook.methods) if isinstance(hook, PruningContainer) else [hook]


class PruningContainer(BasePruningMethod):
    """Several methods that pruned one parameter after another."""

    PRUNING_TYPE = "unstructured"

    def __init__(self, name: str, *methods: Any) -> None:
        self._tensor_name = name
        self.methods = list(methods)

    def __len__(self) -> int:
        return len(self.methods)

    def __getitem__(self, index: int) -> Any:
        return self.methods[index]

    def with_one_more(self, method: Any, scores: Any, mask: Any) -> Any:
        """Add a method; returns the mask after it has chosen among what those before left."""
        self.methods.append(method)
        held = mask._data
        kind = method.PRUNING_TYPE
        out = held.copy()
        if kind == "structured":
            rows = np.moveaxis(held, method.dim, 0).reshape(held.shape[method.dim], -1)
            dim = method.dim % held.ndim
            index: Any = (slice(None),) * dim + (np.flatnonzero(rows.any(1)),)
        elif kind == "unstructured":
            index = held == 1
        elif kind == "global":
            return method.compute_mask(scores, mask)
        else:
            raise ValueError(f"Unrecognized PRUNING_TYPE {kind}")
        out[index] = raw(method.compute_mask(wrap(scores._data[index]), wrap(held[index])))
        return wrap(out)

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask as it is: methods ran when they were added."""
        return default_mask


class Identity(BasePruningMethod):
    """Prunes nothing, but makes the mask."""

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask there is."""
        return default_mask


class CustomFromMask(BasePruningMethod):
    """Prunes what a given mask hides."""

    PRUNING_TYPE = "global"

    def __init__(self, mask: Any) -> None:
        self.mask = mask

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """Both masks."""
        return default_mask * self.mask.to(default_mask.dtype)


class _Unstructured(BasePruningMethod):
    """Prunes entries, each for itself."""

    def __init__(self, amount: float) -> None:
        how_many(amount, 2**62)
        self.amount = amount

    def order(self, t: Any) -> Any:
        """The entries, flattened, in the order in which they are to be pruned."""
        raise NotImplementedError(f"{type(self).__name__} does not say which entries go first")

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """Zeros at the first entries of the order."""
        count = how_many(self.amount, t._data.size)
        mask = default_mask._data.copy()
        if count:
            mask.reshape(-1)[self.order(t)[:count]] = 0
        return wrap(mask)


class RandomUnstructured(_Unstructured):
    """Prunes entries at random."""

    def order(self, t: Any) -> Any:
        """Those with the largest of as many uniform numbers first."""
        return np.argsort(-rand(t._data.size), kind="stable")


class L1Unstructured(_Unstructured):
    """Prunes the entries nearest 0."""

    def order(self, t: Any) -> Any:
        """Those with the smallest absolute values first."""
        return np.argsort(np.abs(t._data).reshape(-1), kind="stable")


class _Structured(BasePruningMethod):
    """Prunes whole slices of a dimension."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount: float, dim: int = -1) -> None:
        how_many(amount, 2**62)
        self.amount = amount
        self.dim = dim

    def order(self, t: Any) -> Any:
        """The slices in the order in which they are to be pruned."""
        raise NotImplementedError(f"{type(self).__name__} does not say which slices go first")

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """Zeros in the first slices of the order."""
        if t._data.ndim <= 1:
            raise ValueError(
                f"Structured pruning can only be applied to multidimensional tensors. Found tensor "
                f"of shape {tuple(t._data.shape)} with 1 dim"
            )
        size = t._data.shape[self.dim]
        count = how_many(self.amount, size)
        mask = default_mask._data.copy()
        if count:
            np.moveaxis(mask, self.dim, 0)[self.order(t)[:count]] = 0
        return wrap(mask)


class RandomStructured(_Structured):
    """Prunes slices at random."""

    def order(self, t: Any) -> Any:
        """Those with the smallest uniform numbers first."""
        return np.argsort(rand(t._data.shape[self.dim]), kind="stable")


class LnStructured(_Structured):
    """Prunes the slices with the smallest n-norm."""

    def __init__(self, amount: float, n: float, dim: int = -1) -> None:
        super().__init__(amount, dim)
        self.n = n

    def order(self, t: Any) -> Any:
        """Those with the smallest norms first."""
        rows = np.moveaxis(t._data, self.dim, 0).reshape(t._data.shape[self.dim], -1)
        return np.argsort(np.linalg.norm(rows, self.n, axis=1), kind="stable")


# Functions ----------------------------------------------------------------------------------------


def identity(module: Any, name: str) -> Any:
    """Make the mask of a parameter, pruning nothing."""
    Identity.apply(module, name)
    return module


def random_unstructured(module: Any, name: str, amount: float) -> Any:
    """Prune entries of a parameter at random: a number of them, or a fraction."""
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module: Any, name: str, amount: float, importance_scores: Any = None) -> Any:
    """Prune the entries of a parameter that are nearest 0."""
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_structured(module: Any, name: str, amount: float, dim: int) -> Any:
    """Prune slices of a parameter at random."""
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(
    module: Any, name: str, amount: float, n: float, dim: int, importance_scores: Any = None
) -> Any:
    """Prune the slices of a parameter that have the smallest n-norm."""
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module: Any, name: str, mask: Any) -> Any:
    """Prune what a mask of zeros and ones hides."""
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(
    parameters: Iterable[tuple[Any, str]],
    pruning_method: type[BasePruningMethod],
    importance_scores: Any = None,
    **kwargs: Any,
) -> None:
    """Prune entries of several parameters as if they were one.

    Parameters
    ----------
    parameters : iterable of (module, name)
    pruning_method : class
        With PRUNING_TYPE "unstructured".
    """
    held: Sequence[tuple[Any, str]] = list(parameters)
    if not held:
        raise TypeError("global_unstructured() expected (module, name) pairs, got none")
    scores = {} if importance_scores is None else importance_scores
    flat, masks = [], []
    for module, name in held:
        tensor = getattr(module, f"{name}_orig", None)
        tensor = getattr(module, name) if tensor is None else tensor
        flat.append(np.asarray(raw(scores.get((module, name), tensor))).reshape(-1))
        mask = getattr(module, f"{name}_mask", None)
        masks.append(np.ones(flat[-1].shape) if mask is None else mask._data.reshape(-1))
    container = PruningContainer("all")
    container.methods = []
    method = pruning_method(**kwargs)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            f'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method '
            f"{pruning_method} of type {method.PRUNING_TYPE}"
        )
    values = np.concatenate(flat)
    default = np.concatenate(masks).astype(values.dtype)
    final = container.with_one_more(method, wrap(values), wrap(default))._data
    start = 0
    for (module, name), part in zip(held, flat, strict=True):
        shape = getattr(module, f"{name}_orig", getattr(module, name))._data.shape
        mask = wrap(final[start : start + part.size].reshape(shape))
        custom_from_mask(module, name, mask)
        start += part.size


def remove(module: Any, name: str) -> Any:
    """Make a pruned parameter an ordinary one, its pruned entries 0.

    Raises
    ------
    ValueError
        If the parameter is not pruned.
    """
    hook = held_by(module, name)
    if hook is None:
        raise ValueError(
            f"Parameter '{name}' of module {type(module).__name__} has to be pruned before pruning "
            f"can be removed"
        )
    hook.remove(module)
    exchange(module, hook, None)
    return module


def is_pruned(module: Module) -> bool:
    """Whether some parameter of the module, or of one below it, is pruned."""
    return any(
        isinstance(hook, BasePruningMethod)
        for below in module.modules()
        for hook, _ in below._forward_pre_hooks.values()
    )
