"""Grad modes: blocks, decorators, generators, coroutines, threads."""

import asyncio
import threading

import pytest

import tinygrad_edu as tg

MODES = [
    (tg.no_grad, False),
    (tg.enable_grad, True),
    (lambda: tg.set_grad_enabled(False), False),
    (lambda: tg.set_grad_enabled(True), True),
    (tg.inference_mode, False),
    (lambda: tg.inference_mode(False), True),
]


@pytest.mark.parametrize(("make", "inside"), MODES)
def test_block_and_what_was_before(make, inside):
    for outer in (True, False):
        with tg.set_grad_enabled(outer):
            with make():
                assert tg.is_grad_enabled() is inside
                with tg.enable_grad():
                    assert tg.is_grad_enabled()
                assert tg.is_grad_enabled() is inside
            assert tg.is_grad_enabled() is outer
    assert tg.is_grad_enabled()


@pytest.mark.parametrize(("make", "inside"), MODES)
def test_restored_after_an_exception(make, inside):
    def fail():
        assert tg.is_grad_enabled() is inside
        raise ValueError("from the block")

    with pytest.raises(ValueError, match="from the block"), make():
        fail()
    assert tg.is_grad_enabled()
    with pytest.raises(ValueError, match="from the block"):
        make()(fail)()
    assert tg.is_grad_enabled()


@pytest.mark.parametrize(("make", "inside"), MODES)
def test_decorator_keeps_metadata(make, inside):
    @make()
    def answer(a, *, b: int = 2) -> int:
        """What it says."""
        return (a, b, tg.is_grad_enabled())

    assert answer(1, b=3) == (1, 3, inside)
    assert (answer.__name__, answer.__doc__) == ("answer", "What it says.")
    assert tg.is_grad_enabled()


def test_bare_decorators():
    for decorator in (tg.no_grad, tg.inference_mode):

        @decorator
        def mode():
            return tg.is_grad_enabled()

        assert mode() is False
    assert tg.enable_grad(lambda: tg.is_grad_enabled())() is True
    with pytest.raises(TypeError, match="class Model"):

        @tg.no_grad()
        class Model:
            pass


@pytest.mark.parametrize(("make", "inside"), MODES)
def test_generators_do_not_leak_between_yields(make, inside):
    @make()
    def count(n):
        for _ in range(n):
            yield tg.is_grad_enabled()
        return "end"

    seen = []
    for outer in (True, False):
        with tg.set_grad_enabled(outer):
            for mode in count(2):
                seen += [mode, tg.is_grad_enabled()]
    assert seen == [inside, True, inside, True, inside, False, inside, False]


def test_generators_send_throw_return_and_close():
    log = []

    @tg.no_grad()
    def talk():
        try:
            got = yield tg.is_grad_enabled()
            try:
                yield got
            except KeyError as error:
                yield (type(error), tg.is_grad_enabled())
            yield "last"
        finally:
            log.append(tg.is_grad_enabled())
        return "never"

    g = talk()
    assert next(g) is False
    assert g.send("hello") == "hello"
    assert g.throw(KeyError("x")) == (KeyError, False)
    assert tg.is_grad_enabled()
    g.close()
    assert log == [False]
    assert tg.is_grad_enabled()

    @tg.no_grad()
    def returns():
        yield 1
        return tg.is_grad_enabled()

    def outer():
        return (yield from returns())

    g = outer()
    next(g)
    with pytest.raises(StopIteration) as end:
        next(g)
    assert end.value.value is False

    @tg.no_grad()
    def fails():
        yield 1
        raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        list(fails())
    assert tg.is_grad_enabled()


def test_recursion_and_one_object_used_twice():
    switch = tg.no_grad()
    with switch, switch:
        assert not tg.is_grad_enabled()
    assert tg.is_grad_enabled()

    @tg.no_grad()
    def down(n):
        return [tg.is_grad_enabled()] + (down(n - 1) if n else [])

    assert down(3) == [False] * 4
    assert tg.is_grad_enabled()


def test_set_grad_enabled_as_a_function():
    tg.set_grad_enabled(False)
    try:
        assert not tg.is_grad_enabled()
        assert not (tg.ones(1, requires_grad=True) * 2).requires_grad
    finally:
        tg.set_grad_enabled(True)
    wrapped = tg.set_grad_enabled(False)(tg.is_grad_enabled)
    assert tg.is_grad_enabled()
    assert wrapped() is False


def test_another_thread_has_a_mode_of_its_own():
    seen = []
    with tg.no_grad():
        thread = threading.Thread(target=lambda: seen.append(tg.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_tasks_are_kept_apart():
    async def off(log):
        with tg.no_grad():
            for _ in range(3):
                log.append(tg.is_grad_enabled())
                await asyncio.sleep(0)

    async def on(log):
        for _ in range(3):
            log.append(tg.is_grad_enabled())
            await asyncio.sleep(0)

    @tg.no_grad()
    async def decorated():
        await asyncio.sleep(0)
        return tg.is_grad_enabled()

    async def main():
        first, second = [], []
        results = await asyncio.gather(off(first), on(second), decorated())
        return first, second, results[2], tg.is_grad_enabled()

    assert asyncio.run(main()) == ([False] * 3, [True] * 3, False, True)


def test_what_it_does_to_tensors():
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    with tg.no_grad():
        y = x * 2
        x.add_(1)
    assert not y.requires_grad
    assert y.is_leaf
    assert x.tolist() == [2.0, 3.0]
    with tg.no_grad(), tg.enable_grad():
        assert (x * 2).requires_grad
    with tg.inference_mode():
        assert tg.is_inference_mode_enabled()
        z = x * 2
    assert not tg.is_inference_mode_enabled()
    (x * z).sum().backward()  # kinder than PyTorch, which forbids to save z
    assert x.grad.tolist() == z.tolist()


def test_backward_works_under_no_grad():
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()
    with tg.no_grad():
        y.backward()
    assert x.grad.tolist() == [2.0, 4.0]
    assert not x.grad.requires_grad
