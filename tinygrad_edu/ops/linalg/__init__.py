"""Linear algebra: products, norms, factorizations, and systems of equations."""
