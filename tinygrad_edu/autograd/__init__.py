"""Derivatives: of tensors (`grad`, `backward`), of functions (`functional`), of your own ops
(`Function`); and whether to record (`no_grad`), and where a NaN came from (`detect_anomaly`).

PyTorch also keeps `gradcheck` and `gradgradcheck` here: they live floors above, in `checking`, and
are found when first asked for.
"""

from typing import Any

from ..torch_compat.addresses import answers_for, from_above
from ..torch_compat.legacy import Variable as Variable
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


def __getattr__(name: str) -> Any:
    if name == "profiler":
        raise AttributeError(
            "autograd.profiler is not built: time calls with time.perf_counter(), or run "
            "`python -m cProfile -s cumtime script.py`"
        )
    return from_above("autograd", name)


answers_for({"autograd.variable": "torch_compat.legacy"})
