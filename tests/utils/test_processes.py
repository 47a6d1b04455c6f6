"""What belongs to several processes: shares of a data set, Python's processes, refusals."""

from __future__ import annotations

import pytest

import tinygrad_edu as tg
from tinygrad_edu.utils.data import DataLoader
from tinygrad_edu.utils.data.distributed import DistributedSampler


@pytest.mark.parametrize("count", [0, 3, 8, 11])
@pytest.mark.parametrize("drop_last", [False, True])
def test_shares_cover_the_data(count: int, drop_last: bool) -> None:
    shares = [list(DistributedSampler(range(count), 4, r, drop_last=drop_last)) for r in range(4)]
    assert len({len(share) for share in shares}) == 1
    seen = sorted({i for share in shares for i in share})
    assert len(seen) == (count // 4 * 4 if drop_last else count)


@pytest.mark.torch
@pytest.mark.parametrize("count", [3, 8, 11])
@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("shuffle", [False, True])
def test_shares_beside_pytorch(count: int, drop_last: bool, shuffle: bool) -> None:
    torch = pytest.importorskip("torch")
    from torch.utils.data.distributed import DistributedSampler as Theirs

    assert torch
    for rank in range(3):
        options = {"shuffle": shuffle, "seed": 5, "drop_last": drop_last}
        ours = DistributedSampler(range(count), 3, rank, **options)  # type: ignore[arg-type]
        theirs = Theirs(range(count), 3, rank, **options)
        for epoch in (0, 7):
            ours.set_epoch(epoch)
            theirs.set_epoch(epoch)
            assert list(ours) == list(theirs)
        assert len(ours) == len(theirs)


def test_a_loader_takes_a_share() -> None:
    data = list(range(6))
    loader = DataLoader(data, batch_size=3, sampler=DistributedSampler(data, 2, 1, shuffle=False))
    assert [batch.tolist() for batch in loader] == [[1, 3, 5]]


def test_what_needs_several_processes_is_refused() -> None:
    with pytest.raises(RuntimeError, match="one process"):
        DistributedSampler(range(3))
    with pytest.raises(ValueError, match="interval"):
        DistributedSampler(range(3), 2, 2)
    with pytest.raises(NotImplementedError, match="state_dict"):
        tg.hub.load("pytorch/vision", "resnet18")


def fail(rank: int) -> None:
    raise SystemExit(rank)


def test_processes_are_pythons() -> None:
    import multiprocessing

    assert tg.multiprocessing.Pool is multiprocessing.Pool
    assert tg.multiprocessing.cpu_count() >= 1
    tg.multiprocessing.spawn(print, nprocs=1, start_method="fork")
    with pytest.raises(tg.multiprocessing.ProcessExitedException, match="process 1"):
        tg.multiprocessing.spawn(fail, nprocs=2, start_method="fork")
