from tinygrad_edu.torch_compat.top.functional import *
