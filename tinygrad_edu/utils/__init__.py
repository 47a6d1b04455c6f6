"""Tools around training."""

from ..addresses import answers_for
from . import checkpoint as checkpoint
from . import data as data

answers_for({"utils.dlpack": "exchange", "utils.model_zoo": "hub"})
