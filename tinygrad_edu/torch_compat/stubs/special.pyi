from tinygrad_edu.torch_compat.top.special import *
