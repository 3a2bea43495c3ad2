"""The contract between the reconciler and whatever runs instances. Knows no rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Phase(StrEnum):
    ABSENT = "absent"  # nothing is known under that name
    PREPARING = "preparing"  # the serving stack is built, the model is fetched
    WAITING = "waiting"  # for cores that others hold
    SERVING = "serving"  # the model server runs; whether it answers /ping is another question
    EXITED = "exited"  # it ended, by itself or by stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchSpec:
    """Everything a runner needs to start one instance; `name` is unique on the machine."""

    name: str
    account: str
    region: str
    endpoint: str
    variant: str
    image: str
    model_data_url: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    #: Of the instance type; `cpu_granted` cores of them are given here.
    vcpus: float
    cpu_granted: float
    memory_mib: int
    #: Cores for itself (a benchmark), or shared with other serving instances.
    exclusive: bool = False
    #: For the model to come and to be unpacked.
    download_timeout_s: float = 600.0
    #: Raised with each start that is due to a failure: Observed tells it again.
    attempt: int = 0

    @property
    def log_group(self) -> str:
        return f"/aws/sagemaker/Endpoints/{self.endpoint}"

    @property
    def log_stream(self) -> str:
        return f"{self.variant}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One instance as it is now."""

    phase: Phase
    #: Of the launch that this is told of: before the next one it is the last one's.
    attempt: int = 0
    #: For people: what it does, or why it ended.
    message: str = ""
    #: `host:port` once it serves.
    address: str = ""
    cores: tuple[int, ...] = ()
    #: Unix time since when the model server's process runs.
    serving_since: float = 0.0
    #: As a shell has it: 0..255, negative for a signal. None while it runs or when unknown.
    exit_code: int | None = None
    #: Trying again will not help: the image is unknown, the archive is refused.
    permanent: bool = False
    #: What finds it on this machine, for people: pid and start time, or a container id.
    handle: Mapping[str, object] = field(default_factory=dict)


class InstanceRunner(Protocol):
    """Starts, watches and stops single instances. Every verb may be called again at any time,
    by any process of this copy, and a crash between two calls loses nothing."""

    def launch(self, spec: LaunchSpec) -> None:
        """Starts it and returns at once. Does nothing when that name runs already; one that has
        exited is started anew. Raises HostError when this host cannot start anything."""

    def poll(self, name: str) -> Observed:
        """Before launch: ABSENT. Never blocks for longer than a file read takes."""

    def answers(self, observed: Observed) -> bool:
        """Whether GET /ping is answered with 200 within AWS's two seconds."""

    def stop(self, name: str) -> bool:
        """Asks it to end: TERM, then KILL 30 s later. Call again until it answers True: nothing
        of it runs anymore, and its last log lines are left for those who collect them."""

    def find(self) -> Sequence[str]:
        """Names of everything this runner has not finished stopping, known to callers or not."""

    def tail(self, name: str, lines: int) -> list[str]:
        """Its last log lines; empty when there are none."""
