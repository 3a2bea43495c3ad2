import os
import subprocess
import sys

import pytest

from recommender.loadtest import process

CHILD = "import os,sys\nfrom recommender.loadtest import process\nprocess.{}\nprint('alive')"


def child(call: str) -> subprocess.CompletedProcess[str]:
    code = CHILD.format(call)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_a_process_whose_parent_is_already_gone_does_not_start() -> None:
    done = child("die_with(1)")
    assert done.returncode != 0
    assert "Orphaned" in done.stderr


def test_a_process_with_its_own_parent_does() -> None:
    assert child(f"die_with({os.getpid()})").stdout == "alive\n"


def test_it_is_pinned_to_the_cores_it_is_given() -> None:
    core = max(os.sched_getaffinity(0))
    assert child(f"pin(({core},)); print(os.sched_getaffinity(0))").stdout.startswith(f"{{{core}}}")


def test_no_cores_leave_it_where_it_is() -> None:
    before = os.sched_getaffinity(0)
    process.pin(())
    assert os.sched_getaffinity(0) == before


def test_a_core_that_does_not_exist_is_an_error() -> None:
    assert pytest.raises(OSError, process.pin, (4095,))
