"""What optimisers share: groups of parameters, their state, and the step.

An optimiser's rule is a pure function of arrays, `rule(p, g, state, group) -> (new p, new state)`,
in plain NumPy, so it can be recorded like any other computation; `step` runs it on raw arrays and
copies the result in.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np

from ..engine.events import LISTENERS, tell
from ..engine.mode import changed_mode
from ..engine.saved import written
from ..engine.traced import Traced, wrap
from ..tensors.tensor import Handle, Tensor

__all__ = ["Optimizer", "required"]

required = object()
State = dict[str, Any]
EMPTY: State = {}
Rule = Callable[[Any, Any, State, State], tuple[Any, State]]


class Optimizer:
    """The base of optimisers.

    Parameters
    ----------
    params : iterable of Tensors, of (name, Tensor) pairs, or of groups
        A group is a dictionary with "params" and settings that differ from the defaults.
    defaults : dict
        Settings of groups that do not say otherwise.

    Raises
    ------
    ValueError
        If there are no parameters, one is in two groups, or one is not a leaf.
    TypeError
        If something else than Tensors is given.
    """

    param_groups: list[dict[str, Any]]
    _step_count = 0

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "step" in cls.__dict__:
            cls.step = counted(cls.__dict__["step"])  # type: ignore[method-assign]

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        if isinstance(params, Traced):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                "but got one Tensor; write [tensor]"
            )
        self.defaults = defaults
        self.state: defaultdict[Any, State] = defaultdict(dict)
        self.param_groups = []
        self._step_hooks: dict[int, Any] = {}
        self._pre_hooks: dict[int, Any] = {}
        groups = list(params)
        if not groups:
            raise ValueError(
                "optimizer got an empty parameter list: pass model.parameters(), and check that "
                "layers are assigned as attributes (in a ModuleList, not a plain list)"
            )
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)
        if LISTENERS:
            tell("made", self)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters with settings of its own."""
        group = dict(param_group)
        given = group["params"]
        params: list[Any] = [given] if isinstance(given, Traced) else list(given)
        if params and isinstance(params[0], tuple):
            group["param_names"] = [name for name, _ in params]
            params = [p for _, p in params]
        for p in params:
            if not isinstance(p, Traced):
                raise TypeError(f"optimizer can only optimize Tensors, but got {type(p).__name__}")
            if not p.is_leaf:  # type: ignore[attr-defined]
                raise ValueError(
                    "can't optimize a non-leaf Tensor: optimise what it was computed from, or make "
                    "it a leaf with .detach().requires_grad_()"
                )
        if len({id(p) for p in params}) != len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters", stacklevel=3
            )
        taken = {id(p) for g in self.param_groups for p in g["params"]}
        if any(id(p) in taken for p in params):
            raise ValueError("some parameters appear in more than one parameter group")
        group["params"] = params
        for name, value in self.defaults.items():
            if value is required and name not in group:
                raise ValueError(
                    f"parameter group didn't specify a value of required setting {name}"
                )
            group.setdefault(name, value)
        self.param_groups.append(group)

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """One parameter's new value and new state from its gradient; every subclass has its own."""
        raise NotImplementedError(
            f"{type(self).__name__} defines no update: write rule(self, p, g, state, group)"
        )

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; returns what `closure` returned."""
        loss = None
        if closure is not None:
            with changed_mode(recording=True):
                loss = closure()
        if LISTENERS:
            tell("step_began", self)
        for hook in list(self._pre_hooks.values()):
            hook(self, (), {})
        self._step_count += 1
        rule, states, changed = self.rule, self.state, []
        for group in self.param_groups:
            for p in group["params"]:
                leaf = getattr(p, "_leaf", None)
                if leaf is None or leaf.grad is None:
                    continue
                data = p._data
                held = states.get(p) if states else None
                new, state = rule(data, leaf.grad._data, held or EMPTY, group)
                data[...] = new
                if state:
                    states[p] = state
                changed.append(data)
        written(*changed, by=f"{type(self).__name__}.step")
        for hook in list(self._step_hooks.values()):
            hook(self, (), {})
        if LISTENERS:
            tell("step_ended", self)
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients (or set them to 0)."""
        for group in self.param_groups:
            for p in group["params"]:
                leaf = getattr(p, "_leaf", None)
                if leaf is None or leaf.grad is None:
                    continue
                if set_to_none:
                    leaf.grad = None
                else:
                    leaf.grad = leaf.grad.detach()
                    leaf.grad.zero_()
        if LISTENERS:
            tell("gradients_cleared", self)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> Handle:
        """Call `hook(optimizer, args, kwargs)` after each step."""
        return Handle(self._step_hooks, hook)

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> Handle:
        """Call `hook(optimizer, args, kwargs)` before each step."""
        return Handle(self._pre_hooks, hook)

    # --------------------------------------------------------------------------------- state

    def state_dict(self) -> dict[str, Any]:
        """Settings and state, with parameters numbered in order."""
        number: dict[int, int] = {}
        groups = []
        for group in self.param_groups:
            for p in group["params"]:
                number.setdefault(id(p), len(number))
            packed = {k: v for k, v in group.items() if k != "params"}
            packed["params"] = [number[id(p)] for p in group["params"]]
            groups.append(packed)
        state = {
            number[id(p)]: {k: packed_entry(v) for k, v in s.items()}
            for p, s in self.state.items()
            if id(p) in number
        }
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over settings and state; parameters are matched by order.

        Raises
        ------
        ValueError
            If groups or their sizes differ. Nothing is changed then.
        """
        saved = state_dict["param_groups"]
        if len(saved) != len(self.param_groups):
            raise ValueError(
                f"loaded state dict has a different number of parameter groups: {len(saved)}, "
                f"here {len(self.param_groups)}"
            )
        sizes = [len(g["params"]) for g in saved]
        own = [len(g["params"]) for g in self.param_groups]
        if sizes != own:
            raise ValueError(
                f"loaded state dict contains a parameter group that doesn't match the size of "
                f"optimizer's group: {sizes}, here {own}"
            )
        by_number = {
            i: p
            for g, s in zip(self.param_groups, saved, strict=True)
            for i, p in zip(s["params"], g["params"], strict=True)
        }
        state: defaultdict[Any, State] = defaultdict(dict)
        for i, entries in state_dict["state"].items():
            p = by_number[int(i)]
            state[p] = {k: unpacked(v, p) for k, v in entries.items()}
        self.state = state
        for group, packed in zip(self.param_groups, saved, strict=True):
            group.update({k: deepcopy(v) for k, v in packed.items() if k != "params"})

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {k}: {v}" for k, v in sorted(group.items()) if k != "params"]
        return "\n".join([*lines, ")"])


def counted(step: Callable[..., Any]) -> Callable[..., Any]:
    """A subclass's own `step`, counted, so that a scheduler can tell that steps were taken."""

    @functools.wraps(step)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._step_count += 1
        return step(self, *args, **kwargs)

    return call


def packed_entry(value: Any) -> Any:
    """A state entry as it is saved: arrays as Tensors."""
    if isinstance(value, list):
        return [packed_entry(v) for v in value]
    return wrap(value) if isinstance(value, np.ndarray) else value


def unpacked(value: Any, p: Tensor) -> Any:
    """A saved state entry as the plain array that rules compute with."""
    if isinstance(value, list):
        return [unpacked(v, p) for v in value]
    if isinstance(value, Traced):
        value = value._data
    if isinstance(value, np.ndarray) and value.ndim:
        return np.array(value, p._data.dtype)
    return value.item() if isinstance(value, np.ndarray | np.generic) else value


def checked(**settings: Any) -> dict[str, Any]:
    """The settings given, or a ValueError that names the first out of its range.

    Numbers must not be negative; those that say which part of an average is kept are below 1.
    """
    for name, value in settings.items():
        if name == "betas":
            for i, beta in enumerate(value):
                check_range(f"beta parameter at index {i}", beta, 1.0)
        else:
            words = {"lr": "learning rate", "eps": "epsilon value"}.get(name, f"{name} value")
            check_range(words, value, 1.0 + 1e-12 if name == "rho" else math.inf)
    return settings


def check_range(name: str, value: Any, below: float) -> None:
    """Raise unless a number is at least 0 and below a bound."""
    number = value.item() if isinstance(value, Tensor) else value
    if not 0.0 <= number < below:
        words = "at least 0.0" if below == math.inf else f"at least 0.0 and below {below}"
        raise ValueError(f"Invalid {name}: {value}; expected {words}")


def decayed(p: Any, g: Any, group: State) -> tuple[Any, Any]:
    """A parameter and its gradient as the settings `maximize` and `weight_decay` change them.

    Weight decay λ adds λ p to the gradient; a decoupled one shrinks p by lr λ p instead.
    """
    if group["maximize"]:
        g = -g
    decay = group["weight_decay"]
    if not decay:
        return p, g
    if group.get("decoupled_weight_decay"):
        return p * (1 - group["lr"] * decay), g
    return p, g + decay * p
