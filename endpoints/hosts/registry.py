"""Which runner runs an endpoint's instances: kind -> dotted path, imported on first use."""

from functools import cache
from importlib import import_module
from typing import Final

from django.conf import settings

from endpoints.errors import HostError
from endpoints.hosts.base import InstanceRunner

DEFAULT: Final = "process"
_RUNNERS: Final = {
    "process": "endpoints.hosts.process.ProcessRunner",
    "fake": "endpoints.hosts.fake.FakeRunner",
}


@cache
def runner(kind: str) -> InstanceRunner:
    """One for each kind in a process. Raises HostError for a kind that is not offered."""
    path = _RUNNERS.get(kind)
    if path is None:
        raise HostError(f"This console has no host '{kind}'.", permanent=True)
    module, _, name = path.rpartition(".")
    made: InstanceRunner = getattr(import_module(module), name)(settings.INSTANCES_DIR)
    return made


def kinds() -> tuple[str, ...]:
    return tuple(_RUNNERS)
