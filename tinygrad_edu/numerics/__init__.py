"""Vectorised special functions that NumPy lacks, on plain arrays.

Names and conventions at poles and edges are those of `torch.special` (`lgamma`: of `torch`); digits
are kept in the tails as well. Results have the argument's dtype, 0-d arguments give NumPy scalars,
and no function warns. Imports NumPy alone. Import from the modules, each of which says what it
offers: most programs need `error_function` and nothing else.
"""
