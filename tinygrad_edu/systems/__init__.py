"""The five systems: XOR, 2×2 patterns, letters, digits, MNIST.

`SYSTEMS` holds them by name; `SYSTEMS["xor"].run(Settings(seed=0))` trains one and returns its
`Outcome`. Each is also a lesson to read: `examples/` of the repository.
"""

from .by_hand import Derivation as Derivation
from .by_hand import derivation_of as derivation_of
from .by_hand import derived_gradients as derived_gradients
from .digits import Digits as Digits
from .letters import Letters as Letters
from .mnist import Mnist as Mnist
from .outcome import Outcome as Outcome
from .outcome import Picture as Picture
from .outcome import Prediction as Prediction
from .outcome import Section as Section
from .patterns import Patterns as Patterns
from .settings import Recipe as Recipe
from .settings import Settings as Settings
from .settings import SettingsError as SettingsError
from .system import Data as Data
from .system import Surroundings as Surroundings
from .system import System as System
from .xor import Xor as Xor

__all__ = [
    "Data",
    "Derivation",
    "Digits",
    "Letters",
    "Mnist",
    "Outcome",
    "Patterns",
    "Picture",
    "Prediction",
    "Recipe",
    "SYSTEMS",
    "Section",
    "Settings",
    "SettingsError",
    "Surroundings",
    "System",
    "Xor",
    "derivation_of",
    "derived_gradients",
]

SYSTEMS: dict[str, System] = {
    system.name: system for system in (Xor(), Patterns(), Letters(), Digits(), Mnist())
}
