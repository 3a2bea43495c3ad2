import os
import subprocess
import sys
import time

from recommender.loadtest.cpu import (
    BusiestCore,
    CoreTimes,
    CoreWatch,
    core_times,
    process_seconds,
)

STAT = """cpu  10 20 30 400 5 6 7 8 0 0
cpu0 100 20 30 4000 50 6 7 80 0 0
cpu1 1 2 3 4 5 6 7 8 0 0
intr 12345
"""
SPIN = "import os,sys\nos.sched_setaffinity(0,{int(sys.argv[1])})\nwhile True: pass"
FORKS = "import subprocess,sys\nsubprocess.run([sys.executable,'-c',sys.argv[2],sys.argv[1]])"


def test_the_times_of_each_core_are_read() -> None:
    times = core_times(STAT)
    assert set(times) == {0, 1}
    assert times[0] == CoreTimes(work=150, idle=4050, interrupts=13, steal=80)
    assert times[0].total == 150 + 4050 + 13 + 80


def test_this_machine_has_the_cores_the_kernel_says() -> None:
    assert len(core_times()) == os.cpu_count()


def spinning(core: int, *, in_a_child: bool = False) -> subprocess.Popen[bytes]:
    code = [FORKS, str(core), SPIN] if in_a_child else [SPIN, str(core)]
    return subprocess.Popen([sys.executable, "-c", *code], start_new_session=True)


def until_used(pid: int, seconds: float) -> None:
    deadline = time.monotonic() + 30
    start = process_seconds([pid])
    while process_seconds([pid]) < start + seconds:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_work_of_the_tests_own_processes_and_their_children_is_not_foreign() -> None:
    core = min(os.sched_getaffinity(0))
    process = spinning(core, in_a_child=True)
    try:
        until_used(process.pid, 0.1)
        mine, foreign = CoreWatch([core], [process.pid]), CoreWatch([core], [])
        until_used(process.pid, 0.5)
        own, stranger = mine.sample(), foreign.sample()
    finally:
        os.killpg(process.pid, 9)
        process.wait()
    assert own.own > 0
    assert stranger.own == 0
    assert own.foreign <= stranger.foreign - own.own / 2
    assert 0 <= own.steal <= 1


def test_the_busiest_core_counts_whoever_is_on_it() -> None:
    core = min(os.sched_getaffinity(0))
    process = spinning(core)
    try:
        until_used(process.pid, 0.1)
        watch = BusiestCore(os.sched_getaffinity(0))
        until_used(process.pid, 0.5)
        busy = watch.sample()
        at_once = [watch.sample() for _ in range(5)]
    finally:
        os.killpg(process.pid, 9)
        process.wait()
    assert busy > 0.9
    assert all(0 <= share <= 1 for share in at_once)
    assert BusiestCore([]).sample() == 0


def test_a_process_that_is_gone_used_nothing() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert process_seconds([process.pid]) == 0
