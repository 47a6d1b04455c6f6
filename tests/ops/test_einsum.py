"""einsum: labels that broadcast, and words for labels that do not fit."""

import numpy as np
import pytest

import tinygrad_edu as tg

BROADCAST = [
    ("ij,jk->ik", (2, 1), (4, 5)),
    ("bij,bjk->bik", (1, 2, 3), (4, 3, 5)),
    ("ij,ij->", (1, 3), (2, 1)),
    ("bhqd,bhkd->bhqk", (2, 1, 3, 4), (2, 5, 6, 4)),
]


@pytest.mark.parametrize(("equation", "left", "right"), BROADCAST)
def test_a_label_of_size_one_is_broadcast(
    equation: str, left: tuple[int, ...], right: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=left), rng.normal(size=right)
    terms = equation.split("->")[0].split(",")
    sizes: dict[str, int] = {}
    for term, shape in zip(terms, (left, right)):
        for c, size in zip(term, shape):
            sizes[c] = max(sizes.get(c, 1), size)
    whole = [np.broadcast_to(x, [sizes[c] for c in t]) for x, t in zip((a, b), terms)]
    result = tg.einsum(equation, tg.tensor(a), tg.tensor(b))
    np.testing.assert_allclose(result.numpy(), np.einsum(equation, *whole), rtol=1e-13)
    report = tg.gradcheck(lambda x, y: tg.einsum(equation, x, y), tg.tensor(a), tg.tensor(b))
    assert report, str(report)


def test_a_label_of_two_sizes_is_named() -> None:
    with pytest.raises(RuntimeError, match=r"the label 'j' of 'ij,jk->ik' stands for sizes 3 and"):
        tg.einsum("ij,jk->ik", tg.ones(2, 3), tg.ones(4, 5))
