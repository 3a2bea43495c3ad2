"""`manage.py demo`: the main job from the terminal, on a running console or one of its own."""

import signal
import subprocess  # nosec: our own interpreter
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console as Terminal

from consoleapp import env
from consoleapp.demo import job as demo_job
from consoleapp.demo.client import Console, DemoFailed
from consoleapp.demo.screen import Bars, ranking

_START_S = 600


class Command(BaseCommand):
    help = "Run a recommender job from the terminal: live bars, then the ranking."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        terminal = Terminal()
        # Asked to end in any way, it takes along the console that it has started.
        for each in (signal.SIGTERM, signal.SIGINT):
            # A shell that starts it in the background has it ignore the second.
            signal.signal(each, signal.default_int_handler)
        try:
            with _console(terminal) as console:
                _run(terminal, console)
        except DemoFailed as failed:
            raise CommandError(str(failed)) from None
        except KeyboardInterrupt:
            raise CommandError("stopped") from None


def _run(terminal: Terminal, console: Console) -> None:
    me = console.get("/whoami")
    wanted = demo_job.request(me["account_id"], me["region"])
    name = wanted["JobName"]
    console.post("/recommender/jobs", wanted)
    terminal.print(f"job [bold]{name}[/] on {', '.join(demo_job.INSTANCE_TYPES)}")
    bars = Bars(terminal)
    try:
        with bars.progress:
            demo_job.follow(console, name, bars.show)
    except KeyboardInterrupt:
        console.post(f"/recommender/jobs/{name}/stop")
        raise
    ranking(terminal, console.get(f"/recommender/jobs/{name}/recommendations"))
    terminal.print(f"page: {console.url}/console/recommender/jobs/{name}", soft_wrap=True)


def _credentials() -> Path:
    return env.state_dir() / "credentials.env"


def _running() -> Console | None:
    """The console of this STATE_DIR, if it is up."""
    console = Console.from_credentials(_credentials())
    return console if console is not None and console.healthy() else None


@contextmanager
def _console(terminal: Terminal) -> Iterator[Console]:
    """The one that runs, else one of its own that goes when the demo goes. Raises DemoFailed."""
    running = _running()
    if running is not None:
        yield running
        return
    terminal.print("no console is running: starting one (the first time takes a minute or two)")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=Path(__file__).resolve().parents[3],
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C is for the demo: it stops the job first, and then the console.
        start_new_session=True,
    )
    try:
        yield _started(terminal, process)
    finally:
        terminal.print("stopping the console; `make up` starts it again with the job's page kept")
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _started(terminal: Terminal, process: "subprocess.Popen[str]") -> Console:
    assert process.stdout is not None
    deadline = time.monotonic() + _START_S
    for line in process.stdout:
        terminal.print(line.rstrip(), style="dim", highlight=False)
        if line.startswith("  Ctrl-C") or time.monotonic() > deadline:
            break
    while process.poll() is None and time.monotonic() < deadline:
        console = _running()
        if console is not None:
            return console
    raise DemoFailed("the console did not start: see above")
