"""Starting and stopping: one command brings everything, Ctrl-C leaves nothing."""

import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.e2e import jobs
from tests.live import ROOT, Console, wait_for

pytestmark = pytest.mark.e2e


def descendants(console: Console) -> list[psutil.Process]:
    assert console.process is not None
    return psutil.Process(console.process.pid).children(recursive=True)


def mentions(console: Console) -> list[str]:
    """Processes of the machine that still name this copy's state directory."""
    found = []
    for each in psutil.process_iter(["cmdline", "environ", "cwd"]):
        words = " ".join(each.info["cmdline"] or [])
        told = (each.info["environ"] or {}).get("STATE_DIR", "")
        # Redis writes its title over both.
        place = each.info["cwd"] or ""
        if str(console.state) in words + place or told == str(console.state):
            found.append(words)
    return found


def test_two_copies_run_side_by_side_and_stop_without_a_trace(tmp_path: Path) -> None:
    one, two = (Console(tmp_path / name).start() for name in ("one", "two"))
    try:
        assert one.get("/whoami")["account_id"] == two.get("/whoami")["account_id"]
        for console in (one, two):
            credentials = console.state / "credentials.env"
            assert stat.S_IMODE(credentials.stat().st_mode) == 0o600
            assert stat.S_IMODE(console.state.stat().st_mode) == 0o700
            listening = {
                connection.laddr
                for process in descendants(console)
                for connection in process.net_connections("tcp")
                if connection.status == psutil.CONN_LISTEN
            }
            assert {address.ip for address in listening} <= {"127.0.0.1", "::1"}
        name = jobs.start(one, unlimited(one))
        jobs.wait_running(one, name)
    finally:
        for console in (one, two):
            assert console.stop() == 0
    for console in (one, two):
        wait_for("every process to end", lambda c=console: not mentions(c), timeout_s=20)


def unlimited(console: Console) -> dict[str, object]:
    console.set_quota("recommender.phase_seconds.min", 5)
    console.set_quota("recommender.initial_users.max", 50)
    return jobs.request(seconds=600)


def test_a_second_start_keeps_the_data_and_takes_seconds(tmp_path: Path) -> None:
    console = Console(tmp_path / "var").start()
    console.set_quota("recommender.phase_seconds.min", 7)
    before = dict(console.credentials)
    assert console.stop() == 0

    console.output.unlink()
    started = time.monotonic()
    console.start(timeout_s=60)
    assert time.monotonic() - started < 60
    try:
        assert console.credentials == before
        assert console.get("/quotas/recommender.phase_seconds.min")["value"] == 7
        assert console.get("/models")["results"]
    finally:
        assert console.stop() == 0


def test_ctrl_c_during_the_start_leaves_nothing_running(tmp_path: Path) -> None:
    console = Console(tmp_path / "var")
    console.launch()
    try:
        wait_for("its web server", lambda: console.processes("uvicorn"), timeout_s=120)
    finally:
        assert console.stop() == 0
    assert "ready http" not in console.output.read_text()
    assert not mentions(console)


def test_a_console_that_is_killed_leaves_no_model_server_behind(tmp_path: Path) -> None:
    console = Console(tmp_path / "var").start()
    assert console.process is not None
    variant = {"name": "V", "model_name": "breast-cancer-sklearn", "instance_type": "ml.m5.large"}
    console.post("/endpoint-configs", {"name": "kept", "variants": [variant]})
    console.post("/endpoints", {"name": "kept", "config_name": "kept"})
    wait_for(
        "the endpoint to serve",
        lambda: console.get("/endpoints/kept")["status"] == "InService",
        timeout_s=120,
    )
    assert any("modelserver" in words for words in mentions(console))
    console.process.kill()
    console.process.wait()
    wait_for("every process to end", lambda: not mentions(console), timeout_s=60)


def test_a_second_console_on_the_same_state_is_refused_with_the_way_out(console: Console) -> None:
    refused = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "STATE_DIR": str(console.state), "PORT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode != 0
    assert "a console already runs with STATE_DIR=" in refused.stderr


def test_a_port_in_use_is_refused_with_the_way_out(console: Console, tmp_path: Path) -> None:
    refused = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "STATE_DIR": str(tmp_path), "PORT": str(console.port)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode != 0
    assert f"port {console.port} is in use" in refused.stderr
