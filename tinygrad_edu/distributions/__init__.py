"""PyTorch's `torch.distributions`: draws, log-probabilities, entropies and divergences."""

from ..addresses import answers_for
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
from .multinomial import Multinomial as Multinomial
from .multivariate import Independent as Independent
from .multivariate import MultivariateNormal as MultivariateNormal

# PyTorch keeps each distribution in a file of its own.
answers_for(
    {
        f"distributions.{address}": f"distributions.{home}"
        for home, addresses in {
            "continuous": "beta cauchy dirichlet exponential gamma half_normal laplace log_normal "
            "normal uniform",
            "discrete": "bernoulli binomial categorical geometric one_hot_categorical poisson",
            "multivariate": "independent multivariate_normal",
        }.items()
        for address in addresses.split()
    }
)
