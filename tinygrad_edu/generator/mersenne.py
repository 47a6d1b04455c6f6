"""The stream itself: a Mersenne Twister, its seeding, its cached normal and its 5056 bytes.

PyTorch's CPU generator is MT19937 seeded by Knuth's linear recurrence from the low 32 bits of the
seed. NumPy's legacy seeding is the same, so NumPy turns the crank here; what PyTorch keeps besides
(the full seed, one cached normal, the layout of the saved state) is kept by `Generator`.
"""

from __future__ import annotations

import operator
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, SupportsIndex, SupportsInt

import numpy as np
from numpy.typing import NDArray

DEFAULT_SEED = 67280421310721
"""The seed of a new `Generator()`, PyTorch's choice."""

_KEY_WORDS = 624

# What `get_state` returns, field by field (PyTorch's CPUGeneratorImplState). `left` counts the
# words until the next twist, plus one; `next` is the index of the next word in the key.
_STATE = np.dtype(
    [
        ("initial_seed", "<u8"),
        ("left", "<i4"),
        ("seeded", "<i4"),
        ("next", "<u8"),
        ("key", "<u8", (_KEY_WORDS,)),
        ("normal_x", "<f8"),
        ("normal", "<f8"),
        ("normal_rho", "<f8"),
        ("normal_is_valid", "<i4"),
        ("padding", "<i4"),
        ("float_normal", "<f4"),
        ("float_normal_is_valid", "<i4"),
    ]
)

STATE_BYTES = _STATE.itemsize
"""The length of a saved state, 5056 bytes."""


class Generator:
    """A stream of random numbers, bit for bit PyTorch's `torch.Generator` on the CPU.

    Parameters
    ----------
    device
        Only the CPU: `"cpu"`, or anything that prints as it.

    Attributes
    ----------
    lock
        Held by every draw from start to end, so threads that share a generator get whole draws.
    next_normal
        The second normal of the last Box-Muller pair, a float64 that waits for the next draw of
        fewer than 16 normals; None if there is none.

    Raises
    ------
    RuntimeError
        If `device` is not the CPU.

    Notes
    -----
    Only ``seed mod 2**32`` reaches the twister: seeds 0 and 2**32 give the same stream.
    Copying (`copy.copy`, `copy.deepcopy`, `clone_state`) and pickling give an independent
    generator at the same position.
    """

    __slots__ = ("__weakref__", "_at_seed", "_seed", "_twister", "lock", "next_normal")

    def __init__(self, device: object = "cpu") -> None:
        if str(device) not in ("cpu", "cpu:0"):
            raise RuntimeError(
                f"Generator(device={str(device)!r}): there is no generator for this device, only "
                "for the CPU; write Generator()"
            )
        self.lock = threading.RLock()
        self.next_normal: float | None = None
        self._seed = DEFAULT_SEED
        # Built on the first draw: numpy.random takes 30 ms to import, a third of what NumPy does.
        self._twister: np.random.MT19937 | None = None
        self._at_seed = True

    def __repr__(self) -> str:
        return f"<Generator initial_seed={self._seed}>"

    @property
    def device(self) -> str:
        """Where the numbers are made: always `"cpu"`."""
        return "cpu"

    def manual_seed(self, seed: SupportsIndex) -> Generator:
        """Start the stream of `seed` and drop the cached normal. Returns the generator itself.

        Raises
        ------
        TypeError
            If `seed` is not an integer.
        ValueError
            If `seed` is outside −2⁶³ … 2⁶⁴−1. A negative seed means ``seed + 2**64``.
        """
        try:
            number = operator.index(seed)
        except TypeError:
            raise TypeError(
                f"manual_seed expected an integer, got {type(seed).__name__}; "
                "write manual_seed(int(seed))"
            ) from None
        if not -(2**63) <= number < 2**64:
            raise ValueError(
                f"Overflow when unpacking long long: manual_seed got {number}, and expects a seed "
                "of -2**63 to 2**64 - 1; write manual_seed(seed % 2**64)"
            )
        with self.lock:
            self._seed = number % 2**64
            self._twister = None
            self._at_seed = True
            self.next_normal = None
        return self

    def seed(self) -> int:
        """Seed from the operating system's entropy and return the seed taken, a 64-bit number."""
        seed = int.from_bytes(os.urandom(8), "little")
        self.manual_seed(seed)
        return seed

    def initial_seed(self) -> int:
        """Return the seed the stream was started from, 0 … 2⁶⁴−1."""
        return self._seed

    def words(self, count: int) -> NDArray[np.uint32]:
        """Return the next `count` 32-bit words of the twister, shape (count,), uint32."""
        with self.lock:
            twister = self._running_twister()
            if count:
                self._at_seed = False
            return twister.random_raw(count).astype(np.uint32)

    def double_words(self, count: int) -> NDArray[np.uint64]:
        """Return the next `count` 64-bit words, shape (count,), uint64.

        Each is two 32-bit words, the first drawn being the high half.
        """
        with self.lock:
            twister = self._running_twister()
            if count:
                self._at_seed = False
            halves = twister.random_raw(2 * count)
        whole: NDArray[np.uint64] = halves[0::2] << np.uint64(32)
        whole |= halves[1::2]
        return whole

    def get_state(self) -> NDArray[np.uint8]:
        """Return the position in the stream as PyTorch saves it: 5056 bytes, shape (5056,), uint8.

        The bytes are `torch.Generator.get_state()`'s, so a state may travel to PyTorch and back.
        """
        with self.lock:
            twister = self._running_twister().state["state"]
            position = 0 if self._at_seed else int(twister["pos"])
            state = np.zeros((), _STATE)
            state["initial_seed"] = self._seed
            # The twister of a fresh seed twists before its first word, as after its last.
            state["left"] = 1 if self._at_seed else _KEY_WORDS + 1 - position
            state["seeded"] = 1
            state["next"] = position
            state["key"] = twister["key"]
            if self.next_normal is not None:
                state["normal"] = self.next_normal
                state["normal_is_valid"] = 1
        return np.frombuffer(state.tobytes(), np.uint8).copy()

    def set_state(self, new_state: NDArray[np.uint8]) -> Generator:
        """Go to the position that `get_state` saved, seed and cached normal included.

        Returns the generator itself.

        Raises
        ------
        TypeError
            If `new_state` is not a uint8 array.
        RuntimeError
            If it has not 5056 bytes, or they are no state of a Mersenne Twister.
        """
        if not isinstance(new_state, np.ndarray) or new_state.dtype != np.uint8:
            given = getattr(new_state, "dtype", type(new_state).__name__)
            raise TypeError(
                f"RNG state must be a torch.ByteTensor: got {given}, expected the uint8 array of "
                f"{STATE_BYTES} bytes that get_state() returns"
            )
        if new_state.size != STATE_BYTES:
            raise RuntimeError(
                f"Expected a CPUGeneratorImplState of size {STATE_BYTES} but found the input RNG "
                f"state size to be {new_state.size}; pass what get_state() returned, whole"
            )
        state = np.frombuffer(new_state.tobytes(), _STATE)[0]
        left, position = int(state["left"]), int(state["next"])
        # One word is left before the twist both at a fresh seed (next 0) and at the end of a key.
        consistent = left + position == _KEY_WORDS + 1 or (left == 1 and position == 0)
        if state["seeded"] != 1 or not 1 <= left <= _KEY_WORDS or not consistent:
            raise RuntimeError(
                f"Invalid mt19937 state: seeded={int(state['seeded'])}, left={left}, "
                f"next={position} belong to no stream; pass what get_state() returned, unchanged"
            )
        with self.lock:
            twister = np.random.MT19937(0)
            twister.state = {
                "bit_generator": "MT19937",
                "state": {
                    "key": state["key"].astype(np.uint32),
                    "pos": _KEY_WORDS if left == 1 else position,
                },
            }
            self._twister = twister
            self._at_seed = position == 0
            self._seed = int(state["initial_seed"])
            self.next_normal = float(state["normal"]) if state["normal_is_valid"] else None
        return self

    def clone_state(self) -> Generator:
        """Return an independent generator at the same position."""
        return Generator().set_state(self.get_state())

    def __reduce__(self) -> tuple[type[Generator], tuple[()], bytes]:
        return Generator, (), self.get_state().tobytes()

    def __setstate__(self, state: bytes) -> None:
        self.set_state(np.frombuffer(state, np.uint8))

    def _running_twister(self) -> np.random.MT19937:
        if self._twister is None:
            self._twister = np.random.MT19937(0)
            # A RandomState over a bit generator of ours is NumPy's public way to its legacy
            # seeding, which is PyTorch's.
            np.random.RandomState(self._twister).seed(self._seed & 0xFFFFFFFF)
        return self._twister


default_generator = Generator()
"""The generator of every draw that names none. A new process starts it at a random seed."""
default_generator.seed()

if hasattr(os, "register_at_fork"):
    # A child forked while another thread draws would wait for ever on a lock nobody holds.
    os.register_at_fork(
        before=default_generator.lock.acquire,
        after_in_parent=default_generator.lock.release,
        after_in_child=default_generator.lock.release,
    )


def resolve_generator(generator: Generator | None) -> Generator:
    """Return `generator`, or `default_generator` for None.

    Raises
    ------
    TypeError
        If it is something else, such as a seed.
    """
    if generator is None:
        return default_generator
    if not isinstance(generator, Generator):
        raise TypeError(
            f"generator must be a Generator or None, got {type(generator).__name__}; "
            "write generator=Generator().manual_seed(0)"
        )
    return generator


def manual_seed(seed: SupportsInt | SupportsIndex | str) -> Generator:
    """Seed the default generator, and return it. As in PyTorch, `seed` goes through `int()`."""
    try:
        number = int(seed)
    except ValueError:
        raise ValueError(
            f"manual_seed expected an integer, got {seed!r}; write manual_seed(0)"
        ) from None
    return default_generator.manual_seed(number)


def seed() -> int:
    """Seed the default generator from the system's entropy, and return the seed."""
    return default_generator.seed()


def initial_seed() -> int:
    """Return the seed that the default generator was started from."""
    return default_generator.initial_seed()


def get_rng_state() -> NDArray[np.uint8]:
    """Return the default generator's state, shape (5056,), uint8. See `Generator.get_state`."""
    return default_generator.get_state()


def set_rng_state(new_state: NDArray[np.uint8]) -> None:
    """Put the default generator where `get_rng_state` found it. See `Generator.set_state`."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(
    devices: Any = None, enabled: bool = True, *, generator: Generator | None = None
) -> Iterator[None]:
    """Let a block draw what it likes, and continue afterwards as if it had drawn nothing.

    Parameters
    ----------
    devices
        Accepted for PyTorch's sake; there is only the CPU's generator.
    enabled
        False makes the block an ordinary one.
    generator
        The one to put back, by default `default_generator`.
    """
    if not enabled:
        yield
        return
    stream = resolve_generator(generator)
    saved = stream.get_state()
    try:
        yield
    finally:
        stream.set_state(saved)
