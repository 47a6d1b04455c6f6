from tinygrad_edu.torch_compat.top.backends import *
