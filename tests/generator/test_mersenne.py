"""The stream: seeding, state, copies, threads, and what is refused."""

from __future__ import annotations

import copy
import os
import pickle
import threading

import numpy as np
import pytest

from tinygrad_edu import generator


def test_the_words_are_the_standard_mersenne_twisters() -> None:
    # Matsumoto and Nishimura's reference output for seed 5489 (mt19937ar, and C++11's mt19937).
    stream = generator.Generator().manual_seed(5489)
    assert stream.words(3).tolist() == [3499211612, 581869302, 3890346734]
    assert generator.Generator().manual_seed(5489).words(10000)[-1] == 4123659995


def test_double_words_put_the_first_word_high() -> None:
    high, low = generator.Generator().manual_seed(7).words(2).tolist()
    assert generator.Generator().manual_seed(7).double_words(1).tolist() == [(high << 32) | low]


def test_a_new_generator_starts_at_pytorchs_seed() -> None:
    assert generator.Generator().initial_seed() == generator.DEFAULT_SEED == 67280421310721


def test_only_the_low_half_of_the_seed_reaches_the_stream() -> None:
    one, other = generator.Generator().manual_seed(3), generator.Generator().manual_seed(3 + 2**32)
    assert np.array_equal(one.words(5), other.words(5))
    assert (one.initial_seed(), other.initial_seed()) == (3, 3 + 2**32)
    assert generator.Generator().manual_seed(-1).initial_seed() == 2**64 - 1


def test_manual_seed_returns_the_generator_and_drops_the_cached_normal() -> None:
    stream = generator.Generator()
    assert stream.manual_seed(4) is stream
    first = generator.randn(1, generator=stream)
    assert stream.next_normal is not None
    stream.manual_seed(4)
    assert stream.next_normal is None
    assert np.array_equal(generator.randn(1, generator=stream), first)


def test_seed_is_unpredictable_and_returned() -> None:
    stream = generator.Generator()
    seeds = {stream.seed() for _ in range(4)}
    assert len(seeds) == 4
    assert stream.initial_seed() in seeds


def test_module_functions_work_on_the_default_generator() -> None:
    with generator.fork_rng():
        assert generator.manual_seed(11) is generator.default_generator
        assert generator.initial_seed() == 11
        expected = generator.rand(3, generator=generator.Generator().manual_seed(11))
        state = generator.get_rng_state()
        assert np.array_equal(generator.rand(3), expected)
        generator.set_rng_state(state)
        assert np.array_equal(generator.rand(3), expected)
        assert generator.seed() == generator.initial_seed()


@pytest.mark.parametrize("words", [0, 1, 623, 624, 625])
def test_a_state_continues_the_stream(words: int) -> None:
    stream = generator.Generator().manual_seed(5)
    stream.words(words)
    generator.randn(1, generator=stream)
    state = stream.get_state()
    assert state.dtype == np.uint8
    assert state.shape == (generator.STATE_BYTES,) == (5056,)
    expected = generator.randn(3, generator=stream), stream.words(700)
    for other in (
        generator.Generator().set_state(state),
        generator.Generator().set_state(state).clone_state(),
        copy.copy(generator.Generator().set_state(state)),
        copy.deepcopy(generator.Generator().set_state(state)),
        pickle.loads(pickle.dumps(generator.Generator().set_state(state))),
    ):
        assert other.initial_seed() == 5
        assert np.array_equal(other.get_state(), state)
        assert np.array_equal(generator.randn(3, generator=other), expected[0])
        assert np.array_equal(other.words(700), expected[1])


def test_the_returned_state_is_a_copy() -> None:
    stream = generator.Generator().manual_seed(5)
    state = stream.get_state()
    state[:] = 0
    assert stream.get_state().any()


def test_no_words_leave_a_fresh_state_fresh() -> None:
    stream = generator.Generator().manual_seed(5)
    before = stream.get_state()
    assert generator.rand(0, generator=stream).shape == (0,)
    assert generator.randn((3, 0), generator=stream).shape == (3, 0)
    assert np.array_equal(stream.get_state(), before)


@pytest.mark.parametrize(
    ("offset", "value"),
    [(12, 0), (8, 0), (8, 2), (8, 255), (16, 1), (17, 3), (23, 255)],
)
def test_a_damaged_state_is_refused_and_changes_nothing(offset: int, value: int) -> None:
    stream = generator.Generator().manual_seed(5)
    before = stream.get_state()
    damaged = before.copy()
    damaged[offset] = value
    with pytest.raises(RuntimeError, match="Invalid mt19937 state"):
        stream.set_state(damaged)
    assert np.array_equal(stream.get_state(), before)


def test_refusals_say_what_to_type() -> None:
    stream = generator.Generator()
    with pytest.raises(ValueError, match=r"manual_seed\(seed % 2\*\*64\)"):
        stream.manual_seed(2**64)
    with pytest.raises(TypeError, match=r"write manual_seed\(int\(seed\)\)"):
        stream.manual_seed(1.5)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match=r"write Generator\(\)"):
        generator.Generator("cuda")
    with pytest.raises(TypeError, match=r"generator=Generator\(\)\.manual_seed\(0\)"):
        generator.rand(3, generator=42)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="uint8 array of 5056 bytes"):
        stream.set_state(b"")  # type: ignore[arg-type]
    assert stream.initial_seed() == generator.DEFAULT_SEED


def test_fork_rng_puts_the_stream_back() -> None:
    stream = generator.Generator().manual_seed(1)
    before = stream.get_state()

    def interrupted() -> None:
        with generator.fork_rng(generator=stream):
            stream.manual_seed(99)
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    assert np.array_equal(stream.get_state(), before)
    with generator.fork_rng(enabled=False, generator=stream):
        stream.words(1)
    assert not np.array_equal(stream.get_state(), before)


def test_threads_take_whole_draws_from_a_shared_generator() -> None:
    shared = generator.Generator().manual_seed(6)
    taken: list[bytes] = []

    def draw() -> None:
        for _ in range(50):
            taken.append(generator.randn(15, dtype=np.float64, generator=shared).tobytes())

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = generator.Generator().manual_seed(6)
    expected = [
        generator.randn(15, dtype=np.float64, generator=alone).tobytes() for _ in range(200)
    ]
    assert sorted(taken) == sorted(expected)
    assert np.array_equal(shared.get_state(), alone.get_state())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_forked_while_another_thread_draws_can_draw() -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with generator.default_generator.lock:
            held.set()
            done.wait(0.2)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    child = os.fork()
    if child == 0:
        generator.rand(3)
        os._exit(7)
    done.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_names_are_sealed() -> None:
    assert generator.__all__ == sorted(generator.__all__)
    modules = {
        "choices",
        "continuous",
        "counts",
        "dropout",
        "integers",
        "libm",
        "memory_order",
        "mersenne",
        "normals",
        "random_state",
        "rounding",
        "sampling_order",
        "single_precision",
        "uniforms",
    }
    public = {name for name in vars(generator) if not name.startswith("_")}
    assert public - modules == set(generator.__all__)
