"""Reading /proc, on real processes."""

import os
import subprocess
import sys

from consoleapp.metrics import procfs
from tests.consoleapp.metrics.folders import FORTY_MIB, HALF_A_CORE_EACH, running
from tests.consoleapp.metrics.live import wait_until

MIB = 1024 * 1024


def test_this_process_is_found_with_its_parent() -> None:
    me = procfs.snapshot()[os.getpid()]
    assert me.parent == os.getppid()
    assert me.cpu_s > 0
    assert me.start_ticks == procfs.process(os.getpid()).start_ticks


def test_a_process_that_is_gone_is_none() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert procfs.process(child.pid) is None


def test_a_name_with_brackets_and_spaces_is_read() -> None:
    rename = "import ctypes; ctypes.CDLL(None).prctl(15, b') R 1 (x')"
    program = f"{rename}; print('named', flush=True); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    child.stdout.readline()
    assert procfs.process(child.pid).parent == os.getpid()
    child.communicate(b"\n")


def test_the_tree_holds_children_and_what_is_left_of_the_session() -> None:
    with running(HALF_A_CORE_EACH) as root:
        members = wait_until(lambda: _two(root["pid"]))
        assert {member.session for member in members} == {root["pid"]}
        assert os.getpid() not in {member.pid for member in members}


def test_memory_of_a_tree_counts_what_it_holds() -> None:
    with running(FORTY_MIB) as root:
        used = procfs.memory_bytes(procfs.tree(root["pid"], procfs.snapshot()))
    assert 40 * MIB < used < 80 * MIB


def test_nothing_has_no_memory() -> None:
    assert procfs.memory_bytes([]) == 0


def _two(root: int) -> list[procfs.Process]:
    members = procfs.tree(root, procfs.snapshot())
    return members if len(members) == 2 else []
