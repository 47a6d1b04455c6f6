"""Experiments with gradients, each one call: numbers, a picture, a paragraph of what to see."""

from __future__ import annotations

from collections.abc import Callable

from .before_and_after import before_after as before_after
from .depth_and_scale import initialisation as initialisation
from .depth_and_scale import vanishing as vanishing
from .digits_kept import dtype_compare as dtype_compare
from .hidden_bug import HiddenBug as HiddenBug
from .hidden_bug import find_the_bug as find_the_bug
from .kinks_seen import kink_zoom as kink_zoom
from .result import Experiment as Experiment
from .softmax_compositions import softmax_stability as softmax_stability
from .step_sizes import vcurve as vcurve
from .taylor_slopes import taylor as taylor

EXPERIMENTS: dict[str, Callable[..., Experiment]] = {
    "vcurve": vcurve,
    "kink_zoom": kink_zoom,
    "vanishing": vanishing,
    "initialisation": initialisation,
    "softmax_stability": softmax_stability,
    "taylor": taylor,
    "dtype_compare": dtype_compare,
    "before_after": before_after,
    "find_the_bug": find_the_bug,
}
