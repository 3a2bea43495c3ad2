"""The rows of a fleet: variants as configured, and as many instance rows as are desired.

Intent only: a row is here before anything is launched, and nothing is launched here.
"""

import contextlib
import secrets
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from django.db import IntegrityError, transaction

from endpoints import capacity, instance_types
from endpoints.models import Endpoint, Instance, ProductionVariant, Variant
from endpoints.statuses import InstanceStatus

#: What a variant of one name keeps from its predecessor, in AWS's words.
COUNT: Final = "DesiredInstanceCount"
WEIGHT: Final = "DesiredWeight"
RETAINABLE: Final = frozenset({COUNT, WEIGHT})
LEAVING: Final = frozenset({InstanceStatus.STOPPING.value, InstanceStatus.STOPPED.value})


def add(
    endpoint: Endpoint,
    configured: Sequence[ProductionVariant],
    *,
    fleet: int,
    kept: Iterable[Variant] = (),
    retained: Collection[str] = RETAINABLE,
) -> None:
    """The variants of a configuration as a new fleet; `kept` ones lend what is `retained`."""
    properties = {variant.name: variant for variant in kept}
    for source in configured:
        before = properties.get(source.name)
        lends = frozenset(retained) if before else frozenset()
        count = before.desired_count if before and COUNT in lends else source.initial_instance_count
        weight = before.desired_weight if before and WEIGHT in lends else source.initial_weight
        Variant.objects.create(
            endpoint=endpoint,
            fleet=fleet,
            name=source.name,
            model=source.model,
            instance_type=source.instance_type,
            environment=source.environment,
            desired_count=count,
            desired_weight=weight,
            current_weight=weight,
            shadow=source.shadow,
            health_check_timeout_s=source.health_check_timeout_s,
            download_timeout_s=source.download_timeout_s,
        )


def missing(variant: Variant, instances: Sequence[Instance]) -> int:
    """How many instances the variant lacks; negative when it has too many."""
    staying = [instance for instance in instances if instance.status not in LEAVING]
    return variant.desired_count - len(staying)


def add_instance(variant: Variant, instances: Sequence[Instance]) -> Instance | None:
    """Writes the intent of one more instance; None when another process has just done so."""
    taken = {instance.ordinal for instance in instances}
    ordinal = next(number for number in range(len(taken) + 1) if number not in taken)
    granted, memory_mib = grant(variant)
    # One that takes the place of an instance that hung is a restart, by another name.
    hung = [one.restarts for one in instances if one.status in LEAVING and one.failure_reason]
    with contextlib.suppress(IntegrityError), transaction.atomic():
        return Instance.objects.create(
            variant=variant,
            ordinal=ordinal,
            name=_name(variant, ordinal),
            cpu_granted=granted,
            memory_mib=memory_mib,
            restarts=max(hung) + 1 if hung else 0,
        )
    return None


def surplus(variant: Variant, instances: Sequence[Instance]) -> list[Instance]:
    """Those to let go: never one that serves while another does not, then the youngest."""
    staying = [instance for instance in instances if instance.status not in LEAVING]
    serving = InstanceStatus.IN_SERVICE.value
    staying.sort(key=lambda instance: (instance.status == serving, -instance.ordinal))
    return staying[: max(0, len(staying) - variant.desired_count)]


def vcpus(variant: Variant) -> float:
    return instance_types.instance_type(variant.instance_type).vcpus or 1.0


def grant(variant: Variant) -> tuple[float, int]:
    """The cores and the MiB that one instance of the variant gets on this machine."""
    size = instance_types.instance_type(variant.instance_type)
    here = capacity.machine()
    cores = min(vcpus(variant) * variant.endpoint.scale, float(here.cores))
    memory_mib = min(int((size.memory_gib or 1.0) * 1024), here.memory_mib)
    return cores, memory_mib


def _name(variant: Variant, ordinal: int) -> str:
    endpoint = variant.endpoint
    # The last word keeps it apart from an earlier instance of the same place that winds down.
    return (
        f"{endpoint.team.account_id}-{endpoint.region}-{endpoint.name}-{variant.name}"
        f"-{ordinal}-{secrets.token_hex(4)}"
    )
