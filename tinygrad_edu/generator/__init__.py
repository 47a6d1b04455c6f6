"""PyTorch's CPU random numbers, bit for bit, as NumPy arrays.

After ``manual_seed(s)``, the same calls give the numbers that PyTorch gives on x86-64, and leave
its 5056 bytes of state. One generator owns one stream; every function here takes the next numbers
from it. Names with a trailing underscore fill an array in place, the others return a new one.

* the stream: `Generator`, `default_generator`, `manual_seed`, `get_rng_state`, `fork_rng`, …
* uniforms and normals: `rand`, `uniform_`, `randn`, `normal_`, `normal`
* integers: `randint`, `random_`, `randperm`
* choices: `bernoulli`, `multinomial`, and dropout's masks
* other distributions: exponential, gamma, Poisson, …
* the order of data: samplers, shuffled loaders, random splits
"""

from .choices import bernoulli as bernoulli
from .choices import bernoulli_ as bernoulli_
from .choices import multinomial as multinomial
from .continuous import cauchy_ as cauchy_
from .continuous import dirichlet as dirichlet
from .continuous import exponential_ as exponential_
from .continuous import log_normal_ as log_normal_
from .continuous import standard_gamma as standard_gamma
from .counts import binomial as binomial
from .counts import geometric_ as geometric_
from .counts import poisson as poisson
from .dropout import alpha_dropout_terms as alpha_dropout_terms
from .dropout import dropout_noise as dropout_noise
from .dropout import (
    feature_alpha_dropout_terms as feature_alpha_dropout_terms,
)
from .dropout import feature_dropout_noise as feature_dropout_noise
from .integers import randint as randint
from .integers import random_ as random_
from .integers import randperm as randperm
from .memory_order import dense_like as dense_like
from .mersenne import DEFAULT_SEED as DEFAULT_SEED
from .mersenne import STATE_BYTES as STATE_BYTES
from .mersenne import Generator as Generator
from .mersenne import default_generator as default_generator
from .mersenne import fork_rng as fork_rng
from .mersenne import get_rng_state as get_rng_state
from .mersenne import initial_seed as initial_seed
from .mersenne import manual_seed as manual_seed
from .mersenne import seed as seed
from .mersenne import set_rng_state as set_rng_state
from .normals import normal as normal
from .normals import normal_ as normal_
from .normals import randn as randn
from .normals import randn_like as randn_like
from .sampling_order import draw_base_seed as draw_base_seed
from .sampling_order import random_order as random_order
from .sampling_order import random_split_order as random_split_order
from .sampling_order import split_lengths as split_lengths
from .sampling_order import subset_random_order as subset_random_order
from .sampling_order import weighted_random_order as weighted_random_order
from .uniforms import rand as rand
from .uniforms import rand_like as rand_like
from .uniforms import uniform_ as uniform_

__all__ = [
    "DEFAULT_SEED",
    "Generator",
    "STATE_BYTES",
    "alpha_dropout_terms",
    "bernoulli",
    "bernoulli_",
    "binomial",
    "cauchy_",
    "default_generator",
    "dense_like",
    "dirichlet",
    "draw_base_seed",
    "dropout_noise",
    "exponential_",
    "feature_alpha_dropout_terms",
    "feature_dropout_noise",
    "fork_rng",
    "geometric_",
    "get_rng_state",
    "initial_seed",
    "log_normal_",
    "manual_seed",
    "multinomial",
    "normal",
    "normal_",
    "poisson",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "random_",
    "random_order",
    "random_split_order",
    "randperm",
    "seed",
    "set_rng_state",
    "split_lengths",
    "standard_gamma",
    "subset_random_order",
    "uniform_",
    "weighted_random_order",
]
