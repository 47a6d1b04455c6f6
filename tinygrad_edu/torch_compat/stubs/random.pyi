from tinygrad_edu.tensors.random import *
