"""The engine: what backward promises about values, order, depth, memory and saved values."""

import contextlib
import copy
import gc
import pickle
import sys
import threading
import types
import warnings
import weakref

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.engine.backward import differentiated_scope
from tinygrad_edu.engine.mode import changed_mode, scope
from tinygrad_edu.engine.primitive import Primitive
from tinygrad_edu.engine.record import record
from tinygrad_edu.engine.sweep import all_nodes, order
from tinygrad_edu.engine.table import find, taken_back
from tinygrad_edu.engine.watching import recording
from tinygrad_edu.primitives import overridable, primitive, sample


def leaf(values, dtype=tg.float64):
    return tg.tensor(values, dtype=dtype, requires_grad=True)


@contextlib.contextmanager
def without_collector():
    """The garbage collector off, so that only reference counts free memory."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


# What is asked of backward ------------------------------------------------------------------------


def test_a_second_backward_says_how_to_keep_the_graph():
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    y.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()
    with pytest.raises(RuntimeError, match=r"retain_graph=True"):
        y.backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_retained_graph_runs_again_and_accumulates():
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    y.backward(retain_graph=True)
    first = x.grad
    y.backward()
    assert x.grad.tolist() == [4.0, 8.0]
    assert x.grad is first, "accumulates in place, as PyTorch does"


def test_only_a_scalar_starts_by_itself():
    x = leaf([[1.0, 2.0]])
    with pytest.raises(RuntimeError, match="can be implicitly created only for scalar outputs"):
        (x * 2).backward()
    (x * 2).sum(1, keepdim=True).backward()  # one entry of any rank
    assert x.grad.tolist() == [[2.0, 2.0]]


def test_nothing_to_differentiate():
    with pytest.raises(RuntimeError, match=r"does not require grad and does not have a grad_fn"):
        tg.tensor([1.0]).sum().backward()


def test_misshapen_cotangent_names_both_shapes():
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match=r"Mismatch in shape: .*\(3,\).*\(2,\)"):
        (x * 2).backward(tg.ones(3, dtype=tg.float64))
    assert x.grad is None


def test_inputs_limit_who_gets_a_gradient():
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (x * w).sum().backward(inputs=[x])
    assert x.grad.tolist() == [3.0, 4.0]
    assert w.grad is None
    with pytest.raises(RuntimeError, match="cannot be empty"):
        (x * w).sum().backward(inputs=[])


def test_backward_from_a_leaf():
    x = tg.tensor(3.0, requires_grad=True)
    x.backward()
    assert x.grad.item() == 1.0


def test_same_tensor_twice_in_one_call():
    x = leaf([3.0])
    (x * x).sum().backward()
    assert x.grad.tolist() == [6.0]
    node = (x * x).grad_fn
    assert node.parents == (x._node, x._node), "duplicates are kept"


def test_gradient_has_the_dtype_of_its_input():
    x = tg.tensor([1.0, 2.0], dtype=tg.float32, requires_grad=True)
    w = leaf([3.0, 4.0])
    (x * w).sum().backward()
    assert x.grad.dtype == tg.float32
    assert w.grad.dtype == tg.float64


def test_a_constant_function_has_gradient_zero():
    x = leaf([1.0, 2.0])
    (x * 0 + 5).sum().backward()
    assert x.grad.tolist() == [0.0, 0.0]


def test_non_leaf_grad_warns_and_retain_grad_keeps_it():
    x = leaf([1.0, 2.0])
    y = x * 3
    y.sum().backward(retain_graph=True)
    with pytest.warns(UserWarning, match="not a leaf Tensor"):
        assert y.grad is None
    y.retain_grad()
    assert y.retains_grad
    (y * y).sum().backward()
    assert y.grad.tolist() == [6.0, 12.0]


def test_assigned_grad_must_fit():
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match=r"shape \(3,\)"):
        x.grad = tg.zeros(3, dtype=tg.float64)
    with pytest.raises(RuntimeError, match="dtype"):
        x.grad = tg.zeros(2, dtype=tg.float32)
    with pytest.raises(TypeError, match="Tensor or None"):
        x.grad = [1.0, 2.0]
    x.grad = tg.ones(2, dtype=tg.float64)
    (x * 2).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_requires_grad_of_integers_refuses():
    with pytest.raises(RuntimeError, match="only Tensors of floating point dtype"):
        tg.tensor([1, 2], requires_grad=True)
    with pytest.raises(RuntimeError, match="you can only change requires_grad flags of leaf"):
        (leaf([1.0]) * 2).requires_grad_(False)


def test_numpy_of_a_tensor_that_requires_grad_refuses():
    x = leaf([1.0])
    for read in (x.numpy, lambda: np.asarray(x)):
        with pytest.raises(RuntimeError, match=r"Use tensor\.detach\(\)\.numpy\(\) instead"):
            read()


# Buffers do not alias -----------------------------------------------------------------------------


def test_gradients_of_a_sum_do_not_share_memory():
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (a + b).sum().backward()
    assert not np.shares_memory(a.grad._data, b.grad._data)
    a.grad.zero_()
    assert b.grad.tolist() == [1.0, 1.0]


def test_the_given_cotangent_is_neither_kept_nor_changed():
    x = leaf([1.0, 2.0])
    v = tg.tensor([1.0, 10.0], dtype=tg.float64)
    y = x + 0
    y.backward(v, retain_graph=True)
    y.backward(v)
    assert v.tolist() == [1.0, 10.0]
    assert x.grad.tolist() == [2.0, 20.0]
    assert not np.shares_memory(v._data, x.grad._data)
    z = leaf([1.0, 2.0])
    z.backward(v)
    z.grad.zero_()
    assert v.tolist() == [1.0, 10.0]


def test_answers_of_grad_do_not_share_memory():
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    v = tg.ones(2, dtype=tg.float64)
    for create in (False, True):
        ga, gb = tg.autograd.grad(a + b, (a, b), v, create_graph=create)
        assert not np.shares_memory(ga._data, gb._data)
        assert not np.shares_memory(ga._data, v._data)


def test_gradients_under_create_graph_do_not_share_memory():
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    with pytest.warns(UserWarning, match="reference cycle"):
        (a + b).sum().backward(create_graph=True)
    assert a.grad is not b.grad
    assert not np.shares_memory(a.grad._data, b.grad._data)


def test_reshaped_gradient_is_its_own():
    a = leaf([1.0, 2.0, 3.0, 4.0])
    y = a.reshape(2, 2)
    y.retain_grad()
    (y * y).sum().backward()
    assert not np.shares_memory(a.grad._data, y.grad._data)


def test_a_kept_gradient_survives_the_next_backward():
    x = leaf([1.0, 2.0])
    seen = []
    x.register_hook(seen.append)
    (x * 2).sum().backward()
    (x * 3).sum().backward()
    assert seen[0].tolist() == [2.0, 2.0]
    assert x.grad.tolist() == [5.0, 5.0]


# Saved values -------------------------------------------------------------------------------------


def test_saved_output_changed_under_no_grad():
    x = leaf([1.0, 2.0])
    y = x.exp()
    with tg.no_grad():
        y.mul_(2)
    with pytest.raises(
        RuntimeError, match=r"modified by an inplace operation: exp kept its output.*\(2,\)"
    ):
        y.sum().backward()
    assert x.grad is None


def test_saved_input_changed_names_op_and_input():
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    a = w * 1
    y = x * a
    with tg.no_grad():
        a += 1
    with pytest.raises(RuntimeError, match=r"mul kept its input `b`"):
        y.sum().backward()


@pytest.mark.parametrize("combine", [lambda y: y * 3, lambda y: y + 1, lambda y: y.reshape(-1)])
def test_a_value_that_no_rule_needs_may_change(combine):
    x = leaf([1.0, 2.0])
    y = x * 2
    z = combine(y)
    with tg.no_grad():
        y.zero_()
    z.sum().backward()
    assert x.grad is not None


def test_detached_tensors_and_views_count_as_the_same_memory():
    for alias in (lambda y: y.detach(), lambda y: y.data, lambda y: y.detach()[:1]):
        x = leaf([1.0, 2.0])
        y = x.exp()
        alias(y).mul_(2)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            y.sum().backward()


def test_an_optimizer_step_counts():
    w = leaf([1.0, 2.0])
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    tg.optim.SGD([w], lr=0.1).step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_increment_version_counts_writes_that_numpy_made():
    x = leaf([1.0, 2.0])
    a = tg.tensor([1.0, 1.0], dtype=tg.float64)
    y = x * a
    a.numpy()[0] = 9
    tg.autograd.graph.increment_version(a)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_writing_while_recording_leaves_saved_values_alone():
    x = leaf([1.0, 2.0])
    y = x.exp()
    e = y.tolist()
    y.mul_(3)  # PyTorch refuses at backward; here exp's own output is kept
    y.sum().backward()
    np.testing.assert_allclose(x.grad.tolist(), 3 * np.array(e))


# Hooks --------------------------------------------------------------------------------------------


def test_a_hook_sees_the_whole_gradient_once():
    x = leaf([1.0, 2.0])
    y = x * 2
    seen = []
    y.register_hook(lambda g: seen.append(g.tolist()))
    (y.sum() + (y * 3).sum()).backward()
    assert seen == [[4.0, 4.0]]


def test_hooks_run_in_order_and_replace():
    x = leaf([1.0, 2.0])
    y = x * 1
    y.register_hook(lambda g: g + 1)
    y.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: g / 2)
    y.sum().backward()
    assert x.grad.tolist() == [10.0, 10.0]


def test_a_hook_may_not_change_the_size():
    x = leaf([1.0, 2.0])
    y = x * 1
    y.register_hook(lambda g: g[:1])
    with pytest.raises(RuntimeError, match=r"changed the size.*\(2,\).*\(1,\)"):
        y.sum().backward()
    assert x.grad is None


def test_removed_hooks_are_gone_also_from_within():
    x = leaf([1.0])
    calls = []

    def once(g):
        calls.append("once")
        handle.remove()

    handle = x.register_hook(once)
    x.register_hook(lambda g: calls.append("other"))
    for _ in range(2):
        (x * 2).sum().backward()
    assert calls == ["once", "other", "other"]
    handle.remove()


def test_post_accumulate_hooks():
    x = leaf([1.0, 2.0])
    seen = []
    handle = x.register_post_accumulate_grad_hook(lambda t: seen.append((t is x, t.grad.tolist())))
    (x * 2).sum().backward()
    (x * 2).sum().backward()
    assert seen == [(True, [2.0, 2.0]), (True, [4.0, 4.0])]
    handle.remove()
    (x * 2).sum().backward()
    assert len(seen) == 2
    with pytest.raises(RuntimeError, match="non-leaf"):
        (x * 2).register_post_accumulate_grad_hook(print)


def test_hooks_on_what_needs_no_gradient_refuse():
    with pytest.raises(RuntimeError, match="doesn't require gradient"):
        tg.tensor([1.0]).register_hook(print)


# Depth and breadth --------------------------------------------------------------------------------


def chain(n, x):
    for _ in range(n):
        x = x + 1.0
    return x


# Python 3.13 frees nested objects up to 10,000 deep by recursion in C, which takes 0.6 MB of stack
# whatever the stack's size is; other versions stop sooner.
STACK = 1024 * 1024 if sys.version_info[:2] == (3, 13) else 128 * 1024


def in_small_thread(work):
    """Run `work` in a thread with a small stack, and raise what it raised."""
    raised = []

    def run():
        try:
            work()
        except BaseException as error:  # noqa: BLE001
            raised.append(error)

    before = threading.stack_size(STACK)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    if raised:
        raise raised[0]


def deep(n):
    x = tg.tensor(1.0, requires_grad=True)
    y = chain(n, x)
    y.backward()
    assert x.grad.item() == 1.0
    del y
    unused = chain(n, x)
    alive = weakref.ref(unused.grad_fn.parents[0])
    del unused
    assert alive() is None


def test_a_deep_chain_runs_and_is_freed():
    deep(50_000)
    in_small_thread(lambda: deep(50_000))


@pytest.mark.slow
def test_a_chain_of_a_million():
    deep(1_000_000)
    in_small_thread(lambda: deep(1_000_000))


def test_a_deep_chain_of_views():
    x = leaf([1.0, 2.0])
    y = x * 1
    for _ in range(20_000):
        y = y.reshape(2)
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]
    del y


def test_deep_graphs_of_other_shapes():
    x = leaf([1.0, 2.0])
    y = x * 1
    for _ in range(3_000):
        y = tg.cat([y[1:], y[:1]])
    (g,) = tg.autograd.grad(y.sum(), x, create_graph=True)
    assert g.tolist() == [1.0, 1.0]
    in_small_thread(lambda: order([y.grad_fn]))


def test_a_diamond_of_2_to_the_60_paths():
    x = tg.tensor(1.0, dtype=tg.float64, requires_grad=True)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**60


def test_a_thousand_diamonds_are_exact():
    x = tg.tensor(1.0, dtype=tg.float64, requires_grad=True)
    y = x
    calls = []
    for _ in range(1000):
        y = y * 0.5 + y * 0.5
    y.register_hook(calls.append)
    y.backward()
    assert x.grad.item() == 1.0
    assert len(calls) == 1


def test_each_node_is_visited_once():
    x = leaf([1.0])
    y = x
    for _ in range(30):
        y = y * y
    with tg.recording(values=False, sources=False) as tape:
        y.sum().backward()
    assert len(tape.steps) == 31


# Memory -------------------------------------------------------------------------------------------


def small_step():
    torch = tg
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 2))
    x = torch.randn(5, 4)
    loss = torch.nn.functional.cross_entropy(model(x), torch.tensor([0, 1, 0, 1, 1]))
    return model, loss


def test_dropped_outputs_free_the_graph():
    with without_collector():
        model, loss = small_step()
        nodes = [weakref.ref(node) for node in order([loss.grad_fn])]
        inner = [node for node in nodes if node().primitive is not None]
        assert len(inner) > 5
        del loss
        assert [node for node in inner if node() is not None] == []
        del model


@pytest.mark.parametrize("how", ["backward", "retained", "grad", "double", "function", "watched"])
def test_nothing_is_left_in_cycles_after_backward(how):
    class Square(tg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x * x
            ctx.save_for_backward(x, y)
            return y

        @staticmethod
        def backward(ctx, g):
            x, _ = ctx.saved_tensors
            return 2 * x * g

    def step():
        x = leaf([1.0, 2.0])
        w = x * 3
        y = (w.tanh() * x).sum()
        if how == "backward":
            y.backward()
        elif how == "retained":
            y.backward(retain_graph=True)
        elif how == "grad":
            tg.autograd.grad(y, x)
        elif how == "double":
            (g,) = tg.autograd.grad(y, x, create_graph=True)
            g.sum().backward()
        elif how == "function":
            y = Square.apply(w).sum()
            y.backward()
        else:
            with tg.recording() as tape:
                y = (x * 2).exp().sum()
                y.backward()
            assert tape.nodes
        w[:1].detach()
        return [weakref.ref(t) for t in (x, w, y)] + [weakref.ref(n) for n in order([y._node])]

    with without_collector():
        gc.collect()
        left = [r for r in step() if r() is not None]
        assert left == []


def test_backward_frees_as_it_goes():
    x = leaf([1.0, 2.0])
    a = (x * 1).exp()
    saved = weakref.ref(a._data)
    b = a.reshape(2)
    late = []
    x.register_hook(lambda g: late.append(saved()))
    loss = b.sum()
    del a, b
    gc.disable()
    try:
        loss.backward()
    finally:
        gc.enable()
    assert late[0] is None, "exp's output was freed before the gradient reached the leaf"


def test_backward_that_raises_leaves_a_graph_that_can_be_freed():
    def fail(g):
        raise ValueError("from the hook")

    with without_collector():
        x = leaf([1.0, 2.0])
        a = x.exp()
        a.register_hook(fail)
        b = a.sin()
        saved = weakref.ref(a._data)
        loss = b.sum()
        with pytest.raises(ValueError, match="from the hook"):
            loss.backward()
        assert x.grad is None
        assert b.grad_fn.freed
        del a, b, loss
        assert saved() is None


def test_a_failed_backward_touches_no_gradient():
    x, w = leaf([1.0, 2.0]), leaf([1.0, 2.0])
    y = x * 2

    def fail(g):
        raise ValueError("no")

    x.register_hook(fail)
    w.grad = tg.ones(2, dtype=tg.float64)
    with pytest.raises(ValueError, match="no"):
        (y + w * 3).sum().backward()
    assert w.grad.tolist() == [1.0, 1.0]


def test_training_steps_leave_nothing_behind():
    model = tg.nn.Linear(3, 2)
    optimizer = tg.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    data = tg.randn(8, 3)

    def step(i):
        batch = data[i % 4 : i % 4 + 2]
        loss = (model(batch) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    with without_collector():
        for i in range(200):
            step(i)
        gc.collect()
        before = len(gc.get_objects())
        for i in range(300):
            step(i)
        grown = len(gc.get_objects()) - before
    assert grown < 100


@pytest.mark.slow
def test_ten_thousand_steps_stay_flat():
    resource = pytest.importorskip("resource")
    model = tg.nn.Linear(64, 64)
    optimizer = tg.optim.SGD(model.parameters(), lr=0.001)
    x = tg.randn(32, 64)

    def steps(n):
        for _ in range(n):
            loss = (model(x).tanh() ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    with without_collector():
        steps(1_000)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        steps(9_000)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 2_000, f"{grown} kB more after 9,000 steps"


# Threads ------------------------------------------------------------------------------------------


def test_two_threads_run_graphs_of_their_own():
    answers = {}

    def work(k):
        x = leaf([float(k), 2.0])
        for _ in range(50):
            x.grad = None
            ((x * x).exp() * 0 + x * x).sum().backward()
        answers[k] = x.grad.tolist()

    threads = [threading.Thread(target=work, args=(k,)) for k in (1, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {1: [2.0, 4.0], 3: [6.0, 4.0]}


# Copies -------------------------------------------------------------------------------------------


def test_copies_and_pickles():
    x = leaf([1.0, 2.0])
    (x * 2).sum().backward()
    twin = copy.deepcopy(x)
    assert twin.requires_grad
    assert twin.grad.tolist() == [2.0, 2.0]
    assert not np.shares_memory(twin._data, x._data)
    with pytest.raises(RuntimeError, match="graph leaves"):
        copy.deepcopy(x * 2)
    back = pickle.loads(pickle.dumps(x))
    assert back.requires_grad
    assert back.grad is None
    y = pickle.loads(pickle.dumps(x * 2))
    assert y.is_leaf
    assert y.tolist() == [2.0, 4.0]


def test_weak_references_and_hashes():
    x = leaf([1.0])
    assert weakref.ref(x)() is x
    assert hash(x) != hash(x.detach())
    assert (x == 1.0).tolist() == [True]
    assert len({x, x}) == 1


# 0-d and zero-size --------------------------------------------------------------------------------


def test_zero_dimensional_tensors():
    x = tg.tensor(2.0)
    with pytest.raises(TypeError, match="len"):
        len(x)
    with pytest.raises(TypeError, match="iteration over a 0-d tensor"):
        iter(x)


def test_empty_tensors():
    x = tg.zeros(0, 3, dtype=tg.float64, requires_grad=True)
    total = x.sum()
    assert total.item() == 0
    total.backward()
    assert x.grad.shape == (0, 3)
    a, b = tg.zeros(2, 0, requires_grad=True), tg.zeros(0, 3, requires_grad=True)
    y = a @ b
    assert y.tolist() == [[0.0] * 3] * 2
    y.sum().backward()
    assert (a.grad.shape, b.grad.shape) == ((2, 0), (0, 3))
    one = tg.ones(1, requires_grad=True)
    (one * tg.zeros(0)).sum().backward()
    assert one.grad.tolist() == [0.0]
    with pytest.raises(RuntimeError):
        x.reshape(0, -1)
    with pytest.raises(RuntimeError, match="ambiguous"):
        bool(tg.zeros(0))
    assert tg.cat([tg.zeros(0, 2), tg.ones(1, 2)]).shape == (1, 2)
    assert tg.softmax(tg.zeros(0, 3), 1).shape == (0, 3)
    assert tg.ones(3)[tg.tensor([], dtype=tg.int64)].shape == (0,)


def test_repeated_indices_accumulate():
    x = leaf([1.0, 2.0, 3.0])
    x[[0, 0, 2, 0]].sum().backward()
    assert x.grad.tolist() == [3.0, 0.0, 1.0]


def test_an_index_out_of_range_says_so():
    with pytest.raises(IndexError, match=r"index 5 is out of bounds for dimension 0 with size 3"):
        leaf([1.0, 2.0, 3.0])[5]
    x = tg.zeros(3)
    with pytest.raises(IndexError, match=r"index 5 is out of bounds for dimension 0 with size 3"):
        x[5] = 1.0


# Nodes as users may read them ---------------------------------------------------------------------


def test_names_and_next_functions():
    x, w = leaf([1.0]), leaf([2.0])
    y = (x * w + 3).sum()
    names = []
    node = y.grad_fn
    while node is not None:
        names.append(node.name())
        node = node.next_functions[0][0] if hasattr(node, "next_functions") else None
        if node is not None and not node.next_functions:
            names.append(node.name())
            assert node.variable is x
            break
    assert names == [
        "SumBackward0",
        "AddBackward0",
        "MulBackward0",
        "torch::autograd::AccumulateGrad",
    ]
    add = y.grad_fn.next_functions[0][0]
    assert add.next_functions[1] == (None, 0)
    for y in (2 * x, 2 + x, 2 - x, tg.tensor(2.0) * x):  # a number comes second, as in PyTorch
        assert y.grad_fn.next_functions[0][0].variable is x
        assert y.grad_fn.next_functions[1] == (None, 0)
    assert (leaf([1.0]).detach() * x).grad_fn.next_functions[0] == (None, 0)


def test_a_rule_of_the_wrong_shape_is_named():
    halved = Primitive(
        lambda x: x + 1,
        {"x": lambda g: g[:1]},
        samples=[sample((2,))],
        name="halved",
        family="shape",
    )
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match=r"rule of halved .*\(1,\).*\(2,\)"):
        record(halved, (x,), {}).sum().backward()
    assert x.grad is None


def test_warnings_do_not_come_from_ordinary_use():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model, loss = small_step()
        loss.backward()
        assert all(p.grad is not None for p in model.parameters())


def test_a_gradient_that_is_nobody_elses_is_not_copied() -> None:
    model = tg.nn.Sequential(tg.nn.Linear(4, 3), tg.nn.ReLU(), tg.nn.Linear(3, 2))
    loss = tg.nn.CrossEntropyLoss()(model(tg.randn(6, 4)), tg.tensor([0, 1] * 3))
    copied = []

    def watch(frame: types.FrameType, event: str, argument: object) -> None:
        if event == "c_call" and frame.f_code.co_name == "owned" and argument.__name__ == "copy":
            copied.append(argument)

    sys.setprofile(watch)
    try:
        loss.backward()
    finally:
        sys.setprofile(None)
    assert not copied


# What recorded derivatives know -------------------------------------------------------------------


def test_a_recorded_derivative_knows_the_scope_it_differentiates():
    x = leaf([0.5, 1.5])
    with scope("outer"):
        y = tg.softmax(x * 2, 0)
    (g,) = tg.autograd.grad((y * y).sum(), x, create_graph=True)
    made = [n for n in all_nodes([g.grad_fn]) if n.primitive is not None]
    backward_nodes = [n for n in made if n.scope is not None and n.scope[0] == "backward"]
    labels = [(differentiated_scope(n) or ("nothing",))[0] for n in backward_nodes]
    assert set(labels) == {"softmax", "outer", "nothing"}  # y * y was made in no scope
    first = [n for n in made if n not in backward_nodes]
    assert first
    assert all(differentiated_scope(n) is None for n in first)


def test_backward_can_be_recorded_without_being_asked():
    x = leaf([0.5, 1.5])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with recording() as tape, changed_mode(records_backward=True):
            (x * x).sum().backward()
            (x * x).sum().backward()
    assert x.grad.tolist() == [2.0, 6.0]
    assert not x.grad.requires_grad
    names = [n.primitive.name for n in tape.nodes]
    assert names.count("mul") > 2
    # what the gradient came from is known to who reads the recording
    assert x.grad._trace.primitive.name == "add"
    assert x.grad._trace in tape.nodes


def test_a_rule_that_widens_gives_a_gradient_of_the_inputs_dtype():
    with taken_back():
        widened = primitive(
            overridable(lambda x: x * 1), x=lambda g: g.astype(np.float64), samples=[sample((2,))]
        )
        x = tg.ones(2, requires_grad=True)
        (g,) = tg.autograd.grad(widened.record(x).sum(), x)
        widened.record(x).sum().backward()
    assert g.dtype == x.grad.dtype == tg.float32


def test_a_declaration_can_be_taken_back():
    with taken_back():
        op = primitive(np.cbrt, x=lambda g, y: g / (3 * y * y), samples=[sample((2,))])
        x = tg.tensor([8.0])
        assert find(np.cbrt) is op
        assert x.cbrt().item() == tg.cbrt(x).item() == pytest.approx(2.0)
    assert find(np.cbrt) is None
    assert not hasattr(tg.Tensor, "cbrt")
    assert not hasattr(tg, "cbrt")


def test_a_saved_value_among_several_is_looked_after():
    a, b = leaf([[1.0, 2.0]]), leaf([[3.0], [4.0]])
    y = tg.einsum("ij,jk->ik", a, b)
    with tg.no_grad():
        b.mul_(5)
    with pytest.raises(RuntimeError, match=r"einsum kept .* of shape \(1, 2\), \(2, 1\)"):
        y.sum().backward()


def test_what_leads_to_no_target_is_not_run():
    calls = []

    class Counted(tg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            calls.append(1)
            return g * 2

    x = leaf([1.0, 2.0])
    h = Counted.apply(x).exp()
    (g,) = tg.autograd.grad((h * h).sum(), h)
    assert not calls
    h.sum().backward()  # what lies behind h was neither run nor freed
    assert calls == [1]
    np.testing.assert_allclose(g, 2 * h.detach())


# What a rule or a hook may answer -----------------------------------------------------------------


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_function_that_widens_hands_on_gradients_of_the_inputs_dtype(create_graph):
    class Wide(tg.autograd.Function):
        @staticmethod
        def forward(ctx, a):
            return a * 2

        @staticmethod
        def backward(ctx, g):
            return g.double() * 2

    x = tg.ones(2, 3, requires_grad=True)
    w = tg.ones(3, 2, requires_grad=True)
    h = x @ w
    seen = []
    h.register_hook(lambda g: seen.append(g.dtype))
    gs = tg.autograd.grad(Wide.apply(h).sum(), [x, w], create_graph=create_graph)
    assert seen == [tg.float32]
    assert [g.dtype for g in gs] == [tg.float32] * 2


def test_a_half_precision_maximum_can_be_differentiated_twice():
    x = tg.ones(2, 3, dtype=tg.float16, requires_grad=True)
    w = tg.ones(3, 2, dtype=tg.float16, requires_grad=True)
    y = tg.maximum(x @ w, tg.tensor(0.0, dtype=tg.float16)).sum()
    gs = tg.autograd.grad(y, [x, w], create_graph=True)
    assert [g.dtype for g in gs] == [tg.float16] * 2


@pytest.mark.parametrize("word", ["mode", "dtype", "plain", "node", "constant", "p"])
def test_an_op_may_call_its_arguments_what_it_likes(word):
    rules = {word: lambda g: g, "other": lambda g: g}
    with taken_back():
        op = primitive(
            overridable(lambda a, b: a + b), name="own", samples=[sample((2,), (2,))], **rules
        )
        assert op.record(leaf([1.0]), leaf([2.0])).tolist() == [3.0]
        by_name = primitive(
            overridable(lambda x, other, **given: x * given[word]),
            name="named",
            x=lambda g: g,
            other=lambda g: g,
            params={word: 2},
            samples=[sample((2,), (2,))],
        )
        assert by_name.record(leaf([1.0]), leaf([1.0]), **{word: 5}).tolist() == [5.0]


def test_an_argument_called_out_is_the_ops_own():
    with taken_back():
        op = primitive(
            overridable(lambda x, out: x * out),
            x=lambda g, out: g * out,
            params={"out": 2},
            name="own",
            samples=[sample((2,))],
        )
        x = leaf([3.0])
        op.record(x, out=5).sum().backward()
    assert x.grad.tolist() == [5.0]
