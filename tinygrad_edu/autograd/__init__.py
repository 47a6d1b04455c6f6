"""Derivatives: of tensors (`grad`, `backward`), of functions (`functional`), of your own ops
(`Function`); and whether to record (`no_grad`), and where a NaN came from (`detect_anomaly`).

PyTorch also keeps `gradcheck`, `gradgradcheck` and `Variable` here. They live floors above, in
`checking` and `legacy`, and this face finds them there when first asked.
"""

import importlib
from typing import TYPE_CHECKING, Any

from ..addresses import answers_for
from . import forward_ad as forward_ad
from . import function as function
from . import functional as functional
from . import graph as graph
from .anomaly_mode import detect_anomaly as detect_anomaly
from .anomaly_mode import set_detect_anomaly as set_detect_anomaly
from .differentiation import backward as backward
from .differentiation import grad as grad
from .function import Function as Function
from .grad_mode import enable_grad as enable_grad
from .grad_mode import inference_mode as inference_mode
from .grad_mode import no_grad as no_grad
from .grad_mode import set_grad_enabled as set_grad_enabled

if TYPE_CHECKING:
    from ..checking.torch_signature import gradcheck as gradcheck
    from ..checking.torch_signature import gradgradcheck as gradgradcheck
    from ..legacy import Variable as Variable

ABOVE = {
    "Variable": "legacy",
    "gradcheck": "checking.torch_signature",
    "gradgradcheck": "checking.torch_signature",
}


def __getattr__(name: str) -> Any:
    if name in ABOVE:
        return getattr(importlib.import_module(f"tinygrad_edu.{ABOVE[name]}"), name)
    if name == "profiler":
        raise AttributeError(
            "autograd.profiler is not built: time calls with time.perf_counter(), or run "
            "`python -m cProfile -s cumtime script.py`"
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


answers_for(
    {
        "autograd.variable": "legacy",
    }
)
