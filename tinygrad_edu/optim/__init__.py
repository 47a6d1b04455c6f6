"""Optimisers, each an update rule in plain NumPy."""

from .optimizer import Optimizer as Optimizer
from .sgd import SGD as SGD
