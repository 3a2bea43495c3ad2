"""The instance types one can choose from, and at which scale this machine measures them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from endpoints import capacity, instance_types
from endpoints.errors import CannotGrant
from endpoints.instance_types import InstanceType


@dataclass(frozen=True, slots=True)
class Choice:
    """One row: `reason` says why it cannot be measured here, and is empty where it can.

    `scale` is the share of its vCPUs that this machine grants when it is the largest of a job.
    """

    type: InstanceType
    scale: float | None
    reason: str

    @property
    def measurable(self) -> bool:
        return not self.reason


def choices(*, search: str = "", supported: Sequence[str] = ()) -> list[Choice]:
    """The catalogue, measurable types first, then by vCPU, memory and name.

    `supported` is what a model package names; types outside it keep their row and say so.
    """
    wanted = search.strip().lower()
    rows = [_choice(t, supported) for t in instance_types.all_types() if wanted in t.name]
    return sorted(
        rows,
        key=lambda row: (
            not row.measurable,
            row.type.vcpus or 0,
            row.type.memory_gib or 0,
            row.type.name,
        ),
    )


def type_refusal(name: str) -> str | None:
    """Why this instance type cannot be measured at all, in AWS's words where it has them."""
    if name.startswith("ml.t2."):
        return f"Burstable instance type {name} is not allowed."
    return instance_types.refusal(name) or scale_refusal(name)


def scale_refusal(name: str) -> str | None:
    """Why this machine is too small for the type, even scaled down."""
    outcome = _scale(vcpus_of(name))
    return outcome if isinstance(outcome, str) else None


def vcpus_of(name: str) -> float:
    """The vCPUs of a type whose size is known; ValueError otherwise."""
    vcpus = instance_types.instance_type(name).vcpus
    if vcpus is None:
        raise ValueError(f"the size of {name} is unknown")
    return vcpus


def is_known(name: str) -> bool:
    return any(known.name == name for known in instance_types.all_types())


def memory_of(name: str) -> float:
    return instance_types.instance_type(name).memory_gib or 0.0


def price_of(name: str) -> float | None:
    return instance_types.instance_type(name).price_usd_per_hour


def _choice(known: InstanceType, supported: Sequence[str]) -> Choice:
    reason = type_refusal(known.name) or ""
    if not reason and supported and known.name not in supported:
        reason = "The model package does not list it among its supported instance types."
    outcome = _scale(known.vcpus) if known.vcpus and not reason else None
    return Choice(known, outcome if isinstance(outcome, float) else None, reason)


@lru_cache(maxsize=64)
def _scale(vcpus: float) -> float | str:
    try:
        return float(capacity.scale_for([vcpus]))
    except CannotGrant as refused:
        return refused.message
