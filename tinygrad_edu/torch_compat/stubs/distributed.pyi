from tinygrad_edu.torch_compat.top.distributed import *
