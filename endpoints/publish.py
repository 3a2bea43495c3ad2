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
from django.utils import timezone
from redis.lock import Lock

from consoleapp.accounts import keys
from consoleapp.aws import sigv4
from endpoints import store
from endpoints.models import Endpoint, Instance, Variant
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
        row = Endpoint.objects.select_related("team").filter(pk=pk).first()
        if row is not None:
            wanted = routes(row) if row.status in ROUTABLE else None
            _write(ROUTES, {key_of(row): wanted}, "routes")


def everything() -> None:
    """All routes and keys from truth; entries that no row stands behind are removed."""
    with _alone():
        rows = Endpoint.objects.select_related("team").filter(status__in=ROUTABLE)
        _replace(ROUTES, {key_of(row): routes(row) for row in rows}, "routes")
    access_keys()


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
    """One endpoint as the gateway's contract has it."""
    variants = Variant.objects.filter(endpoint=row, fleet=row.fleet).prefetch_related("instances")
    return {
        "account": row.team.account_id,
        "region": row.region,
        "endpoint": row.name,
        "revision": row.revision,
        "status": row.status,
        "log_group": f"/aws/sagemaker/Endpoints/{row.name}",
        "variants": [_variant(variant) for variant in variants],
    }


def _variant(variant: Variant) -> dict[str, Any]:
    return {
        "name": variant.name,
        "weight": variant.current_weight,
        "shadow": variant.shadow,
        "max_in_flight": variant.max_in_flight,
        "timeout_s": TIMEOUT_S,
        "instances": [
            _instance(instance)
            for instance in variant.instances.all()
            if instance.status == InstanceStatus.IN_SERVICE
        ],
    }


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
