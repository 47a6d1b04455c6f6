"""PyTorch's `torch.distributions`: draws, log-probabilities, entropies and divergences."""

import sys

from .continuous import Beta as Beta
from .continuous import Cauchy as Cauchy
from .continuous import Dirichlet as Dirichlet
from .continuous import Exponential as Exponential
from .continuous import Gamma as Gamma
from .continuous import HalfNormal as HalfNormal
from .continuous import Laplace as Laplace
from .continuous import LogNormal as LogNormal
from .continuous import Normal as Normal
from .continuous import Uniform as Uniform
from .discrete import Bernoulli as Bernoulli
from .discrete import Binomial as Binomial
from .discrete import Categorical as Categorical
from .discrete import Geometric as Geometric
from .discrete import OneHotCategorical as OneHotCategorical
from .discrete import Poisson as Poisson
from .distribution import Distribution as Distribution
from .kl import kl_divergence as kl_divergence
from .kl import register_kl as register_kl
from .multivariate import Independent as Independent
from .multivariate import MultivariateNormal as MultivariateNormal

# PyTorch keeps each distribution in a file of its own: `from torch.distributions.normal import
# Normal` looks its module up here.
for name in [
    "bernoulli",
    "beta",
    "binomial",
    "categorical",
    "cauchy",
    "dirichlet",
    "exponential",
    "gamma",
    "geometric",
    "half_normal",
    "independent",
    "laplace",
    "log_normal",
    "multivariate_normal",
    "normal",
    "one_hot_categorical",
    "poisson",
    "uniform",
]:
    sys.modules[f"{__name__}.{name}"] = globals()[name] = sys.modules[__name__]
del name
