from tinygrad_edu.torch_compat.top.amp import *
