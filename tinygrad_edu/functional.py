"""PyTorch's `torch.functional`, where some top-level functions can be found too."""

from .creation import meshgrid as meshgrid
from .ops.linalg import einsum as einsum
from .ops.linalg import norm as norm
from .ops.linalg import tensordot as tensordot
from .ops.ordering import unique as unique
from .ops.ordering import unique_consecutive as unique_consecutive
from .ops.shaping import atleast_1d as atleast_1d
from .ops.shaping import atleast_2d as atleast_2d
from .ops.shaping import atleast_3d as atleast_3d
from .ops.shaping import broadcast_tensors as broadcast_tensors
from .ops.shaping import split as split
