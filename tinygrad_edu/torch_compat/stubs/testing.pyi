from tinygrad_edu.torch_compat.top.testing import *
