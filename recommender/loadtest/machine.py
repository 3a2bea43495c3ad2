"""What a test ran on, in words: results name the real CPU, never only the instance type."""

import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Machine:
    cpu_model: str
    cores: int
    memory_mib: int
    kernel: str
    virtual: bool

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        kind = "virtual" if self.virtual else "physical"
        return f"{self.cpu_model}, {self.cores} cores, {self.memory_mib} MiB, {kind}, {self.kernel}"


def describe() -> Machine:
    cpuinfo = Path("/proc/cpuinfo").read_text()
    return Machine(
        cpu_model=_field(cpuinfo, "model name") or platform.machine(),
        cores=os.cpu_count() or 1,
        memory_mib=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20,
        kernel=f"Linux {platform.release()}",
        virtual=" hypervisor" in _field(cpuinfo, "flags"),
    )


def _field(text: str, name: str) -> str:
    for line in text.splitlines():
        label, _, value = line.partition(":")
        if label.strip() == name:
            # A leading blank: every word can be looked for with one in front.
            return " " + value.strip() if name == "flags" else value.strip()
    return ""
