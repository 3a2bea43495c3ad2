"""Builds a stack's virtual environment once, in a cache that all copies on the machine share.

`python -m endpoints.stacks.build NAME...` builds ahead of need (all of them without a name).
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

from endpoints.stacks.table import SERVER_ROOT, STACKS, Stack

_COMPLETE: Final = ".complete"
_LINES_KEPT: Final = 12
#: Shared libraries that wheels expect of the system, and who brings them.
_SYSTEM_LIBRARIES: Final = {
    "libgomp.so.1": "libgomp1 (Debian, Ubuntu: apt-get install libgomp1)",
    "libstdc++.so.6": "libstdc++6 (Debian, Ubuntu: apt-get install libstdc++6)",
}

OnLine = Callable[[str], None]


class StackBuildFailed(Exception):
    """The environment could not be made; the message ends with what the installer said last."""


def ensure(stack: Stack, on_line: OnLine | None = None) -> Path:
    """The Python of the stack's environment, built first where needed.

    Safe to call from many processes at once: one builds, the others wait and tell so. A build that
    was cut short is found by its missing marker and done again. Raises StackBuildFailed."""
    say = on_line or (lambda line: None)
    home = _home(stack)
    python = home / "bin" / "python"
    if (home / _COMPLETE).exists():
        return python
    home.parent.mkdir(parents=True, exist_ok=True)
    with _only_builder(home, stack, say) as lock:
        if not (home / _COMPLETE).exists():
            _build(stack, home, say, lock)
    return python


def is_built(stack: Stack) -> bool:
    return (_home(stack) / _COMPLETE).exists()


def _home(stack: Stack) -> Path:
    """Named after its content: changed pins are another folder, so running servers keep theirs."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    content = f"{version}\n{sys.base_prefix}\n{stack.requirements.read_text()}"
    return (
        Path(settings.STACKS_DIR)
        / f"{stack.name}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
    )


@contextmanager
def _only_builder(home: Path, stack: Stack, say: OnLine) -> Iterator[int]:
    # The lock dies with its holders, so a killed builder never blocks the next one. Its installer
    # is a holder too: what outlives the builder must not write into the next build.
    with home.with_suffix(home.suffix + ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"{stack.name}: waiting for another process that builds it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


def _build(stack: Stack, home: Path, say: OnLine, lock: int) -> None:
    # In place, not renamed into place: an environment's scripts carry its own path.
    if home.exists():
        say(f"{stack.name}: removing an unfinished build")
        shutil.rmtree(home)
    say(f"{stack.name}: creating the environment ({stack.framework} {stack.framework_version})")
    python = str(home / "bin" / "python")
    try:
        _run([sys.executable, "-m", "venv", str(home)], say, lock)
        # No dependencies but those listed: what is measured today is what is installed tomorrow.
        pip = [python, "-m", "pip", "install", "--no-deps", "--only-binary", ":all:", "--no-input"]
        _run([*pip, "-r", str(stack.requirements)], say, lock)
        _run([python, "-P", "-m", "modelserver", "--check", stack.family], say, lock)
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise
    (home / _COMPLETE).write_text(stack.requirements.read_text())
    say(f"{stack.name}: ready")


def _run(command: list[str], say: OnLine, lock: int) -> None:
    last: deque[str] = deque(maxlen=_LINES_KEPT)
    with subprocess.Popen(
        command,
        env=_build_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=[lock],
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                last.append(line.rstrip())
                say(line.rstrip())
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise StackBuildFailed(_reason(command, process.returncode, "\n".join(last)))


def _reason(command: list[str], status: int, output: str) -> str:
    for library, package in _SYSTEM_LIBRARIES.items():
        if library in output:
            return f"The system library {library} is missing: install the package {package}."
    return f"`{' '.join(command[1:4])}` ended with status {status}:\n{output}"


def _build_environment() -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if k not in {"PYTHONHOME", "VIRTUAL_ENV"}}
    return {
        **inherited,
        "PYTHONPATH": str(SERVER_ROOT),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_PROGRESS_BAR": "off",
        "PIP_REQUIRE_VIRTUALENV": "0",
    }


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(names: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consoleapp.settings")
    for name in names or list(STACKS):
        if name not in STACKS:
            sys.stderr.write(f"No stack {name!r}: choose of {', '.join(STACKS)}\n")
            return 2
        python = ensure(STACKS[name], _print)
        _print(f"{name}: {python}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
