"""The Tensor class, and how tensors are made, printed and drawn from random numbers."""
