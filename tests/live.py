"""A whole console, started as a user starts it, for the tests that need everything running."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

from consoleapp.processes import ports

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent
#: What an admin sets for a team whose tests must be short; `make demo` keeps AWS's own limits.
SHORT_QUOTAS = {"recommender.phase_seconds.min": 5, "recommender.initial_users.max": 50}


class NotInTime(AssertionError):
    """What a test waited for did not happen."""


def wait_for(
    what: str, look: Callable[[], T | None], *, timeout_s: float = 60, every_s: float = 0.2
) -> T:
    """Looks until there is an answer. Raises NotInTime, naming what was missing."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        seen = look()
        if seen:
            return seen
        time.sleep(every_s)
    raise NotInTime(f"{what}: not within {timeout_s:g} s")


class Console:
    """`manage.py up` with a state directory and a port of its own."""

    def __init__(self, state: Path, *, port: int | None = None, **environment: str) -> None:
        self.state = state
        self.port = port or ports.choose(["web"])["web"]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = environment
        self.output = state.parent / f"{state.name}-up.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.credentials: dict[str, str] = {}

    def start(self, *, timeout_s: float = 300) -> "Console":
        self.launch()
        wait_for("the console's ready line", self._ready, timeout_s=timeout_s)
        self.credentials = read_credentials(self.state / "credentials.env")
        return self

    def launch(self) -> None:
        """Without waiting for anything of it."""
        env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CONSOLE_"))},
            **{"STATE_DIR": str(self.state), "PORT": str(self.port)},
            # The tests themselves share the cores; whether that counts is tested by itself.
            **{"FOREIGN_CPU_LIMIT": "9", "GENERATOR_CPU_LIMIT": "2", "PLATFORM_CPU_LIMIT": "2"},
            **self.environment,
        }
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=env,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _ready(self) -> bool:
        assert self.process is not None
        text = self.output.read_text(errors="replace")
        assert self.process.poll() is None, f"manage.py up ended:\n{text[-4000:]}"
        return f"ready {self.url}/console/" in text

    def stop(self) -> int:
        """Ctrl-C, as a user does it. Answers the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def processes(self, pattern: str) -> list[psutil.Process]:
        """This copy's own processes whose command line matches."""
        assert self.process is not None
        found = []
        for each in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if re.search(pattern, shlex.join(each.cmdline())):
                    found.append(each)
            except psutil.Error:
                continue
        return found

    @property
    def rest(self) -> httpx.Client:
        """A REST client of the team's admin."""
        return httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers={"Authorization": f"Token {self.credentials['CONSOLE_TOKEN']}"},
            timeout=30,
            trust_env=False,
        )

    def get(self, path: str, **params: Any) -> Any:
        with self.rest as rest:
            answer = rest.get(path, params=params)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def post(self, path: str, body: Any = None) -> Any:
        with self.rest as rest:
            answer = rest.post(path, json=body)
        assert answer.status_code < 300, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def browser_session(self) -> httpx.Client:
        """An HTTP client signed in as the admin, as a browser is; cookies and CSRF included."""
        client = httpx.Client(
            base_url=self.url,
            follow_redirects=True,
            timeout=30,
            trust_env=False,
            headers={"Referer": self.url},
        )
        client.get("/console/sign-in")
        answer = client.post(
            "/console/sign-in",
            data={
                "username": self.credentials["CONSOLE_USER"],
                "password": self.credentials["CONSOLE_PASSWORD"],
                "csrfmiddlewaretoken": self.csrf(client),
            },
        )
        assert answer.status_code == 200, answer.text[:500]
        return client

    def csrf(self, client: httpx.Client) -> str:
        return client.cookies[f"console_csrf_{self.port}"]

    def set_quota(self, code: str, value: float) -> None:
        """As an admin of the team does it."""
        with self.rest as rest:
            answer = rest.put(f"/quotas/{code}", json={"value": value})
        assert answer.status_code == 200, answer.text

    def manage(self, *arguments: str) -> str:
        """A management command on this copy's state."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**os.environ, "STATE_DIR": str(self.state), "PORT": str(self.port)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def read_credentials(path: Path) -> dict[str, str]:
    """What `source credentials.env` would export."""
    found = {}
    for line in path.read_text().splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["export"]:
            name, _, value = words[1].partition("=")
            found[name] = value
    return found
