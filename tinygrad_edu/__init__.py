"""An autograd framework made of NumPy: PyTorch's names, every op drawn, every gradient provable."""

from .tensor import Parameter as Parameter
from .tensor import Tensor as Tensor
from .tensor import tensor as tensor
