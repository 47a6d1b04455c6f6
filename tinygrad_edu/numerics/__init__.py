"""Vectorised special functions that NumPy lacks, on plain arrays."""
