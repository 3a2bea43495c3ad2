"""CPUUtilization and MemoryUtilization of running instances, one sample a second each."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from consoleapp.metrics import procfs
from consoleapp.metrics.instances import Instance, described
from consoleapp.metrics.line import Sample

NAMESPACE: Final = "/aws/sagemaker/Endpoints"
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Seen:
    at: float
    cpu_s: float


class Sampler:
    """Call `sample` once a second: CPU is what was used since the last look."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen: dict[tuple[str, int], _Seen] = {}

    def sample(self) -> list[Sample]:
        running = [i for i in described(self._directory) if not i.ended]
        processes = procfs.snapshot() if running else {}
        before, self._seen = self._seen, {}
        samples: list[Sample] = []
        for instance in running:
            samples += self._of(instance, processes, before)
        return samples

    def _of(
        self,
        instance: Instance,
        processes: Mapping[int, procfs.Process],
        before: Mapping[tuple[str, int], _Seen],
    ) -> list[Sample]:
        root = processes.get(instance.pid)
        if root is None or not started_at(root, instance.pid_start):
            return []
        members = procfs.tree(root.pid, processes)
        entry = (instance.instance, instance.pid)
        now = _Seen(time.monotonic(), sum(member.cpu_s for member in members))
        self._seen[entry] = now
        last = before.get(entry)
        if last is None:
            return []
        memory = 100.0 * procfs.memory_bytes(members) / (instance.memory_mib * _MIB)
        cpu = 100.0 * _cores(last, now) / instance.cpu_granted * instance.vcpus
        return [
            _sample(instance, "CPUUtilization", cpu),
            _sample(instance, "MemoryUtilization", memory),
        ]


def started_at(process: procfs.Process, start: float) -> bool:
    return process.start_ticks == start


def _cores(last: _Seen, now: _Seen) -> float:
    # A child that another process reaped takes its time away: then less is known, never below zero.
    return max(0.0, now.cpu_s - last.cpu_s) / (now.at - last.at)


def _sample(instance: Instance, name: str, value: float) -> Sample:
    return Sample(
        account=instance.account,
        region=instance.region,
        namespace=NAMESPACE,
        name=name,
        dimensions={"EndpointName": instance.endpoint, "VariantName": instance.variant},
        # The look at the beginning of a second measures the second that has just ended.
        second=int(time.time() - 0.5),
        count=1,
        total=value,
        minimum=value,
        maximum=value,
        unit="Percent",
    )
