"""PyTorch's `torch.distributions`: draws, log-probabilities, entropies and divergences."""

from typing import Any

from ..torch_compat.addresses import answers_for
from ..torch_compat.advice import advice
from . import constraints as constraints
from . import kl_pairs as kl_pairs
from . import transforms as transforms
from .by_transforms import Gumbel as Gumbel
from .by_transforms import HalfCauchy as HalfCauchy
from .by_transforms import HalfNormal as HalfNormal
from .by_transforms import InverseGamma as InverseGamma
from .by_transforms import Kumaraswamy as Kumaraswamy
from .by_transforms import LogisticNormal as LogisticNormal
from .by_transforms import LogNormal as LogNormal
from .by_transforms import Pareto as Pareto
from .by_transforms import Weibull as Weibull
from .continuous import Cauchy as Cauchy
from .continuous import Exponential as Exponential
from .continuous import Laplace as Laplace
from .continuous import Normal as Normal
from .continuous import Uniform as Uniform
from .continuous_bernoulli import ContinuousBernoulli as ContinuousBernoulli
from .discrete import Bernoulli as Bernoulli
from .discrete import Binomial as Binomial
from .discrete import Categorical as Categorical
from .discrete import Geometric as Geometric
from .discrete import OneHotCategorical as OneHotCategorical
from .discrete import Poisson as Poisson
from .distribution import Distribution as Distribution
from .gamma import Beta as Beta
from .gamma import Chi2 as Chi2
from .gamma import Dirichlet as Dirichlet
from .gamma import FisherSnedecor as FisherSnedecor
from .gamma import Gamma as Gamma
from .gamma import NegativeBinomial as NegativeBinomial
from .gamma import StudentT as StudentT
from .kl import kl_divergence as kl_divergence
from .kl import register_kl as register_kl
from .low_rank import LowRankMultivariateNormal as LowRankMultivariateNormal
from .mixture import MixtureSameFamily as MixtureSameFamily
from .multinomial import Multinomial as Multinomial
from .multivariate import Independent as Independent
from .multivariate import MultivariateNormal as MultivariateNormal
from .relaxed import OneHotCategoricalStraightThrough as OneHotCategoricalStraightThrough
from .relaxed import RelaxedBernoulli as RelaxedBernoulli
from .relaxed import RelaxedOneHotCategorical as RelaxedOneHotCategorical
from .transformed import TransformedDistribution as TransformedDistribution
from .transforms import AbsTransform as AbsTransform
from .transforms import AffineTransform as AffineTransform
from .transforms import ComposeTransform as ComposeTransform
from .transforms import CumulativeDistributionTransform as CumulativeDistributionTransform
from .transforms import ExpTransform as ExpTransform
from .transforms import IndependentTransform as IndependentTransform
from .transforms import LowerCholeskyTransform as LowerCholeskyTransform
from .transforms import PositiveDefiniteTransform as PositiveDefiniteTransform
from .transforms import PowerTransform as PowerTransform
from .transforms import ReshapeTransform as ReshapeTransform
from .transforms import SigmoidTransform as SigmoidTransform
from .transforms import SoftmaxTransform as SoftmaxTransform
from .transforms import SoftplusTransform as SoftplusTransform
from .transforms import StickBreakingTransform as StickBreakingTransform
from .transforms import TanhTransform as TanhTransform
from .transforms import Transform as Transform
from .transforms import identity_transform as identity_transform
from .von_mises import VonMises as VonMises

# PyTorch keeps each distribution in a file of its own.
answers_for(
    {
        f"distributions.{address}": f"distributions.{home}"
        for home, addresses in {
            "by_transforms": "gumbel half_cauchy half_normal inverse_gamma kumaraswamy log_normal "
            "logistic_normal pareto weibull",
            "gamma": "beta chi2 dirichlet fishersnedecor negative_binomial studentT",
            "low_rank": "lowrank_multivariate_normal",
            "mixture": "mixture_same_family",
            "relaxed": "relaxed_bernoulli relaxed_categorical",
            "transformed": "transformed_distribution",
            "continuous": "cauchy exponential laplace normal uniform",
            "discrete": "bernoulli binomial categorical geometric poisson",
            "discrete distributions.relaxed": "one_hot_categorical",
            "multivariate": "independent multivariate_normal",
        }.items()
        for address in addresses.split()
    }
)


def __getattr__(name: str) -> Any:
    instead = advice(name) or f"dir({__name__}) lists what is"
    raise AttributeError(f"{__name__} has no {name!r}: it is not built; {instead}", name=name)
