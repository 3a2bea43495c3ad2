"""The core ledger, with real locks and real processes."""

import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from endpoints import capacity
from endpoints.errors import CannotGrant


@pytest.fixture(autouse=True)
def four_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CORE_LEDGER_DIR", str(tmp_path / "ledger"))
    monkeypatch.setenv("CORES", "0,1,2,3")
    capacity.cores.cache_clear()
    yield
    capacity.cores.cache_clear()


def use(monkeypatch: pytest.MonkeyPatch, cores: str) -> None:
    monkeypatch.setenv("CORES", cores)
    capacity.cores.cache_clear()


@pytest.mark.parametrize(
    ("cores", "platform", "measurable"),
    [
        ("0", (0,), (0,)),
        ("0,1", (0,), (1,)),
        ("0,1,2", (0,), (1, 2)),
        ("0,1,2,3", (0, 1), (2, 3)),
        (",".join(map(str, range(16))), (0, 1, 2, 3), tuple(range(4, 16))),
        ("4,5", (4,), (5,)),
    ],
)
def test_the_first_cores_are_the_platforms(
    monkeypatch: pytest.MonkeyPatch,
    cores: str,
    platform: tuple[int, ...],
    measurable: tuple[int, ...],
) -> None:
    use(monkeypatch, cores)
    assert capacity.platform_cores() == platform
    assert capacity.measurable_cores() == measurable
    assert capacity.exclusive() is (cores != "0")


def test_being_pinned_does_not_hide_the_machines_other_cores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CORES")
    capacity.cores.cache_clear()
    before = os.sched_getaffinity(0)
    whole = capacity.cores()
    os.sched_setaffinity(0, {min(before)})
    capacity.cores.cache_clear()
    try:
        assert capacity.cores() == whole
        assert os.sched_getaffinity(0) == {min(before)}
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.parametrize(
    ("vcpus", "scale"), [([1], 1.0), ([2], 1.0), ([4], 0.5), ([2, 4, 16], 0.125)]
)
def test_one_scale_fits_the_largest(vcpus: list[float], scale: float) -> None:
    assert capacity.scale_for(vcpus) == scale


def test_below_the_floor_is_refused_with_the_numbers() -> None:
    with pytest.raises(CannotGrant, match="72 vCPUs on 2 measurable cores"):
        capacity.scale_for([2, 72])


@pytest.mark.parametrize(("granted", "needed"), [(0.125, 1), (1.0, 1), (1.5, 2), (2.0, 2)])
def test_a_fraction_takes_a_whole_core(granted: float, needed: int) -> None:
    assert capacity.cores_needed(granted) == needed


def test_cores_are_taken_once_the_last_ones_first() -> None:
    first = capacity.take_cores(1)
    assert first is not None
    assert first.numbers == (3,)
    assert capacity.taken_cores() == {3}
    assert capacity.take_cores(2) is None
    second = capacity.take_cores(1)
    assert second is not None
    assert second.numbers == (2,)
    assert not capacity.available(1)
    first.release()
    assert capacity.available(1)
    second.release()
    assert capacity.taken_cores() == frozenset()


def test_a_core_is_free_again_when_the_process_that_inherited_it_is_killed() -> None:
    lease = capacity.take_cores(2)
    assert lease is not None
    with subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=lease.descriptors
    ) as holder:
        lease.release()
        assert not capacity.available(1)
        holder.kill()
    deadline = time.monotonic() + 5
    while not capacity.available(2):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_eight_processes_that_want_two_of_two_cores_never_share() -> None:
    script = (
        "import time\n"
        "from endpoints import capacity\n"
        "deadline = time.monotonic() + 30\n"
        "while (lease := capacity.take_cores(2)) is None:\n"
        "    assert time.monotonic() < deadline\n"
        "    time.sleep(0.005)\n"
        "marker = capacity.ledger_dir() / 'busy'\n"
        "marker.open('x').close()\n"
        "time.sleep(0.02)\n"
        "marker.unlink()\n"
        "lease.release()\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(8)]
    assert [process.wait(60) for process in running] == [0] * 8


def test_another_user_can_read_the_ledger_however_private_ones_files_are() -> None:
    before = os.umask(0o077)
    try:
        lease = capacity.take_cores(1)
    finally:
        os.umask(before)
    assert lease is not None
    with lease:
        modes = {stat.S_IMODE(path.stat().st_mode) for path in capacity.ledger_dir().iterdir()}
    assert modes == {0o644}


def test_two_instances_never_get_the_same_port() -> None:
    with capacity.take_port() as first, capacity.take_port() as second:
        assert first.numbers != second.numbers


def test_the_machine_names_its_real_cpu() -> None:
    here = capacity.machine()
    assert here.cores >= 1
    assert here.memory_mib > 100
    assert here.cpu_model
