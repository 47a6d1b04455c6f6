"""PyTorch's other addresses: `torch.distributions.normal` is where `Normal` can be found too.

Files here are named for what they own, and some of PyTorch's are cut differently. A package says,
when it is imported, under which further addresses it answers: the import system looks into
`sys.modules` again once the parent is imported, and finds them there. Nothing is loaded for an
address that nobody asks for.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

__all__ = ["ABOVE", "answers_for", "from_above"]

PACKAGE = __name__.split(".")[0]

# Names that PyTorch, or a user, looks for in a room below the one they live in. The room's face
# finds them here when they are first asked for; every other import points downward.
ABOVE = {
    "autograd": {
        "gradcheck": "checking.torch_signature:gradcheck",
        "gradgradcheck": "checking.torch_signature:gradgradcheck",
    },
    "checking": {
        "SelfTest": "learn.planted.selftest:SelfTest",
        "experiments": "learn.experiments",
        "selftest": "learn.planted.selftest:selftest",
    },
    "top": {"func": "autograd.func"},
}


class Joined(ModuleType):
    """A module without names of its own: it looks each up in other modules, in their order.

    Parameters
    ----------
    address : str
    homes : tuple of str
        In full; imported when a name is first asked for.
    """

    def __init__(self, address: str, homes: tuple[str, ...]) -> None:
        super().__init__(address, f"PyTorch's address for what {' and '.join(homes)} hold.")
        self._homes = homes

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python itself asks of a module
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        for home in self._homes:
            module = importlib.import_module(home)
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(
            f"{self.__name__} has no {name!r}: it is not built; what is, dir({self._homes[0]}) "
            f"lists"
        )

    def __dir__(self) -> list[str]:
        modules = (importlib.import_module(home) for home in self._homes)
        return sorted({name for module in modules for name in dir(module)})


def answers_for(addresses: dict[str, str]) -> None:
    """Make `import address` find what modules of this package hold.

    Parameters
    ----------
    addresses : dict
        From an address to the modules that stand for it, separated by spaces, all without the
        package's name: {"nn.modules.loss": "nn.loss nn.margin_losses"}. Where the parent of an
        address is loaded and has no attribute of that name, it gets one.
    """
    for address, places in addresses.items():
        homes = tuple(f"{PACKAGE}.{place}" for place in places.split())
        full = f"{PACKAGE}.{address}"
        only = sys.modules.get(homes[0]) if len(homes) == 1 else None
        # A package has a __path__, through which its files would be loaded once more, and its
        # classes made twice, under the new address; a Joined has none.
        if only is None or hasattr(only, "__path__"):
            only = Joined(full, homes)
        sys.modules[full] = only
        parent, _, name = full.rpartition(".")
        if parent in sys.modules and name not in vars(sys.modules[parent]):
            setattr(sys.modules[parent], name, only)


def from_above(face: str, name: str) -> Any:
    """The object on a higher floor that the table `ABOVE` lists for a room under `name`.

    Called by the `__getattr__` of the room's `__init__.py`, with the room's name, or with `top` by
    the modules at the package's own address.

    Raises
    ------
    AttributeError
        If the table has no such line.
    """
    place = ABOVE[face].get(name)
    if place is None:
        raise AttributeError(f"module '{PACKAGE}.{face}' has no attribute {name!r}", name=name)
    module, _, attribute = place.partition(":")
    found = importlib.import_module(f"{PACKAGE}.{module}")
    return getattr(found, attribute) if attribute else found
