"""The special functions against mpmath, SciPy and PyTorch."""
