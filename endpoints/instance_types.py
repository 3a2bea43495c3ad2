"""The catalogue of instance types: a size and a price each, with their source. Pure.

`instance_types.csv` holds AWS's list; sizes or prices that its source lacks stay unknown.
"""

import csv
import platform
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).with_suffix(".csv")
# c6g, m6gd, c7gn, r8g ...: a "g" after the generation's digit is AWS's Graviton (arm64).
_GRAVITON: Final = re.compile(r"^[a-z]+\d+g[a-z]*$")
_NEURON: Final = re.compile(r"^(inf|trn)\d")


@dataclass(frozen=True, slots=True)
class InstanceType:
    """A size, not a CPU model. None is unknown, never zero."""

    name: str
    vcpus: float | None
    memory_gib: float | None
    gpus: int | None
    gpu_model: str
    price_usd_per_hour: float | None
    price_region: str
    price_as_of: str
    price_source: str

    @property
    def family(self) -> str:
        return self.name.split(".")[1]

    @property
    def architecture(self) -> str:
        return "arm64" if _GRAVITON.match(self.family) and not self.gpus else "x86_64"


def _number(text: str) -> float | None:
    return float(text) if text else None


@cache
def _catalogue() -> dict[str, InstanceType]:
    with _FILE.open(newline="") as file:
        rows = csv.DictReader(file)
        return {
            row["instance_type"]: InstanceType(
                name=row["instance_type"],
                vcpus=_number(row["vcpus"]),
                memory_gib=_number(row["memory_gib"]),
                gpus=int(row["gpus"]) if row["gpus"] else None,
                gpu_model=row["gpu_model"],
                price_usd_per_hour=_number(row["price_usd_per_hour"]),
                price_region=row["price_region"],
                price_as_of=row["price_as_of"],
                price_source=row["price_source"],
            )
            for row in rows
        }


def instance_type(name: str) -> InstanceType:
    """Raises KeyError for a name that is not in the catalogue."""
    return _catalogue()[name]


def all_types() -> tuple[InstanceType, ...]:
    return tuple(_catalogue().values())


def machine_architecture() -> str:
    return "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


def refusal(name: str) -> str | None:
    """Why the embedded hosts cannot run this type at any scale; None when they can."""
    known = _catalogue().get(name)
    if known is None:
        return f"{name} is not an instance type of the catalogue."
    if known.vcpus is None or known.memory_gib is None:
        return f"{name}: its size is not known, so it cannot be measured here."
    if known.gpus:
        return f"{name} has {known.gpus} GPU ({known.gpu_model}); this host has none."
    if _NEURON.match(known.family):
        return f"{name} has {known.gpu_model.replace(' (not a GPU)', '')}; this host has none."
    if known.architecture != machine_architecture():
        return f"{name} is {known.architecture}; this host is {machine_architecture()}."
    return None
