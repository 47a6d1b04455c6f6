from tinygrad_edu.torch_compat.top.linalg import *
