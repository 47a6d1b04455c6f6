from tinygrad_edu.torch_compat.top.version import *
