"""PyTorch's `torch.functional`, where some top-level functions can be found too."""

from tinygrad_edu.ops.distance import norm as norm
from tinygrad_edu.ops.joining import atleast_1d as atleast_1d
from tinygrad_edu.ops.joining import atleast_2d as atleast_2d
from tinygrad_edu.ops.joining import atleast_3d as atleast_3d
from tinygrad_edu.ops.joining import split as split
from tinygrad_edu.ops.linalg.products import einsum as einsum
from tinygrad_edu.ops.linalg.products import tensordot as tensordot
from tinygrad_edu.ops.ordering import unique as unique
from tinygrad_edu.ops.ordering import unique_consecutive as unique_consecutive
from tinygrad_edu.ops.shaping import broadcast_tensors as broadcast_tensors
from tinygrad_edu.tensors.creation import meshgrid as meshgrid
