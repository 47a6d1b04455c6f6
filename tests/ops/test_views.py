"""Views and writing in place: values and gradients, and what refuses."""

import gc
import random
import weakref

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.ops.views import root_of


def leaf(values):
    return tg.tensor(values, dtype=tg.float64, requires_grad=True)


def four():
    x = leaf([1.0, 2.0, 3.0, 4.0])
    return x, x * 1


# History is rewritten -----------------------------------------------------------------------------


def test_a_write_through_a_view_reaches_the_base():
    x, y = four()
    y[:2].mul_(3)
    assert y.tolist() == [3.0, 6.0, 3.0, 4.0]
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 3.0, 1.0, 1.0]


def test_a_write_into_the_base_reaches_its_views():
    x, y = four()
    v = y[:2]
    y.mul_(2)
    assert v.tolist() == [2.0, 4.0]
    v.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 0.0, 0.0]


def test_views_of_one_base_see_each_other():
    x, y = four()
    square, tail = y.reshape(2, 2), y[2:]
    square.t()[1].mul_(10)
    assert y.tolist() == [1.0, 20.0, 3.0, 40.0]
    assert tail.tolist() == [3.0, 40.0]
    (tail * tail).sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 6.0, 800.0]


@pytest.mark.parametrize(
    "cut",
    [
        lambda y: y[1],
        lambda y: y.reshape(2, 2)[1, 0],
        lambda y: y.reshape(2, 2).diagonal(),
        lambda y: y.reshape(2, 2).t()[0],
        lambda y: y.unsqueeze(0)[..., 1:3].squeeze(0),
        lambda y: y.narrow(0, 1, 2),
        lambda y: y.split(2)[1],
        lambda y: y.chunk(2)[0],
        lambda y: y.unbind(0)[3],
        lambda y: y.view(2, 2).select(0, 1),
        lambda y: y[::2],
        lambda y: y.expand(4),
        lambda y: y[None].permute(1, 0).flatten(),
        lambda y: y.reshape(2, 2)[-1, ...],
        lambda y: next(iter(y.reshape(2, 2))),
    ],
)
@pytest.mark.parametrize("recorded", [True, False])
def test_every_kind_of_view_writes_through(cut, recorded):
    x, y = four()
    where = cut(tg.arange(4.0, dtype=tg.float64)).reshape(-1).tolist()
    factor = [5.0 if float(i) in where else 1.0 for i in range(4)]
    if recorded:
        cut(y).mul_(5)
        y.sum().backward()
        assert x.grad.tolist() == factor
    else:
        with tg.no_grad():
            cut(y).mul_(5)
    assert y.tolist() == [f * v for f, v in zip(factor, [1.0, 2.0, 3.0, 4.0])]


def test_a_plain_buffer_becomes_part_of_the_graph():
    w = leaf([5.0])
    buffer = tg.zeros(3, dtype=tg.float64)
    view = buffer[1:]
    buffer[0] = w[0] * 2
    view[1] = w[0] * 3
    assert buffer.requires_grad
    assert buffer.tolist() == [10.0, 0.0, 15.0]
    buffer.sum().backward()
    assert w.grad.tolist() == [5.0]


def test_masks():
    x, y = four()
    y[y > 2] += 10 * x[:2]
    assert y.tolist() == [1.0, 2.0, 13.0, 24.0]
    y.sum().backward()
    assert x.grad.tolist() == [11.0, 11.0, 1.0, 1.0]


def test_repeated_setitem_and_both_histories():
    x, y = four()
    z = y * y
    y[1] = 7.0
    y[1] = x[0] * 4
    y[[0, 1]] = y[[1, 0]]
    assert y.tolist() == [4.0, 1.0, 3.0, 4.0]
    (z.sum() + (y * y).sum()).backward()
    # z keeps the old y: 2x; the new y is (4 x₀, x₀, x₂, x₃).
    assert x.grad.tolist() == [2 * 1 + 2 * 4 * 4 + 2 * 1, 4.0, 12.0, 16.0]


def test_of_repeated_indices_the_last_wins():
    v = leaf([1.0, 2.0, 3.0])
    y = tg.zeros(2, dtype=tg.float64)
    y[[0, 1, 0]] = v
    assert y.tolist() == [3.0, 2.0]
    y.sum().backward()
    assert v.grad.tolist() == [0.0, 1.0, 1.0]


def test_overlapping_assignment():
    x, y = four()
    y[1:] = y[:-1]
    assert y.tolist() == [1.0, 1.0, 2.0, 3.0]
    (y * leaf([1.0, 10.0, 100.0, 1000.0]).detach()).sum().backward()
    assert x.grad.tolist() == [11.0, 100.0, 1000.0, 0.0]


def test_a_value_is_broadcast_and_its_gradient_summed():
    w = leaf([[2.0, 3.0]])
    y = tg.zeros(2, 2, dtype=tg.float64)
    y[:] = w
    y[0, :] = w
    y.sum().backward()
    assert w.grad.tolist() == [[2.0, 2.0]]


def test_the_same_write_as_statement_and_method():
    for write in (
        lambda y: y.__setitem__(0, 9.0),
        lambda y: y[0].fill_(9.0),
        lambda y: y[:1].copy_(tg.tensor([9.0])),
    ):
        x, y = four()
        write(y)
        y.sum().backward()
        assert y.tolist() == [9.0, 2.0, 3.0, 4.0]
        assert x.grad.tolist() == [0.0, 1.0, 1.0, 1.0]


def test_augmented_assignment_of_an_entry():
    x, y = four()
    y[0] += 5
    y[1] *= y[0]
    (y.sum()).backward()
    assert y.tolist() == [6.0, 12.0, 3.0, 4.0]
    assert x.grad.tolist() == [1.0 + 2.0, 6.0, 1.0, 1.0]


def test_double_backward_through_a_write():
    x, y = four()
    y[:2].mul_(y[2:])
    (g,) = tg.autograd.grad((y * y).sum(), x, create_graph=True)
    (h,) = tg.autograd.grad(g.sum(), x)
    a, b = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    np.testing.assert_allclose(g.tolist(), [*(2 * a * b * b), *(2 * a * a * b + 2 * b)])
    np.testing.assert_allclose(h.tolist(), [*(2 * b * b + 4 * a * b), *(4 * a * b + 2 * a * a + 2)])


def test_in_place_keeps_the_object_and_the_dtype():
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    same = y
    y += leaf([1.0, 1.0])
    assert y is same
    assert y.dtype == tg.float32


# Detached tensors ---------------------------------------------------------------------------------


def test_a_detached_tensor_shares_memory_both_ways():
    _x, y = four()
    d, part = y.detach(), y[1:].detach()
    d[0] = 9.0
    assert y.tolist() == [9.0, 2.0, 3.0, 4.0]
    y.mul_(2)
    assert d.tolist() == [18.0, 4.0, 6.0, 8.0]
    assert part.tolist() == [4.0, 6.0, 8.0]
    assert not d.requires_grad
    part[0] = 0.0
    assert y.tolist() == [18.0, 0.0, 6.0, 8.0]


def test_a_detached_tensor_keeps_no_graph():
    gc.disable()
    try:
        x = leaf([1.0, 2.0])
        loss = (x.exp() * 2).sum()
        node = weakref.ref(loss.grad_fn)
        kept = loss.detach()
        tensor = weakref.ref(loss)
        del loss
        assert node() is None
        assert tensor() is None
        assert kept.item() > 0
    finally:
        gc.enable()


def test_views_of_a_long_lived_tensor_do_not_pile_up():
    data = tg.randn(10, 2)
    for i in range(1000):
        data[i % 10]
        data.detach()
    assert len(data._views) < 300


# What refuses -------------------------------------------------------------------------------------


def unchanged(tensor, write, error, words):
    before = tensor.tolist(), tensor.grad_fn, tensor.requires_grad
    with pytest.raises(error, match=words):
        write(tensor)
    assert (tensor.tolist(), tensor.grad_fn, tensor.requires_grad) == before


def test_leaves_refuse():
    x = leaf([1.0, 2.0])
    words = "a leaf Variable that requires grad is being used in an in-place operation"

    def augmented(t):
        t += 1

    for write in (
        lambda t: t.add_(1),
        lambda t: t.__setitem__(0, 1.0),
        augmented,
        lambda t: t.zero_(),
    ):
        unchanged(x, write, RuntimeError, words)
    unchanged(x, lambda t: t[:1].mul_(2), RuntimeError, "a view of a leaf Variable that requires")
    unchanged(x, lambda t: t[:1].__setitem__(0, 2.0), RuntimeError, "a view of a leaf Variable")
    with tg.no_grad():
        x.add_(1)
        x[0] = 7.0
        x[1:].mul_(2)
    assert x.tolist() == [7.0, 6.0]
    assert x.is_leaf


@pytest.mark.parametrize("recording", [True, False])
def test_expanded_memory_refuses(recording):
    x = leaf([1.0, 2.0])
    wide = (x * 1).expand(3, 2)
    words = "more than one element of the written-to tensor refers to a single memory location"
    with tg.set_grad_enabled(recording):
        unchanged(wide, lambda t: t.add_(1), RuntimeError, words)
        unchanged(wide, lambda t: t.__setitem__(0, 1.0), RuntimeError, words)
        plain = tg.ones(1).expand(4)
        unchanged(plain, lambda t: t.add_(1), RuntimeError, words)
    wide.clone().add_(1)


def test_a_view_cut_under_no_grad_refuses():
    _, y = four()
    with tg.no_grad():
        v = y[:2]
    words = "A view was created in no_grad mode and is being modified inplace with grad mode"
    unchanged(v, lambda t: t.mul_(3), RuntimeError, words)
    unchanged(v, lambda t: t.__setitem__(0, 3.0), RuntimeError, words)
    unchanged(v, lambda t: t.mul_(leaf([1.0, 1.0])), RuntimeError, words)
    with tg.no_grad():
        v.mul_(3)
    assert y.tolist() == [3.0, 6.0, 3.0, 4.0]


def test_shapes_and_dtypes_that_do_not_fit():
    _, y = four()
    unchanged(
        y, lambda t: t.add_(tg.ones(3, 4)), RuntimeError, r"shape \(4,\) doesn't match.*\(3, 4\)"
    )
    unchanged(y, lambda t: t.__setitem__(slice(0, 2), tg.ones(3)), RuntimeError, r"\[3\].*\[2\]")
    unchanged(
        tg.zeros(4), lambda t: t.__setitem__(slice(0, 2), tg.ones(3)), RuntimeError, r"\[3\].*\[2\]"
    )
    unchanged(
        tg.zeros(4), lambda t: t.__setitem__(9, 1.0), IndexError, "out of bounds for dimension 0"
    )
    unchanged(y, lambda t: t.__setitem__(9, 1.0), IndexError, "out of bounds for dimension 0")
    counts = tg.tensor([1, 2])
    unchanged(counts, lambda t: t.add_(0.5), RuntimeError, "can't be cast")
    unchanged(counts, lambda t: t.__setitem__(0, tg.tensor(0.5)), RuntimeError, "can't be cast")


def test_read_only_memory_refuses():
    array = np.zeros(3, np.float32)
    array.flags.writeable = False
    x = tg.tensor([0.0])._from(array)
    unchanged(x, lambda t: t.add_(1), RuntimeError, "read-only")


def test_functions_that_copy_in_pytorch_copy_here():
    for function in (
        lambda t: t.flip(0),
        lambda t: t.repeat(1),
        lambda t: t.tile((1,)),
        lambda t: t.roll(0, 0),
        lambda t: t.clone(),
        lambda t: t[[0, 1, 2, 3]],
        lambda t: t[t > 0],
    ):
        x = tg.tensor([1.0, 2.0, 3.0, 4.0])
        function(x).zero_()
        assert x.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_the_root_of_a_chain():
    _, y = four()
    v = y
    for _ in range(10):
        v = v[:]
    assert root_of(v) is y
    v[:2].zero_()
    assert y.tolist() == [0.0, 0.0, 3.0, 4.0]


# Random programs against PyTorch ------------------------------------------------------------------


def program(seed):
    r = random.Random(seed)
    return [
        (r.randrange(16), round(r.uniform(0.5, 1.5), 2), r.randrange(99), r.randrange(99))
        for _ in range(r.randint(3, 9))
    ]


def run(torch, steps, base_requires_grad):
    """Values and gradients of a program of views, writes and products."""
    float64 = torch.float64
    x = torch.tensor(
        [[0.5, 1.0, 1.5], [2.0, 2.5, 3.0]], dtype=float64, requires_grad=base_requires_grad
    )
    w = torch.tensor([[1.0, -1.0, 2.0], [0.5, 3.0, -2.0]], dtype=float64, requires_grad=True)
    pool = [x * 1, w * 1, torch.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], dtype=float64)]
    for kind, number, i, j in steps:
        t, other = pool[i % len(pool)], pool[j % len(pool)]
        if kind == 0 and t.ndim:
            pool.append(t[:1])
        elif kind == 1 and t.ndim == 2:
            pool.append(t.t())
        elif kind == 2:
            pool.append(t.reshape(-1))
        elif kind == 3:
            pool.append(t.unsqueeze(0))
        elif kind == 4 and t.ndim:
            pool.append(t[-1])
        elif kind == 5:
            pool.append(t * other if t.shape == other.shape else t * 2)
        elif kind in (6, 7):
            t.mul_(number)
        elif kind == 8:
            t.add_(other if t.shape == other.shape else number)
        elif kind == 9 and t.ndim:
            t[0] = number
        elif kind == 10 and t.ndim:
            t[-1] = torch.sin(other.reshape(-1)[0])
        elif kind == 11:
            t[t > 1.0] *= 2.0
        elif kind == 12:
            t.sigmoid_()
        elif kind == 13:
            with torch.no_grad():
                t.mul_(1.5)
        elif kind == 14 and t.ndim and len(t) > 1:  # PyTorch: undefined for a repeated index
            t[[0, -1]] += other.reshape(-1)[0]
        elif kind == 15:
            pool.append(t.clone())
    total = sum((p * p).sum() * (k + 1) for k, p in enumerate(pool))
    total.backward()
    grads = [None if t.grad is None else t.grad.tolist() for t in (x, w)]
    return [p.tolist() for p in pool], grads


def test_random_programs_agree_with_pytorch():
    torch = pytest.importorskip("torch")
    compared = 0
    for seed in range(250):
        steps, requires_grad = program(seed), seed % 2 == 0
        try:
            expected = run(torch, steps, requires_grad)
        except RuntimeError:  # PyTorch saves values that writes destroy; here they are kept
            continue
        values, grads = run(tg, steps, requires_grad)
        for ours, theirs in zip([*values, *grads], [*expected[0], *expected[1]], strict=True):
            assert (ours is None) == (theirs is None), seed
            if ours is not None:
                np.testing.assert_allclose(ours, theirs, rtol=1e-10, err_msg=f"seed {seed}")
        compared += 1
    assert compared > 150
