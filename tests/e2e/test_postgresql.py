"""The same code on a real PostgreSQL: state machines, services, keys and the metrics store."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from consoleapp.processes import ports
from tests.live import ROOT

pytestmark = pytest.mark.e2e

#: Where compare-and-set, locks, constraints and the metrics' own SQL are put to the test.
SUITES = (
    *("tests/endpoints/test_lifecycle.py", "tests/endpoints/test_services.py"),
    *("tests/recommender/test_lifecycle.py", "tests/recommender/test_services.py"),
    *("tests/consoleapp/accounts/test_keys.py", "tests/consoleapp/metrics/test_store.py"),
    *("tests/consoleapp/accounts/test_iam_policies.py", "tests/consoleapp/aws/test_paging.py"),
    *("tests/races/test_puts.py", "tests/races/test_shifts.py"),
)


def binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "PostgreSQL is missing: apt install postgresql"
    return found[-1].parent


def run(*command: str) -> None:
    # The server refuses to run as root: its package brings a user for it.
    prefix = ("runuser", "-u", "postgres", "--") if os.getuid() == 0 else ()
    done = subprocess.run([*prefix, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """The address of a server of this test run, without a database name."""
    # Not below pytest's own folder, which only its owner may enter.
    place, port = Path(f"/tmp/console-postgresql-{os.getpid()}"), ports.choose(["pg"])["pg"]
    place.mkdir()
    if os.getuid() == 0:
        shutil.chown(place, "postgres", "postgres")
    control = str(binaries() / "pg_ctl")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place}"
    run(str(binaries() / "initdb"), "-D", str(place / "data"), "-A", "trust", "-U", "console")
    log = str(place / "log")
    run(control, "-D", str(place / "data"), "-o", options, "-w", "-l", log, "start")
    # Processes of their own race on these two; pytest makes its own beside them.
    for name in ("console", "metrics"):
        run(str(binaries() / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "console", name)
    yield f"postgres://console@127.0.0.1:{port}"
    run(control, "-D", str(place / "data"), "-m", "fast", "stop")
    shutil.rmtree(place)


def test_the_suites_that_lean_on_the_database_pass_on_postgresql(postgresql: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SUITES],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": f"{postgresql}/console",
            "METRICS_DATABASE_URL": f"{postgresql}/metrics",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout
