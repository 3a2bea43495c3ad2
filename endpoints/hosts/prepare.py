"""Gets an instance ready to start: builds its serving stack, fetches its model.

`python -m endpoints.hosts.prepare FOLDER`, run by the keeper: may take minutes, then is gone with
all it needed. It leaves `prepared.json`: the command to run, or why there is none.
"""

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import django

from consoleapp.accounts.errors import CallerError
from endpoints import capacity
from endpoints.hosts import state


def prepare(folder: Path, spec: dict[str, Any]) -> dict[str, Any]:
    """The model server's command, environment and working folder."""
    # After django.setup(): these read settings and rows.
    from endpoints.hosts import artifacts
    from endpoints.stacks import build
    from endpoints.stacks.table import stack_for

    stack = stack_for(spec["image"])
    if not build.is_built(stack):
        _say(folder, f"Building serving stack {stack.name}: once on this machine, takes minutes")
    python = build.ensure(stack, on_line=_print)
    model = folder / "model"
    if spec["model_data_url"]:
        say = partial(_say, folder)
        model = artifacts.fetch(
            spec["account"],
            spec["region"],
            spec["model_data_url"],
            say,
            within_s=spec["download_timeout_s"],
        )
    else:
        model.mkdir(exist_ok=True)
    port = int(os.environ["INSTANCE_PORT"])
    # As many as cores granted, though a test may have some of them for itself at this moment.
    workers = str(capacity.cores_needed(spec["cpu_granted"]))
    environment = {"SAGEMAKER_MODEL_SERVER_WORKERS": workers, **spec["environment"]}
    return {
        "command": stack.command(python, model, port),
        "environment": stack.environment(python, model, port, environment),
        "folder": str(folder),
    }


def _say(folder: Path, message: str) -> None:
    path = folder / state.PREPARING
    beside = path.with_suffix(".new")
    beside.write_text(message)
    beside.replace(path)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(folder: Path) -> int:
    spec = json.loads((folder / state.LAUNCH).read_text())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consoleapp.settings")
    django.setup()
    from endpoints.stacks.build import StackBuildFailed

    try:
        answer = prepare(folder, spec)
    except CallerError as fault:
        answer = {"failure": fault.message, "permanent": True}
    except StackBuildFailed as fault:
        answer = {"failure": str(fault), "permanent": False}
    state.replace(folder / state.PREPARED, answer)
    return 1 if "failure" in answer else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
