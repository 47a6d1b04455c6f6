"""Gradient checking: is a derivative right, and if not, which op, which element, which mistake?

Offers `gradcheck` (a function of Tensors), `check_derivation` (a gradient derived by hand),
`audit_node` (the rule of one op), `numeric_grad`, `taylor_test`, `adjoint_test`, the
`GradReport` that a check returns. `experiments` for teaching and the `selftest`, which plants wrong
rules and looks whether they are found, live in `learn` and are found here too.
"""

from __future__ import annotations

from typing import Any

from ..torch_compat.addresses import from_above
from .adjoint import AdjointTest as AdjointTest
from .adjoint import adjoint_test as adjoint_test
from .audit_result import NodeAudit as NodeAudit
from .derivation import check_derivation as check_derivation
from .directional import NumericGrad as NumericGrad
from .directional import numeric_grad as numeric_grad
from .findings import NodeFinding as NodeFinding
from .findings import Row as Row
from .function_check import GradcheckError as GradcheckError
from .function_check import assert_gradcheck as assert_gradcheck
from .function_check import gradcheck as gradcheck
from .module_check import check_module as check_module
from .node_audit import audit_node as audit_node
from .op_check import OpReports as OpReports
from .op_check import check_all_ops as check_all_ops
from .op_check import check_op as check_op
from .operation import Operation as Operation
from .operation import PlainOperation as PlainOperation
from .report import GradReport as GradReport
from .taylor import TaylorTest as TaylorTest
from .taylor import taylor_test as taylor_test

__all__ = [
    "AdjointTest",
    "GradReport",
    "GradcheckError",
    "NodeAudit",
    "NodeFinding",
    "NumericGrad",
    "OpReports",
    "Operation",
    "PlainOperation",
    "Row",
    "TaylorTest",
    "adjoint_test",
    "assert_gradcheck",
    "audit_node",
    "check_all_ops",
    "check_derivation",
    "check_module",
    "check_op",
    "gradcheck",
    "numeric_grad",
    "taylor_test",
]


def __getattr__(name: str) -> Any:
    return from_above("checking", name)
