from tinygrad_edu.torch_compat.top.accelerator import *
