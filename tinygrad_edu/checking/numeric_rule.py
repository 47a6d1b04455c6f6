"""An op whose derivative rule is replaced by numeric derivatives of its own values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .comparison import Point
from .differences import Array
from .element_evidence import jacobian
from .graph_operation import NodeOperation
from .operation import Sealed, sealed

__all__ = ["NumericRule"]


class NumericRule(NodeOperation):
    """A recorded call with numeric derivatives instead of its rule.

    Parameters
    ----------
    op : NodeOperation
    exact : bool
        The complex step was shown to hold for it.
    """

    def __init__(self, op: NodeOperation, exact: bool) -> None:
        super().__init__(op.node, op.operands)
        self.exact = exact

    def vjp(
        self, inputs: Sequence[Array], output: Array, cotangent: Array
    ) -> Sequence[Array | None]:
        """`cotangent^T J` by complex step or differences, element by element."""
        point = Point(Sealed(self), [sealed(x) for x in inputs], np.asarray(output), self.exact)
        found: list[Array | None] = [None] * len(inputs)
        for k in self.live:
            table, _ = jacobian(point, k)
            found[k] = (cotangent.ravel() @ table).reshape(inputs[k].shape)
        return found
