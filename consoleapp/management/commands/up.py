"""`manage.py up`: one copy of the console, everything it needs, until Ctrl-C."""

import fcntl
import logging
import os
import secrets
import shlex
import signal
import subprocess  # nosec: our own interpreter
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import IO, Any, Final

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from consoleapp import env
from consoleapp.accounts import bootstrap
from consoleapp.processes import ports, programs, remains
from consoleapp.processes.supervise import NotStarted, Supervisor
from endpoints import capacity
from endpoints.hosts import console

_START_S: Final = 240.0


class Stopped(Exception):
    """Someone pressed Ctrl-C, or asked this process to end."""


class Command(BaseCommand):
    help = "Start the console and everything it needs; Ctrl-C stops all of it."
    requires_system_checks: list[str] = []
    supervisor: Supervisor | None = None

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-samples", action="store_true", help="do not seed sample models")

    def handle(self, *args: Any, **options: Any) -> None:
        state, port = env.state_dir(), env.number("PORT", 8000)
        # What waits for a part to come up is no news here; each program has its own log.
        logging.getLogger().setLevel(logging.ERROR)
        lock = _only_one(state)
        remains.end_programs(state)
        if not ports.is_free(port):
            raise CommandError(f"port {port} is in use. Choose another: PORT={port + 1} make up")
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(each, _stop)
        try:
            remains.end_instances(state)
            supervisor = self._start(state, port)
            self._seed(skip=options["no_samples"])
            self._say_ready(port)
            _wait(supervisor)
        except Stopped:
            self.stdout.write("\nstopping ...")
        except NotStarted as fault:
            raise CommandError(str(fault)) from None
        finally:
            _ignore_signals()
            if self.supervisor is not None:
                self.supervisor.stop()
            remains.end_instances(state)
            lock.close()

    def _start(self, state: Path, port: int) -> Supervisor:
        chosen = ports.choose(programs.ports_needed())
        # Before the environment tells of our own: what the user brings is not started here.
        # Kept at once: it is stopped also where the rest of the start goes wrong.
        supervisor = self.supervisor = Supervisor(programs.programs(chosen), state)
        os.environ.update(
            programs.environment(chosen),
            GATEWAY_TOKEN=secrets.token_urlsafe(32),
            **console.named(),
        )
        self._step("preparing the databases")
        call_command("migrate", verbosity=0)
        call_command("migrate", database="metrics", verbosity=0)
        self.first = bootstrap.ensure_first_team()
        self._step("starting")
        supervisor.start(cores=capacity.platform_cores())
        # Everything is read for the first time, on a machine that may be busy.
        supervisor.wait_ready(
            f"http://127.0.0.1:{port}", timeout_s=_START_S, on_wait=lambda _: None
        )
        return supervisor

    def _seed(self, *, skip: bool) -> None:
        if skip:
            return
        # A process of its own: this one read its settings before the ports were chosen.
        done = subprocess.run([sys.executable, "manage.py", "seed"], cwd=_root(), check=False)
        if done.returncode:
            raise NotStarted("the sample models could not be seeded: see above")

    def _say_ready(self, port: int) -> None:
        password = self.first.password or "(as it was set: it cannot be read back)"
        self.stdout.write(
            f"\nready http://127.0.0.1:{port}/console/\n"
            f"  user      {self.first.user}\n"
            f"  password  {password}\n"
            "  for boto3, the AWS CLI and REST:"
            f" source {shlex.quote(_short(env.state_dir() / 'credentials.env'))}\n"
            "  Ctrl-C stops everything"
        )
        self.stdout.flush()

    def _step(self, text: str) -> None:
        self.stdout.write(f"{text} ...")
        self.stdout.flush()


def _only_one(state: Path) -> IO[str]:
    """The lock of this STATE_DIR, held while the console runs."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    state.chmod(0o700)
    lock = (state / "up.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise CommandError(
            f"a console already runs with STATE_DIR={state}."
            " Stop it, or choose another: STATE_DIR=... PORT=... make up"
        ) from None
    return lock


def _wait(supervisor: Supervisor) -> None:
    while supervisor.alive():
        time.sleep(0.5)
    raise NotStarted(f"supervisord ended.\n{supervisor.tail('supervisord')}")


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def _ignore_signals() -> None:
    # A second Ctrl-C must not leave half of it running.
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)


def _root() -> Path:
    return Path(__file__).resolve().parents[3]


def _short(path: Path) -> str:
    cwd = Path.cwd()
    return str(path.relative_to(cwd)) if path.is_relative_to(cwd) else str(path)
