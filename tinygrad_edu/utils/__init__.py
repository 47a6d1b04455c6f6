"""Tools around training."""

from ..torch_compat.addresses import answers_for
from . import checkpoint as checkpoint
from . import data as data

answers_for({"utils.dlpack": "torch_compat.exchange", "utils.model_zoo": "hub"})
