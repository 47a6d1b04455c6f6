from tinygrad_edu.autograd.func import *
