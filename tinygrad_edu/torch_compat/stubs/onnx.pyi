from tinygrad_edu.torch_compat.top.onnx import *
