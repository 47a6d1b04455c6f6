"""PyTorch-named functions over the primitives: composed, never with a derivative of their own."""
