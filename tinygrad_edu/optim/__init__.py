"""Optimisers, each an update rule in plain NumPy.

`swa_utils`, which needs modules, is loaded when first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from ..torch_compat.advice import advice
from . import lr_scheduler as lr_scheduler
from .adadelta import Adadelta as Adadelta
from .adagrad import Adagrad as Adagrad
from .adam import Adam as Adam
from .adamax import Adamax as Adamax
from .adamw import AdamW as AdamW
from .asgd import ASGD as ASGD
from .lbfgs import LBFGS as LBFGS
from .nadam import NAdam as NAdam
from .optimizer import Optimizer as Optimizer
from .radam import RAdam as RAdam
from .rmsprop import RMSprop as RMSprop
from .rprop import Rprop as Rprop
from .sgd import SGD as SGD

if TYPE_CHECKING:
    from . import swa_utils as swa_utils


def __getattr__(name: str) -> Any:
    if name == "swa_utils":
        return importlib.import_module(".swa_utils", __name__)
    instead = advice(name) or f"dir({__name__}) lists what is"
    raise AttributeError(f"{__name__} has no {name!r}: it is not built; {instead}", name=name)
