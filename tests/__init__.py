"""The test suite: a mirror of the package, and what spans it."""
