"""Optimisers, each an update rule in plain NumPy.

`swa_utils`, which needs modules, is loaded when first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from ..torch_compat.addresses import answers_for
from ..torch_compat.advice import advice
from . import lr_scheduler as lr_scheduler
from .adagrad import Adadelta as Adadelta
from .adagrad import Adagrad as Adagrad
from .adam import Adam as Adam
from .adam import Adamax as Adamax
from .adam import AdamW as AdamW
from .adam import NAdam as NAdam
from .adam import RAdam as RAdam
from .lbfgs import LBFGS as LBFGS
from .optimizer import Optimizer as Optimizer
from .rmsprop import RMSprop as RMSprop
from .rprop import ASGD as ASGD
from .rprop import Rprop as Rprop
from .sgd import SGD as SGD

answers_for(
    {
        "optim.adadelta": "optim.adagrad",
        "optim.adamax": "optim.adam",
        "optim.adamw": "optim.adam",
        "optim.asgd": "optim.rprop",
        "optim.nadam": "optim.adam",
        "optim.radam": "optim.adam",
    }
)

if TYPE_CHECKING:
    from . import swa_utils as swa_utils


def __getattr__(name: str) -> Any:
    if name == "swa_utils":
        return importlib.import_module(".swa_utils", __name__)
    instead = advice(name) or f"dir({__name__}) lists what is"
    raise AttributeError(f"{__name__} has no {name!r}: it is not built; {instead}", name=name)
