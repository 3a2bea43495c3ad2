"""A runner for tests that start no process: instances are files, and misbehave on request.

The environment of an instance says how: FAKE=never (does not answer), FAKE=exits (ends at start),
FAKE=refused (permanent), FAKE=waits (for cores).
"""

import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from endpoints.hosts import state
from endpoints.hosts.base import LaunchSpec, Observed, Phase

_BEHAVIOURS: Final[dict[str, dict[str, Any]]] = {
    "exits": {"phase": Phase.EXITED, "message": "The model server ended with exit code 3"},
    "refused": {"phase": Phase.EXITED, "message": "The image is unknown.", "permanent": True},
    "waits": {"phase": Phase.WAITING, "message": "Waiting for 1 free core"},
}


class FakeRunner:
    """An InstanceRunner without instances."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def launch(self, spec: LaunchSpec) -> None:
        if self.poll(spec.name).phase not in {Phase.ABSENT, Phase.EXITED}:
            return
        self._write(
            spec.name,
            {
                "phase": Phase.SERVING,
                "serving_since": time.time(),
                "spec": asdict(spec),
                **_BEHAVIOURS.get(spec.environment.get("FAKE", ""), {}),
            },
        )

    def poll(self, name: str) -> Observed:
        found = self._read(name)
        if found is None:
            return Observed(phase=Phase.ABSENT)
        phase = Phase(found["phase"])
        return Observed(
            phase=phase,
            attempt=found["spec"]["attempt"],
            message=found.get("message", ""),
            address="127.0.0.1:9" if phase is Phase.SERVING else "",
            serving_since=found["serving_since"],
            exit_code=found.get("exit_code"),
            permanent=found.get("permanent", False),
            handle={"fake": name},
        )

    def answers(self, observed: Observed) -> bool:
        found = self._read(str(observed.handle["fake"]))
        if found is None or found.get("hangs"):
            return False
        return bool(found["spec"]["environment"].get("FAKE") != "never")

    def stop(self, name: str) -> bool:
        with contextlib.suppress(FileNotFoundError):
            self._path(name).unlink()
        return True

    def find(self) -> Sequence[str]:
        return sorted(path.stem for path in self.directory.glob("*.fake"))

    def tail(self, name: str, lines: int) -> list[str]:
        found = self._read(name)
        return [f"a line of {name}"][:lines] if found else []

    def end(self, name: str, exit_code: int) -> None:
        """As if the model server had died."""
        found = self._read(name)
        assert found is not None
        message = f"The model server ended with exit code {exit_code}"
        self._write(
            name, found | {"phase": Phase.EXITED, "exit_code": exit_code, "message": message}
        )

    def hang(self, name: str, *, hangs: bool = True) -> None:
        """As if the model server lived and answered nothing."""
        found = self._read(name)
        assert found is not None
        self._write(name, found | {"hangs": hangs})

    def _path(self, name: str) -> Path:
        return self.directory / f"{name}.fake"

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads(self._path(name).read_text())
        except FileNotFoundError:
            return None
        return found

    def _write(self, name: str, content: dict[str, Any]) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        state.replace(self._path(name), content)
