"""Custom functions: what PyTorch's do, with its words."""

import gc
import weakref

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.autograd import Function, grad
from tinygrad_edu.autograd.function import once_differentiable


def leaf(values):
    return tg.tensor(values, dtype=tg.float64, requires_grad=True)


class Power(Function):
    @staticmethod
    def forward(ctx, x, n):
        ctx.save_for_backward(x)
        ctx.n = n
        return x**n

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * ctx.n * x ** (ctx.n - 1), None


class ProductAndExp(Function):
    """Two outputs, an output saved."""

    @staticmethod
    def forward(ctx, a, b):
        product, e = a * b, a.exp()
        ctx.save_for_backward(a, b, e)
        return product, e

    @staticmethod
    def backward(ctx, g_product, g_e):
        a, b, e = ctx.saved_tensors
        return g_product * b + g_e * e, g_product * a


class Separate(Function):
    @staticmethod
    def forward(x, y):
        return x * y

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
        x, y = ctx.saved_tensors
        return (g * y if ctx.needs_input_grad[0] else None), (
            g * x if ctx.needs_input_grad[1] else None
        )


def test_value_and_gradient():
    x = leaf([1.0, 2.0, 3.0])
    y = Power.apply(x, 3)
    assert y.tolist() == [1.0, 8.0, 27.0]
    assert y.grad_fn.name() == "PowerBackward"
    assert "grad_fn=<PowerBackward>" in repr(y)
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 12.0, 27.0]


def test_every_order():
    x = leaf([1.0, 2.0, 3.0])
    (first,) = grad(Power.apply(x, 3).sum(), x, create_graph=True)
    (second,) = grad(first.sum(), x, create_graph=True)
    (third,) = grad(second.sum(), x)
    assert second.tolist() == [6.0, 12.0, 18.0]
    assert third.tolist() == [6.0, 6.0, 6.0]


def test_several_outputs_and_orders():
    a, b = leaf([0.5, 1.0]), leaf([2.0, 3.0])

    def composed(a, b):
        return a * b, a.exp()

    answers = []
    for function in (ProductAndExp.apply, composed):
        c, d = function(a, b)
        ga, gb = grad((c * d).sum(), (a, b), create_graph=True)
        ha, hb = grad((ga * gb).sum(), (a, b))
        answers.append([t.tolist() for t in (c, d, ga, gb, ha, hb)])
    np.testing.assert_allclose(answers[0], answers[1], rtol=1e-14)
    c, _ = ProductAndExp.apply(a, b)
    assert c.grad_fn.name() == "ProductAndExpBackward"
    assert [f.variable is t for (f, _), t in zip(c.grad_fn.next_functions, (a, b), strict=True)]
    assert len(c.grad_fn.saved_tensors) == 3
    c.sum().backward()
    assert a.grad.tolist() == [2.0, 3.0]
    _, d = ProductAndExp.apply(a, b)
    assert grad(d.sum(), b)[0].tolist() == [0.0, 0.0]


def test_setup_context_and_needs_input_grad():
    x, y = leaf([1.0, 2.0]), tg.tensor([3.0, 4.0], dtype=tg.float64)
    z = Separate.apply(x, y)
    z.sum().backward()
    assert x.grad.tolist() == [3.0, 4.0]
    assert not Separate.apply(y, y).requires_grad
    with tg.no_grad():
        assert not Separate.apply(x, y).requires_grad


def test_wrong_number_of_gradients_names_the_class():
    class Two(Function):
        @staticmethod
        def forward(ctx, x, y):
            return x + y

        @staticmethod
        def backward(ctx, g):
            return g

    x = leaf([1.0])
    words = r"function TwoBackward returned an incorrect number of gradients \(expected 2, got 1\)"
    with pytest.raises(RuntimeError, match=words):
        Two.apply(x, x).sum().backward()
    assert x.grad is None


def test_extra_nones_and_gradients_for_what_is_no_tensor():
    class Extra(Function):
        @staticmethod
        def forward(ctx, x, n):
            return x * n

        @staticmethod
        def backward(ctx, g):
            return g * 2, extra, None

    x = leaf([1.0])
    extra = None
    Extra.apply(x, 2).sum().backward()
    assert x.grad.tolist() == [2.0]
    extra = tg.ones(1)
    with pytest.raises(RuntimeError, match="different from None at position 2"):
        Extra.apply(x, 2).sum().backward()


def test_shapes_are_summed_where_they_broadcast_and_refused_elsewhere():
    class Answers(Function):
        @staticmethod
        def forward(ctx, x, answer):
            ctx.answer = answer
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return ctx.answer, None

    x = leaf([1.0, 2.0])
    Answers.apply(x, tg.ones(3, 2, dtype=tg.float32)).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]
    assert x.grad.dtype == tg.float64
    with pytest.raises(
        RuntimeError, match=r"AnswersBackward returned an invalid gradient at index 0 - got \[5\]"
    ):
        Answers.apply(x, tg.ones(5)).sum().backward()
    with pytest.raises(TypeError, match="returned str"):
        Answers.apply(x, "no").sum().backward()


def test_a_gradient_that_is_none_or_an_array():
    class Stops(Function):
        @staticmethod
        def forward(ctx, x, y):
            return x + y

        @staticmethod
        def backward(ctx, g):
            return None, g.numpy() * 2

    x, y = leaf([1.0]), leaf([1.0])
    Stops.apply(x, y).sum().backward()
    assert x.grad is None
    assert y.grad.tolist() == [2.0]


def test_materialised_gradients_and_marks():
    seen = []

    class Marks(Function):
        @staticmethod
        def forward(ctx, x, materialize):
            mask, place = x > 1, x.argmax()
            ctx.mark_non_differentiable(mask)
            ctx.set_materialize_grads(materialize)
            return x * 2, x * 3, mask, place, "text"

        @staticmethod
        def backward(ctx, *gs):
            seen.append([None if g is None else g.tolist() for g in gs])
            return gs[0] * 2, None

    x = leaf([1.0, 2.0])
    for materialize in (True, False):
        double, _, mask, place, text = Marks.apply(x, materialize)
        assert (double.requires_grad, mask.requires_grad, place.requires_grad) == (
            True,
            False,
            False,
        )
        assert text == "text"
        double.sum().backward()
    assert seen[0] == [[1.0, 1.0], [0.0, 0.0], [False, False], 0, None]
    assert seen[1] == [[1.0, 1.0], None, None, None, None]


class Double(Function):
    """Writes into its input."""

    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    @staticmethod
    def backward(ctx, g):
        return g * 2


def test_dirty_inputs():
    x = leaf([1.0, 2.0])
    y = x * 1
    view = y[:1]
    out = Double.apply(y)
    assert out is y
    assert y.tolist() == [2.0, 4.0]
    (y * tg.tensor([1.0, 10.0], dtype=tg.float64)).sum().backward()
    assert x.grad.tolist() == [2.0, 20.0]
    assert view.tolist() == [2.0]
    assert view.grad_fn is not None
    part = leaf([1.0, 2.0])
    whole = part * 1
    Double.apply(whole[:1])
    whole.sum().backward()
    assert part.grad.tolist() == [2.0, 1.0]
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        Double.apply(leaf([1.0]))


def test_marks_that_make_no_sense():
    class Wrong(Function):
        @staticmethod
        def forward(ctx, x, how):
            y = x * 2
            ctx.mark_dirty(y if how == "output" else x)
            return y

        @staticmethod
        def backward(ctx, g):
            return g, None

    x = leaf([1.0]) * 1
    with pytest.raises(RuntimeError, match="no input"):
        Wrong.apply(x, "output")
    with pytest.raises(RuntimeError, match="were not returned as output"):
        Wrong.apply(x, "input")


def test_an_input_returned_as_it_is():
    class Reverse(Function):
        @staticmethod
        def forward(ctx, x):
            return x.view(-1) if x.ndim > 1 else x

        @staticmethod
        def backward(ctx, g):
            return -g

    x = leaf([1.0, 2.0])
    y = Reverse.apply(x)
    assert y is not x
    assert not np.shares_memory(y._data, x._data)
    y.sum().backward()
    assert x.grad.tolist() == [-1.0, -1.0]


def test_saved_tensors_are_freed_and_counted():
    x = leaf([1.0, 2.0])
    a = x * 1
    y = Power.apply(a, 2)
    assert [t.tolist() for t in y.grad_fn.saved_tensors] == [[1.0, 2.0]]
    assert y.grad_fn.n == 2
    node = y.grad_fn
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    with pytest.raises(RuntimeError, match="after they have already been freed"):
        _ = node.saved_tensors
    with pytest.raises(RuntimeError, match="second time"):
        y.sum().backward()
    z = Power.apply(a, 2)
    with tg.no_grad():
        a.mul_(3)
    with pytest.raises(
        RuntimeError, match=r"modified by an inplace operation: Power kept its input `x`"
    ):
        z.sum().backward()


def test_saving_what_is_no_tensor():
    class Saves(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x, 5)
            return x

    with pytest.raises(TypeError, match=r"argument 1 is of type int.*ctx\.name = value"):
        Saves.apply(leaf([1.0]))


def test_saving_none_and_things_made_elsewhere():
    scale = leaf([3.0])

    class Scaled(Function):
        @staticmethod
        def forward(ctx, x):
            made = x + 1
            ctx.save_for_backward(None, scale, made)
            return x * scale

        @staticmethod
        def backward(ctx, g):
            nothing, s, made = ctx.saved_tensors
            assert nothing is None
            assert made.tolist() == [2.0]
            return g * s

    x = leaf([1.0])
    (g,) = grad(Scaled.apply(x).sum(), x, create_graph=True)
    assert grad(g.sum(), scale)[0].tolist() == [1.0]


def test_once_differentiable():
    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx, g):
            assert not tg.is_grad_enabled()
            (x,) = ctx.saved_tensors
            return 2 * g * x

    x = leaf([1.0, 2.0])
    v = leaf([1.0, 1.0])
    (g,) = grad(Square.apply(x), x, v, create_graph=True)
    assert g.tolist() == [2.0, 4.0]
    with pytest.raises(RuntimeError, match="differentiate twice a function that was marked"):
        g.sum().backward()
    Square.apply(x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_mistakes_in_the_class_are_said_at_once():
    with pytest.raises(TypeError, match=r"Forgot\.forward must be a static method"):

        class Forgot(Function):
            def forward(ctx, x):
                return x

    with pytest.raises(RuntimeError, match=r"Power\.apply\(x\)"):
        Power()(leaf([1.0]))

    class Lists(Function):
        @staticmethod
        def forward(ctx, x):
            return x.tolist()

    with pytest.raises(TypeError, match="returned list"):
        Lists.apply(leaf([1.0]))

    class NoBackward(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

    with pytest.raises(NotImplementedError, match="must implement either the backward"):
        NoBackward.apply(leaf([1.0])).sum().backward()


def test_nothing_is_recorded_within():
    inside = []

    class Looks(Function):
        @staticmethod
        def forward(ctx, x):
            inside.append(tg.is_grad_enabled())
            return x * 2

        @staticmethod
        def backward(ctx, g):
            inside.append(tg.is_grad_enabled())
            return g * 2

    x = leaf([1.0])
    Looks.apply(x).sum().backward()
    assert inside == [False, False]
    grad(Looks.apply(x).sum(), x, create_graph=True)
    assert inside[2:] == [False, True]


def test_the_node_looks_like_any_other():
    x = leaf([1.0, 2.0])
    with tg.recording() as tape:
        y = Power.apply(x, 2)
        y.sum().backward()
    node = tape.nodes[0]
    assert node is y.grad_fn
    assert node.primitive.name == "Power"
    assert node.primitive.inputs == ("x",)
    assert tape.value(node).tolist() == [1.0, 4.0]
    assert node.notes.operands[0].tolist() == [1.0, 2.0]
    assert "Power.apply(x, 2)" in node.notes.source[2]
    assert node.primitive.forward(np.array([3.0])).tolist() == [9.0]
    assert [step.node.primitive.name for step in tape.steps] == ["sum", "Power"]
    assert len(tape.nodes) == 2, "what forward and backward call inside is not recorded"
    with tg.recording() as tape:
        Power.apply(x.detach(), 2)
    assert [n.primitive.name for n in tape.nodes] == ["detach", "Power"]
    assert not tape.nodes[-1].requires_grad


def test_no_cycles():
    gc.disable()
    try:
        a, b = leaf([0.5, 1.0]), leaf([2.0, 3.0])
        c, d = ProductAndExp.apply(a, b)
        references = [weakref.ref(c.grad_fn), weakref.ref(d), weakref.ref(c.grad_fn.parents[0])]
        del c, d
        assert [r() for r in references] == [None] * 3
    finally:
        gc.enable()
