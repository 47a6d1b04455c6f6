"""Vectorised special functions that NumPy lacks, on plain arrays.

Names and conventions at poles and edges are those of `torch.special` (`lgamma`: of `torch`); digits
are kept in the tails as well. Results have the argument's dtype, 0-d arguments give NumPy scalars,
and no function warns. Imports NumPy alone.
"""

from tinygrad_edu.numerics.bessel import i0 as i0
from tinygrad_edu.numerics.bessel import i0e as i0e
from tinygrad_edu.numerics.bessel import i1 as i1
from tinygrad_edu.numerics.bessel import i1e as i1e
from tinygrad_edu.numerics.complementary_error_function import erfc as erfc
from tinygrad_edu.numerics.complementary_error_function import erfcx as erfcx
from tinygrad_edu.numerics.entropy import entr as entr
from tinygrad_edu.numerics.entropy import sinc as sinc
from tinygrad_edu.numerics.entropy import xlog1py as xlog1py
from tinygrad_edu.numerics.entropy import xlogy as xlogy
from tinygrad_edu.numerics.error_function import erf as erf
from tinygrad_edu.numerics.gamma import digamma as digamma
from tinygrad_edu.numerics.gamma import lgamma as lgamma
from tinygrad_edu.numerics.gamma import multigammaln as multigammaln
from tinygrad_edu.numerics.inverse_error_function import erfinv as erfinv
from tinygrad_edu.numerics.normal_distribution import log_ndtr as log_ndtr
from tinygrad_edu.numerics.normal_distribution import ndtr as ndtr
from tinygrad_edu.numerics.normal_distribution import ndtri as ndtri
from tinygrad_edu.numerics.zeta import polygamma as polygamma
from tinygrad_edu.numerics.zeta import zeta as zeta

__all__ = [
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "lgamma",
    "log_ndtr",
    "multigammaln",
    "ndtr",
    "ndtri",
    "polygamma",
    "sinc",
    "xlog1py",
    "xlogy",
    "zeta",
]
