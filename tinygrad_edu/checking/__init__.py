"""Gradient checking: is a derivative right, and if not, which op, which element, which mistake?

Offers `gradcheck` (a function of Tensors), `check_derivation` (a gradient derived by hand),
`audit_node` (the rule of one op), `numeric_grad`, `taylor_test`, `adjoint_test`, the
`GradReport` that a check returns. `experiments` for teaching and the `selftest`, which plants wrong
rules and looks whether they are found, live in `learn` and are found here too.
"""

from __future__ import annotations

from typing import Any

from tinygrad_edu.checking.adjoint import AdjointTest as AdjointTest
from tinygrad_edu.checking.adjoint import adjoint_test as adjoint_test
from tinygrad_edu.checking.audit_result import NodeAudit as NodeAudit
from tinygrad_edu.checking.derivation import check_derivation as check_derivation
from tinygrad_edu.checking.directional import NumericGrad as NumericGrad
from tinygrad_edu.checking.directional import numeric_grad as numeric_grad
from tinygrad_edu.checking.function_check import GradcheckError as GradcheckError
from tinygrad_edu.checking.function_check import assert_gradcheck as assert_gradcheck
from tinygrad_edu.checking.function_check import gradcheck as gradcheck
from tinygrad_edu.checking.module_check import check_module as check_module
from tinygrad_edu.checking.node_audit import audit_node as audit_node
from tinygrad_edu.checking.op_check import OpReports as OpReports
from tinygrad_edu.checking.op_check import check_all_ops as check_all_ops
from tinygrad_edu.checking.op_check import check_op as check_op
from tinygrad_edu.checking.operation import Operation as Operation
from tinygrad_edu.checking.operation import PlainOperation as PlainOperation
from tinygrad_edu.checking.report import GradReport as GradReport
from tinygrad_edu.checking.report import NodeFinding as NodeFinding
from tinygrad_edu.checking.report import Row as Row
from tinygrad_edu.checking.taylor import TaylorTest as TaylorTest
from tinygrad_edu.checking.taylor import taylor_test as taylor_test
from tinygrad_edu.torch_compat.addresses import from_above

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
