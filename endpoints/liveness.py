"""Asks instances in service for /ping again and again, and replaces one that stays silent.

A model server that died is found by its process; one that hangs is found only by asking it. It is
asked with each sweep, every five seconds, and has two seconds to answer, as when it starts. Six
silences in a row, over 25 seconds at least, mean that it will not come back: a short stall, or a
sweep that itself was held up, costs nobody an instance.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from endpoints import lifecycle, publish, store, wake
from endpoints.hosts import registry
from endpoints.hosts.base import Phase
from endpoints.models import Instance
from endpoints.statuses import EndpointStatus, InstanceStatus

SILENCES: Final = 6
SILENT_S: Final = 25.0
_AT_ONCE: Final = 16
#: Instance name -> "how often in a row, since when". Lost with Redis: then it is counted anew.
_KEY: Final = "endpoints:silent"
_LEAVING: Final = [EndpointStatus.DELETING, EndpointStatus.FAILED]


def look() -> None:
    """One round of questions; an instance that was silent too often leaves the routes."""
    rows = Instance.objects.filter(status=InstanceStatus.IN_SERVICE)
    asked = list(
        rows.exclude(variant__endpoint__status__in=_LEAVING).select_related("variant__endpoint")
    )
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        answers = list(threads.map(_answers, asked))
    silent = [row for row, answered in zip(asked, answers, strict=True) if not answered]
    for row in _too_often(silent):
        _replace(row)


def _answers(row: Instance) -> bool:
    runner = registry.runner(row.variant.endpoint.host)
    seen = runner.poll(row.name)
    # One whose process is gone is another part's business.
    return seen.phase is not Phase.SERVING or runner.answers(seen)


def _too_often(silent: Sequence[Instance]) -> list[Instance]:
    """Counts this round. Whoever answered in it begins at nothing again."""
    client, now = store.client(), time.time()
    before = {str(name): str(value) for name, value in client.hgetall(_KEY).items()}
    counted: dict[Any, Any] = {}
    found = []
    for row in silent:
        count, _, since = before.get(row.name, f"0 {now}").partition(" ")
        counted[row.name] = f"{int(count) + 1} {since}"
        if int(count) + 1 >= SILENCES and now - float(since) >= SILENT_S:
            found.append(row)
    with client.pipeline(transaction=True) as pipe:
        pipe.delete(_KEY)
        if counted:
            pipe.hset(_KEY, mapping=counted)
        pipe.execute()
    return found


def _replace(row: Instance) -> None:
    """Out of the routes at once; convergence starts another and stops this one."""
    place = f"Instance {row.ordinal} of variant {row.variant.name}"
    reason = f"Its process runs but left {SILENCES} requests for /ping in a row unanswered"
    endpoint = row.variant.endpoint
    with transaction.atomic():
        moved = lifecycle.move_instance(
            row, InstanceStatus.STOPPING, leaving_at=timezone.now(), failure_reason=f"{reason}."
        )
        if moved:
            lifecycle.tell(endpoint, f"Replacing an instance. {place}: {reason}.")
            publish.endpoint_soon(endpoint.pk)
            wake.endpoint(endpoint.pk)
