import json
import subprocess
import sys
from pathlib import Path

import psutil

from consoleapp.processes import remains


def record(state: Path, name: str, pid: int, pid_start: float) -> None:
    folder = state / "instances" / name
    folder.mkdir(parents=True)
    (folder / "instance.json").write_text(json.dumps({"pid": pid, "pid_start": pid_start}))


def sleeper() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


def test_a_model_server_left_behind_is_ended(tmp_path: Path) -> None:
    left = sleeper()
    record(tmp_path, "one", left.pid, psutil.Process(left.pid).create_time())
    assert remains.end_instances(tmp_path) == 1
    left.wait(5)
    assert not psutil.pid_exists(left.pid)


def test_a_stopped_model_server_is_ended_too(tmp_path: Path) -> None:
    left = sleeper()
    psutil.Process(left.pid).suspend()
    record(tmp_path, "one", left.pid, psutil.Process(left.pid).create_time())
    assert remains.end_instances(tmp_path) == 1
    left.wait(5)
    assert not psutil.pid_exists(left.pid)


def test_another_process_that_got_the_same_pid_is_left_alone(tmp_path: Path) -> None:
    other = sleeper()
    try:
        record(tmp_path, "one", other.pid, psutil.Process(other.pid).create_time() - 1000)
        assert remains.end_instances(tmp_path) == 0
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_record_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "instances" / "torn"
    folder.mkdir(parents=True)
    (folder / "instance.json").write_text("{")
    assert remains.end_instances(tmp_path) == 0
