"""PyTorch's `torch.random`, which is `tensors.random` here."""

import sys

from tinygrad_edu.tensors import random

sys.modules[__name__] = random
