from tinygrad_edu.torch_compat.top.cuda import *
