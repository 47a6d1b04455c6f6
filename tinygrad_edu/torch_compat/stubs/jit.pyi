from tinygrad_edu.torch_compat.top.jit import *
