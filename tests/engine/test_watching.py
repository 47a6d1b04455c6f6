"""Watching: every call leaves a node, and nothing it computes changes."""

import threading

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.engine.mode import current_mode
from tinygrad_edu.engine.node import ConstantLeaf, Leaf
from tinygrad_edu.engine.sweep import all_nodes
from tinygrad_edu.engine.table import primitives
from tinygrad_edu.engine.traced import wrap
from tinygrad_edu.engine.watching import Tape, Watcher


def leaf(values):
    return tg.tensor(values, dtype=tg.float64, requires_grad=True)


def names(tape):
    return [node.primitive.name for node in tape.nodes]


# The careful way is the same way ------------------------------------------------------------------

SAMPLES = [(op, i) for op in primitives() for i in range(len(op.samples))]


def run(op, sample, dtype, live):
    """The output, or the error, and the gradients of a primitive on a sample."""
    arrays = sample.arrays(np.random.default_rng(0), np.float64)
    kinds = list(op.rules.values()) * (len(arrays) if op.variadic else 1)
    given = []
    for array, rule in zip(arrays, kinds, strict=True):
        if isinstance(array, np.ndarray) and (rule is not None or not op.differentiable):
            array = array.astype(dtype) if array.dtype.kind == "f" else array
            array = wrap(array)
            if live and array._data.dtype.kind == "f":
                array.requires_grad_()
        given.append(array)
    with np.errstate(all="ignore"):
        try:
            y = (
                op.record(given, **sample.params)
                if op.variadic
                else op.record(*given, **sample.params)
            )
        except (RuntimeError, TypeError, ValueError) as error:
            return type(error), str(error)
    answer = [(y._data.dtype, y._data.tobytes())]
    if y.requires_grad:
        y.backward(wrap(np.ones(y.shape, y.dtype)))
        grads = [x.grad for x in given if isinstance(x, tg.Tensor)]
        answer += [None if g is None else (g.dtype, g._data.tobytes()) for g in grads]
    return answer


@pytest.mark.parametrize(("op", "i"), SAMPLES, ids=lambda x: getattr(x, "name", str(x)))
def test_bit_for_bit(op, i):
    sample = op.samples[i]
    for dtype in (np.float64, np.float32, np.int64):
        for live in (True, False):
            expected = run(op, sample, dtype, live)
            with tg.recording() as tape:
                assert run(op, sample, dtype, live) == expected
            assert isinstance(expected, tuple) or op.name in names(tape)


# What it leaves -----------------------------------------------------------------------------------


def test_every_call_and_constant_has_a_node():
    x = leaf([1.0, -2.0, 3.0])
    data = tg.tensor([1.0, 1.0, 0.0], dtype=tg.float64)
    with tg.recording() as tape:
        mask = (x > 0) & (data == 1)
        y = tg.where(mask, x * data, 0)
        place = y.argmax()
        with tg.no_grad():
            z = y * 2
    assert names(tape) == ["gt", "eq", "bitwise_and", "mul", "where", "argmax", "mul"]
    assert [n.requires_grad for n in tape.nodes] == [False, False, False, True, True, False, False]
    assert mask._node is None
    where = tape.nodes[4]
    assert where.inputs[0] is tape.nodes[2]
    leaves = [n for n in all_nodes([tape.nodes[-1], tape.nodes[5]]) if isinstance(n, Leaf)]
    assert {type(n) for n in leaves} == {Leaf, ConstantLeaf}
    assert len(leaves) == 2
    assert (place.item(), z.tolist()) == (0, [2.0, 0.0, 0.0])
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 0.0, 0.0]


def test_values_operands_and_sources():
    x = leaf([1.0, 2.0])
    with tg.recording() as tape:
        y = x * 3  # the line
    (node,) = tape.nodes
    assert tape.value(node).tolist() == [3.0, 6.0]
    assert [np.asarray(a).tolist() for a in node.notes.operands] == [[1.0, 2.0], 3]
    file, line, text = node.notes.source
    assert file.endswith("test_watching.py")
    assert line > 1
    assert text == "y = x * 3  # the line"
    assert y.tolist() == [3.0, 6.0]


@pytest.mark.parametrize(
    "compute",
    [
        lambda x: np.exp(x),
        lambda x: np.sum(x),
        lambda x: tg.softmax(x, 0),
        lambda x: tg.nn.Linear(2, 2)(x.float()),
        lambda x: np.ones(2) + x,
    ],
)
def test_the_source_is_the_users_line(compute):
    with tg.recording(values=False) as tape:
        compute(leaf([1.0, 2.0]))
    assert {node.notes.source[0] for node in tape.nodes} == {__file__}


def test_leaf_values_are_those_of_the_call():
    w = leaf([1.0, 2.0])
    with tg.recording() as tape:
        w * 2
        with tg.no_grad():
            w.mul_(10)
        w * 2
    first, second = [n for n in tape.nodes if n.requires_grad]
    assert first.notes.operands[0].tolist() == [1.0, 2.0]
    assert second.notes.operands[0].tolist() == [10.0, 20.0]
    assert tape.value(w._node).tolist() == [10.0, 20.0]


def test_a_value_that_was_written_over_is_not_shown():
    with tg.recording() as tape:
        y = tg.ones(2) * 3
        kept = tape.value(tape.nodes[-1]).tolist()
        y.add_(1)
    assert kept == [3.0, 3.0]
    assert tape.value(tape.nodes[0]) is None


def test_a_written_tensor_is_known_by_what_was_written():
    b = tg.zeros(2)
    with tg.recording() as tape:
        b * 1
        b.add_(5)
        y = b * 2
        b[0] = 9.0
        z = b * 3
    assert names(tape) == ["mul", "add", "copy_", "mul", "mul"]
    assert y._trace.inputs[0] is tape.nodes[2]
    assert tape.nodes[2].inputs[0] is tape.nodes[1]
    assert isinstance(z._trace.inputs[0], ConstantLeaf), "written by index: a new constant"


def test_detach_leaves_a_trail():
    x = leaf([1.0, 2.0])
    with tg.recording() as tape:
        y = (x * 2).detach() * 3
    assert names(tape) == ["mul", "detach", "mul"]
    assert tape.nodes[1].inputs[0] is tape.nodes[0]
    assert not y.requires_grad
    assert x._node in all_nodes([tape.nodes[-1]])


def test_places_and_other_outputs_without_a_derivative():
    x = leaf([[3.0, 1.0], [2.0, 5.0]])
    with tg.recording() as tape:
        values, places = x.max(1)
        right = places == 1
        order = x.sort(1, descending=True).indices
        whole = x.long()
        tg.nn.functional.one_hot(whole, 6)
    assert names(tape)[:4] == ["argmax", "gather", "reshape", "reshape"]
    assert tape.nodes[0].inputs == (x._node,)
    assert tape.nodes[1].inputs[1] is tape.nodes[0]
    assert tape.nodes[0] in all_nodes([right._trace])
    assert {"argsort", "cast", "one_hot"} <= set(names(tape))
    assert order.tolist() == [[0, 1], [1, 0]]
    node = tape.nodes[names(tape).index("argsort")]
    assert node.primitive.forward(*node.notes.operands).tolist() == order.tolist()
    values.sum().backward()
    assert x.grad.tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_draws_are_constants():
    x = leaf([1.0] * 8)
    with tg.recording() as tape:
        y = tg.nn.functional.dropout(x, 0.5, training=True)
        tg.rand(8, dtype=tg.float64) * y
    noise = tape.nodes[0].inputs[1]
    assert isinstance(noise, ConstantLeaf)
    assert set(noise.notes.value.tolist()) <= {0.0, 2.0}
    assert any(isinstance(p, ConstantLeaf) for p in tape.nodes[-1].inputs)


def test_casts_are_calls():
    with tg.recording() as tape:
        tg.tensor([1, 2]) * tg.tensor([0.5, 0.5])
        tg.exp(tg.tensor([1, 2]))
    assert names(tape) == ["cast", "mul", "cast", "exp"]


def test_backward_is_traced():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    w = leaf([10.0, 100.0])
    with tg.recording() as tape:
        (x * w).sum().backward()
    assert [s.node.primitive.name for s in tape.steps] == ["sum", "mul"]
    by_x, by_w = tape.steps[1].contributions
    assert by_x.tolist() == [[10.0, 100.0]] * 2
    assert by_w.shape == (2, 2), "as the rule gave it, before the sum that undoes the broadcast"
    assert w.grad.tolist() == [4.0, 6.0]


def test_gradients_do_not_share_memory_with_the_trace():
    x = leaf([1.0, 2.0])
    with tg.recording() as tape:
        (x * 2).sum().backward()
        given = tape.steps[-1].contributions[0].copy()
        (x * 3).sum().backward()
    assert tape.steps[1].contributions[0].tolist() == given.tolist()


def test_errors_are_the_same_and_leave_nothing():
    with tg.recording() as tape:
        with pytest.raises(RuntimeError, match=r"size of tensor a \(2\) must match"):
            tg.ones(2) + tg.ones(3)
        with pytest.raises(TypeError, match="unsupported operand"):
            tg.ones(2) + "text"
        with pytest.raises(IndexError, match="out of bounds"):
            tg.ones(2)[5]
    assert tape.nodes == []


def test_double_backward_from_a_recording():
    x = leaf([1.0, 2.0])
    with tg.recording():
        mask = x > 1.5
        y = tg.where(mask, x**3, x * 5)
    (g,) = tg.autograd.grad(y.sum(), x, create_graph=True)
    assert g.tolist() == [5.0, 12.0]
    (h,) = tg.autograd.grad(g.sum(), x)
    assert h.tolist() == [0.0, 12.0]


# Who watches, and when ----------------------------------------------------------------------------


def test_only_what_requires_grad():
    x = leaf([1.0])
    with tg.recording(everything=False, sources=False) as tape:
        y = (x > 0) * x
        tg.ones(1) * 2
    assert names(tape) == ["mul"]
    assert tape.nodes[0].notes.source is None
    assert y.requires_grad
    assert getattr(tg.ones(1), "_trace", None) is None


def test_watchers_nest():
    x = leaf([1.0])
    with tg.recording() as outer:
        x * 2
        with tg.recording(everything=False) as inner:
            (x > 0) * x
        x * 3
    assert names(outer) == ["mul", "gt", "cast", "mul", "mul"]
    assert names(inner) == ["mul"]
    assert current_mode().watcher is None
    with Tape() as tape, pytest.raises(RuntimeError, match="watching already"), tape:
        pass
    assert current_mode().watcher is None


def test_restored_after_an_exception():
    with pytest.raises(ValueError, match="inside"), tg.recording():
        raise ValueError("inside")
    assert current_mode().watcher is None


def test_other_threads_are_not_watched():
    with tg.recording() as tape:
        thread = threading.Thread(target=lambda: leaf([1.0]) * 2)
        thread.start()
        thread.join()
    assert tape.nodes == []


def test_a_new_recording_begins_with_leaves():
    data = tg.tensor([1.0, 2.0])
    with tg.recording():
        y = data * 2
    with tg.recording() as second:
        y * 3
    assert isinstance(second.nodes[0].inputs[0], ConstantLeaf)
    assert len(all_nodes(second.nodes)) == 2


def test_a_recording_can_be_taken_up_again():
    tape = Tape()
    data = tg.tensor([1.0, 2.0])
    with tape:
        y = data * 2
    with tape:
        y * 3
    assert tape.nodes[1].inputs[0] is tape.nodes[0]


def test_subclasses_are_told_of_calls_nodes_and_steps():
    log = []

    class Listens(Watcher):
        def ran(self, op, arrays, y):
            log.append(("ran", op.name, y.tolist()))

        def made(self, node, y, arrays):
            log.append(("made", node.primitive.name))

        def stepped(self, node, g, contributions):
            log.append(("step", node.primitive.name))

    with Listens(everything=False):
        x = leaf([1.0])
        (x.detach() * 2) * x.sum()
        (x * 2).sum().backward()
    assert log[0] == ("ran", "mul", [2.0])
    assert ("made", "sum") in log
    assert log[-2:] == [("step", "sum"), ("step", "mul")]


def test_a_refusal_leaves_nothing():
    class Refuses(Tape):
        def ran(self, op, arrays, y):
            raise RuntimeError(f"no {op.name} today")

    with Refuses() as tape, pytest.raises(RuntimeError, match="no mul today"):
        leaf([1.0]) * 2
    assert tape.nodes == []
