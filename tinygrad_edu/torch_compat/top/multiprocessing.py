"""PyTorch's `torch.multiprocessing`: Python's own, and `spawn`.

Tensors go to other processes as copies; PyTorch moves their memory where both see it.
"""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import Barrier as Barrier
from multiprocessing import Event as Event
from multiprocessing import Lock as Lock
from multiprocessing import Manager as Manager
from multiprocessing import Pipe as Pipe
from multiprocessing import Pool as Pool
from multiprocessing import Process as Process
from multiprocessing import Queue as Queue
from multiprocessing import Semaphore as Semaphore
from multiprocessing import SimpleQueue as SimpleQueue
from multiprocessing import Value as Value
from multiprocessing import cpu_count as cpu_count
from multiprocessing import current_process as current_process
from multiprocessing import freeze_support as freeze_support
from multiprocessing import get_context as get_context
from multiprocessing import get_start_method as get_start_method
from multiprocessing import set_start_method as set_start_method
from typing import Any

__all__ = ["ProcessExitedException", "get_all_sharing_strategies", "spawn"]


class ProcessExitedException(Exception):
    """A process that `spawn` started failed."""


def spawn(
    fn: Callable[..., None],
    args: tuple[Any, ...] = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> Any:
    """Run `fn(i, *args)` in `nprocs` processes, i counting from 0.

    Parameters
    ----------
    join : bool
        Wait for all of them; otherwise the processes are returned.

    Raises
    ------
    ProcessExitedException
        If one of them failed; what it raised is on its own error output. The others are ended.
    """
    context: Any = get_context(start_method)
    processes = [context.Process(target=fn, args=(i, *args), daemon=daemon) for i in range(nprocs)]
    for process in processes:
        process.start()
    if not join:
        return processes
    for i, process in enumerate(processes):
        process.join()
        if process.exitcode:
            for other in processes:
                other.terminate()
                other.join()
            raise ProcessExitedException(
                f"process {i} terminated with exit code {process.exitcode}; what it raised is "
                f"printed above"
            )
    return None


def get_all_sharing_strategies() -> set[str]:
    """How tensors can be shared between processes: not at all, they are copied."""
    return set()
