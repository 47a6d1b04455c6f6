"""Every distribution's density, entropy, draws and divergences pass their check to order 2."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.checking.tables.cases import Draw
from tests.checking.tables.distributions import (
    ABSENT,
    CONSTANT,
    DISTRIBUTIONS,
    JUMPS,
    MEMBERS,
    NO_CLOSED_FORM,
    TRANSFORMS,
)
from tinygrad_edu import distributions
from tinygrad_edu.checking import gradcheck
from tinygrad_edu.distributions import kl, kl_divergence
from tinygrad_edu.distributions.kl_pairs import infinite
from tinygrad_edu.distributions.transforms import Transform
from tinygrad_edu.engine.table import find, with_rule


def drawn(draws: Any, seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [x.make(rng, x.shape) for x in draws]


def members_of(name: str) -> list[str]:
    kind = getattr(distributions, name.split()[0])
    case = DISTRIBUTIONS[name]
    has = case.build(*map(tg.tensor, drawn(case.parameters, 0)))
    given = [m for m in ("probs", "logits") if hasattr(has, m)]
    found = [m for m in MEMBERS if hasattr(kind, m) or m in given]
    unbuilt = [m for m in ("cdf", "icdf") if m in found and inherited(kind, m)]
    unbuilt += [] if has.has_rsample else ["rsample"]
    return [m for m in found if m not in unbuilt and (name, m) not in JUMPS]


def inherited(kind: Any, member: str) -> bool:
    """Whether a kind has a member from the base of all, which refuses it in words."""
    return getattr(kind, member) is getattr(distributions.Distribution, member)


def told(made: Any, member: str, *args: Any) -> Any:
    """What a method answers, or a property holds."""
    found = getattr(made, member)
    return found(*args) if callable(found) else found


# The others with the slow batteries.
OFTEN = ("log_prob", "rsample", "entropy")
CHECKS = [(name, member) for name in DISTRIBUTIONS for member in members_of(name)]


def check(name: str, member: str, order: int = 2) -> Any:
    """The check of one number of one distribution, by its parameters and by the value."""
    case = DISTRIBUTIONS[name]
    count = len(case.parameters)
    value = case.value
    by_value = MEMBERS[member] and isinstance(value, Draw)
    given = drawn((*case.parameters, *((value,) if by_value else ())), 11)
    if member == "icdf":
        given[-1] = np.random.default_rng(1).uniform(0.1, 0.9, given[-1].shape)

    def number(*xs: Any) -> Any:
        made = case.build(*xs[:count])
        if MEMBERS[member]:
            return told(made, member, xs[count] if by_value else value)
        return told(made, member, *([(2,)] if member == "rsample" else []))

    return gradcheck(number, *given, order=order)


@pytest.mark.parametrize(
    ("name", "member"),
    [pytest.param(*c, marks=[] if c[1] in OFTEN else [pytest.mark.slow]) for c in CHECKS],
)
def test_distribution(name: str, member: str) -> None:
    if (name, member) in NO_CLOSED_FORM:
        case = DISTRIBUTIONS[name]
        made = case.build(*map(tg.tensor, drawn(case.parameters, 0)))
        with pytest.raises(NotImplementedError):
            told(made, member, *([tg.tensor(0.5)] if MEMBERS[member] else []))
        return
    if (name, member) in CONSTANT:
        case = DISTRIBUTIONS[name]
        made = case.build(*(tg.tensor(x).requires_grad_() for x in drawn(case.parameters, 0)))
        assert not told(made, member).requires_grad
        return
    report = check(name, member)
    assert report.verdict == "PASS", report


def test_every_distribution_and_member_is_accounted_for() -> None:
    own = vars(distributions).items()
    classes = {n for n, x in own if inspect.isclass(x) and x.__module__.startswith("tinygrad")}
    transforms = {n for n in classes if issubclass(getattr(distributions, n), Transform)}
    kinds = classes - transforms - {"Distribution"}
    assert kinds == {name.split()[0] for name in DISTRIBUTIONS}
    assert transforms == {*TRANSFORMS, "Transform"}
    known = {*MEMBERS, *" ".join(ABSENT.values()).split()}
    for name, case in DISTRIBUTIONS.items():
        made = case.build(*map(tg.tensor, drawn(case.parameters, 0)))
        public = {m for m in (*dir(type(made)), *vars(made)) if not m.startswith("_")}
        assert public <= known, (
            f"add to MEMBERS or ABSENT of tests/checking/tables/distributions.py what {name} has: "
            f"{sorted(public - known)}"
        )


def pairs() -> list[tuple[str, str]]:
    """Names of cases for every pair of kinds that has a divergence, but for the infinite ones."""
    kinds = {name: getattr(distributions, name.split()[0]) for name in DISTRIBUTIONS}
    names: dict[Any, list[str]] = {}
    for name, kind in kinds.items():
        names.setdefault(kind, []).append(name)
    same = [(a, a) for a in kinds if (kinds[a], kinds[a]) in kl.RULES]
    rules = [(p, q) for (p, q), rule in kl.RULES.items() if p is not q and rule is not infinite]
    return same + [(names[p][0], names[q][0]) for p, q in rules]


def test_every_divergence_is_accounted_for() -> None:
    covered = {tuple(getattr(distributions, n.split()[0]) for n in pair) for pair in pairs()}
    assert covered == {pair for pair, rule in kl.RULES.items() if rule is not infinite}


# The numbers of a uniform that draws within 0 and 1, for those that draw nothing else.
NARROW = [np.array([0.15, 0.2, 0.3]), np.array([0.6, 0.8, 0.9])]


@pytest.mark.parametrize(("first", "second"), pairs())
def test_divergence(first: str, second: str) -> None:
    a, b = DISTRIBUTIONS[first], DISTRIBUTIONS[second]
    count = len(a.parameters)

    def divergence(*xs: Any) -> Any:
        return kl_divergence(a.build(*xs[:count]), b.build(*xs[count:]))

    one, other = drawn(a.parameters, 1), drawn(b.parameters, 2)
    if first == "Uniform":  # the second must hold the first
        one = [x / 2 for x in one] if second == "Uniform" else NARROW
    if second == "Pareto":
        other[0] = other[0] / 100
    report = gradcheck(divergence, *one, *other, order=2)
    assert report.verdict == "PASS", report


@pytest.mark.parametrize("part", ["value", "inverse", "slope"])
@pytest.mark.parametrize("name", sorted(TRANSFORMS))
def test_transform(name: str, part: str) -> None:
    build, draws = TRANSFORMS[name]

    def number(x: Any, *settings: Any) -> Any:
        f = build(x, *settings)
        if part == "value":
            return f(x)
        if part == "inverse":
            return f.inv(f(x) * 1)
        return f.log_abs_det_jacobian(x, f(x))

    given = drawn(draws, 5)
    bijective = build(*map(tg.tensor, given)).bijective
    if part == "slope" and not bijective:
        with pytest.raises(NotImplementedError, match="no density"):
            number(*map(tg.tensor, given))
        return
    if part == "slope" and name == "ReshapeTransform":
        assert not number(*(tg.tensor(x).requires_grad_() for x in given)).requires_grad
        return
    report = gradcheck(number, *given, order=2)
    assert report.verdict == "PASS", report


def test_a_wrong_rule_below_a_distribution_is_found() -> None:
    with with_rule(find(np.log), "x", lambda g, x: g * x):
        report = check("Normal", "log_prob", order=1)
    assert report.verdict == "FAIL"
    assert report.first_wrong.op.split()[0] == "log"
