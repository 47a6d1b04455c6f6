from tinygrad_edu.torch_compat.top.types import *
