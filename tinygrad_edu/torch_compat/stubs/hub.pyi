from tinygrad_edu.torch_compat.top.hub import *
