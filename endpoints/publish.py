"""Tells the gateways what to serve: the route table and the signing keys, in Redis.

Truth is in the database, and is read under the lock: the last to write has read the newest.
A publication compares first, so a full one in each sweep disturbs nobody when nothing changed,
and heals a Redis that was lost.
"""

import json
import logging
from datetime import timedelta
from functools import partial
from typing import Any, Final

import redis
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from redis.lock import Lock

from consoleapp.accounts import keys
from consoleapp.aws import sigv4
from endpoints import store
from endpoints.capture.plan import Plan
from endpoints.models import Endpoint, EndpointConfig, Instance, Variant
from endpoints.shift import portions
from endpoints.statuses import EndpointStatus, InstanceStatus

log = logging.getLogger(__name__)

ROUTES: Final = "gateway:routes"
KEYS: Final = "gateway:keys"
REVISION: Final = "gateway:revision"
CHANNEL: Final = "gateway:changed"
TIMEOUT_S: Final = 60
ROUTABLE: Final = frozenset(
    {
        EndpointStatus.IN_SERVICE.value,
        EndpointStatus.UPDATING.value,
        EndpointStatus.SYSTEM_UPDATING.value,
        EndpointStatus.ROLLING_BACK.value,
        EndpointStatus.UPDATE_ROLLBACK_FAILED.value,
    }
)


_Entries = dict[str, dict[str, Any] | None]


def _alone() -> Lock:
    return Lock(store.client(), "gateway:publishing", timeout=10, blocking_timeout=5)


def endpoint_soon(pk: int) -> None:
    """After commit. A Redis that is down makes it late: the sweep publishes everything again."""
    transaction.on_commit(partial(_endpoint_quietly, pk))


def _endpoint_quietly(pk: int) -> None:
    try:
        endpoint(pk)
    except redis.RedisError as problem:
        log.warning("Routes of endpoint %s are not published now: %s", pk, problem)


def endpoint(pk: int) -> None:
    """Publishes the routes of one endpoint as they are in the database now."""
    with _alone():
        row = _rows().filter(pk=pk).first()
        if row is not None:
            wanted = routes(row) if row.status in ROUTABLE else None
            _write(ROUTES, {key_of(row): wanted}, "routes")


def ahead(endpoint: Endpoint) -> None:
    """Publishes an endpoint that is about to be in service: whoever reads InService may invoke
    at once. Without Redis nothing waits for it."""
    try:
        with _alone():
            row = _rows().filter(pk=endpoint.pk, status=EndpointStatus.CREATING).first()
            if row is not None:
                row.status, row.revision = EndpointStatus.IN_SERVICE, row.revision + 1
                _write(ROUTES, {key_of(row): routes(row)}, "routes")
    except redis.RedisError as problem:
        log.warning("Routes of endpoint %s are not published now: %s", endpoint.pk, problem)


def everything() -> None:
    """All routes and keys from truth; entries that no row stands behind are removed."""
    with _alone():
        rows = _rows().filter(status__in=ROUTABLE)
        _replace(ROUTES, {key_of(row): routes(row) for row in rows}, "routes")
    access_keys()


def _rows() -> QuerySet[Endpoint]:
    rows = Endpoint.objects.select_related("team", "config", "pending_config")
    return rows.prefetch_related("variants__instances")


def access_keys() -> None:
    """Signing keys of three days, never secrets: a gateway can verify, and only these days."""
    today = timezone.now().date()
    days = [f"{today + timedelta(days=offset):%Y%m%d}" for offset in (-1, 0, 1)]
    with _alone():
        wanted: _Entries = {}
        for key in keys.active():
            scoped = sigv4.day_scoped_keys(keys.secret_of(key), days=days, regions=settings.REGIONS)
            wanted[key.key_id] = {"account": key.team.account_id, "signing_keys": scoped}
        _replace(KEYS, wanted, "keys")


def access_keys_quietly(**_: Any) -> None:
    """Listens to access_keys_changed."""
    try:
        access_keys()
    except redis.RedisError as problem:
        log.warning("The access keys are not published now: %s", problem)


def key_of(row: Endpoint) -> str:
    return f"{row.team.account_id}/{row.region}/{row.name}"


def routes(row: Endpoint) -> dict[str, Any]:
    """One endpoint as the gateway's contract has it. While two fleets serve, variants of one name
    may be there twice, each with its part of the weight."""
    return {
        "account": row.team.account_id,
        "region": row.region,
        "endpoint": row.name,
        "revision": row.revision,
        "status": row.status,
        "log_group": f"/aws/sagemaker/Endpoints/{row.name}",
        "variants": _variants(row),
    }


def _variants(row: Endpoint) -> list[dict[str, Any]]:
    found = [variant for variant in row.variants.all() if variant.fleet >= row.fleet]
    blue = [variant for variant in found if variant.fleet == row.fleet]
    of_blue = _capture(row.config)
    if row.pending_share <= 0:
        return [_variant(variant, variant.current_weight) | of_blue for variant in blue]
    newest = max((variant.fleet for variant in found), default=row.fleet)
    green = [variant for variant in found if variant.fleet == newest > row.fleet]
    config = row.pending_config.name if row.pending_config else ""
    of_green = _capture(row.pending_config)
    factors = _factors(blue, green, row.pending_share)
    return [
        *(_variant(one, one.current_weight * factors[0]) | of_blue for one in blue),
        *(_variant(one, one.current_weight * factors[1], config) | of_green for one in green),
    ]


def _capture(config: EndpointConfig | None) -> dict[str, Any]:
    """A configuration that captures nothing adds nothing: its invocations cost nothing more."""
    sent = config.data_capture_config if config else None
    return {"capture": sent} if Plan.read(sent) else {}


def _factors(blue: list[Variant], green: list[Variant], share: float) -> tuple[float, float]:
    """What scales each fleet's weights. Shadow variants copy the same part as before: their
    weight is relative to production's."""
    sums = [_production_weight(blue)], [_production_weight(green)]
    (for_blue,), (for_green,) = portions(*sums, share)
    return (
        for_blue / sums[0][0] if sums[0][0] else 0.0,
        for_green / sums[1][0] if sums[1][0] else 0.0,
    )


def _production_weight(variants: list[Variant]) -> float:
    return sum(variant.current_weight for variant in variants if not variant.shadow)


def _variant(variant: Variant, weight: float, config: str = "") -> dict[str, Any]:
    """`config`: the configuration of a fleet that is on its way in, a dimension of its metrics."""
    found = {
        "name": variant.name,
        "weight": weight,
        "shadow": variant.shadow,
        "max_in_flight": variant.max_in_flight,
        "timeout_s": TIMEOUT_S,
        "instances": [
            _instance(instance)
            for instance in variant.instances.all()
            if instance.status == InstanceStatus.IN_SERVICE
        ],
    }
    return found | {"config": config} if config else found


def _instance(instance: Instance) -> dict[str, Any]:
    host, _, port = instance.address.rpartition(":")
    return {"name": instance.name, "host": host, "port": int(port)}


def _replace(name: str, wanted: _Entries, message: str) -> None:
    stale = {str(field) for field in store.client().hkeys(name)} - wanted.keys()
    _write(name, wanted | dict.fromkeys(stale), message)


def _write(name: str, wanted: _Entries, message: str) -> None:
    """Writes what differs. The revision of an entry alone is no reason to bother the gateways."""
    if not wanted:
        return
    before = dict(zip(wanted, store.client().hmget(name, list(wanted)), strict=True))
    puts: dict[Any, Any] = {}
    gone: list[str] = []
    for field, value in wanted.items():
        there = before[field]
        if value is None:
            gone += [field] if there is not None else []
        elif there is None or _essence(json.loads(there)) != _essence(value):
            puts[field] = json.dumps(value)
    if not puts and not gone:
        return
    with store.client().pipeline(transaction=True) as pipe:
        if puts:
            pipe.hset(name, mapping=puts)
        if gone:
            pipe.hdel(name, *gone)
        pipe.incr(REVISION)
        pipe.publish(CHANNEL, message)
        pipe.execute()


def _essence(value: dict[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in value.items() if key != "revision"}
