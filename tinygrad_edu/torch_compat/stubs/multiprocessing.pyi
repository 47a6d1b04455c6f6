from tinygrad_edu.torch_compat.top.multiprocessing import *
