"""A module run as a function of its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..module import Module

__all__ = ["functional_call"]


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    args: Any = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """`module(*args, **kwargs)` with some parameters and buffers replaced for this call.

    Parameters
    ----------
    parameter_and_buffer_dicts : dict of Tensors by dotted name, or several
        What to use instead; gradients flow to these. Names left out keep the module's own.
    args : any, or tuple
        The arguments; one that is no tuple is the only one.
    tie_weights : bool
        Whether a tensor that the module has under several names is replaced under all of them.
    strict : bool
        Demand that every parameter and buffer is given.

    Raises
    ------
    KeyError
        If a name is no parameter or buffer, or given twice; with `strict`, if one is missing.
    """
    given: dict[str, Any] = {}
    several = parameter_and_buffer_dicts
    for part in [several] if isinstance(several, Mapping) else several:
        twice = [name for name in part if name in given]
        if twice:
            raise ValueError(f"functional_call: {', '.join(twice)} given more than once")
        given.update(part)
    places = {
        f"{path}.{name}" if path else name: (owner, name)
        for path, owner in module.named_modules(remove_duplicate=False)
        for name in (*owner._parameters, *owner._buffers)
    }
    unknown = [name for name in given if name not in places]
    if unknown:
        raise KeyError(
            f"functional_call: {type(module).__name__} has no parameter or buffer "
            f"{', '.join(map(repr, unknown))}; it has {', '.join(places) or 'none'}"
        )
    if tie_weights:
        spread_over_ties(given, places)
    if strict:
        missing = [name for name in places if name not in given]
        if missing:
            raise RuntimeError(f"functional_call: missing key(s): {', '.join(missing)}")
    if args is None:
        args = ()
    elif not isinstance(args, tuple):
        args = (args,)
    held = [(owner.__dict__, name, owner.__dict__[name]) for owner, name in places.values()]
    try:
        for key, value in given.items():
            owner, name = places[key]
            owner.__dict__[name] = value
        return module(*args, **(kwargs or {}))
    finally:
        for fields, name, value in held:
            fields[name] = value


def spread_over_ties(given: dict[str, Any], places: Mapping[str, tuple[Module, str]]) -> None:
    """Add to `given` the other names of the tensors it replaces."""
    by_tensor: dict[int, list[str]] = {}
    for key, (owner, name) in places.items():
        by_tensor.setdefault(id(owner.__dict__[name]), []).append(key)
    for keys in by_tensor.values():
        chosen = [k for k in keys if k in given]
        if chosen:
            for k in keys:
                given.setdefault(k, given[chosen[0]])
