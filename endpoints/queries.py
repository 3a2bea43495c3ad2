"""Reads, always within the actor's team and region. A stranger's row does not exist."""

from datetime import datetime
from typing import Final, TypedDict, TypeVar, Unpack

from django.db import connection
from django.db.models import Model as Row
from django.db.models import Prefetch, Q, QuerySet

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound, ValidationFailed
from endpoints.errors import could_not_find
from endpoints.hosts import registry
from endpoints.models import (
    Endpoint,
    EndpointConfig,
    EndpointEvent,
    Instance,
    Model,
    ModelPackage,
    ModelPackageGroup,
    Variant,
)
from endpoints.models.base import Deletable

# Each creation counts. Django took a third of CreateModel to write these two, anew each time.
_MODEL_COUNT: Final = """
    SELECT (
        SELECT COUNT(*) FROM endpoints_model
        WHERE team_id = %s AND region = %s AND deleted_at IS NULL
    ) + (
        SELECT COUNT(*) FROM endpoints_modelpackage
        JOIN endpoints_modelpackagegroup
          ON endpoints_modelpackagegroup.id = endpoints_modelpackage.group_id
        WHERE endpoints_modelpackagegroup.team_id = %s
          AND endpoints_modelpackagegroup.region = %s
    )
"""

_R = TypeVar("_R", bound=Row)
_D = TypeVar("_D", bound=Deletable)
_ORDER: Final = {"Name": "name", "CreationTime": "created_at", "Status": "status"}

_DESCRIBED: Final = (
    *("name", "fleet", "shadow", "current_weight", "desired_weight"),
    *("current_count", "desired_count"),
)

_VERSION_DIGITS: Final = 10

#: How events begin that tell of a change in the parts of the traffic.
TRAFFIC_MESSAGES: Final = (
    "Updating weights and capacities",
    "Traffic moved",
    "Traffic shift",
    "Rolled back traffic shift",
)


class Filters(TypedDict, total=False):
    """AWS's List filters, in our words; each may be left out."""

    name_contains: str
    created_after: datetime | None
    created_before: datetime | None
    status: str
    sort_by: str
    sort_order: str


def model(actor: Actor, name: str) -> Model:
    """Without the version it was made from: who tells of that reads it."""
    return _living(Model.objects.all(), actor, name, "model")


def models(actor: Actor, **filters: Unpack[Filters]) -> QuerySet[Model]:
    own = Model.objects.filter(team=actor.team, region=actor.region, deleted_at=None)
    return _narrow(own.select_related("team", "package__group__team"), filters)


def model_count(actor: Actor) -> int:
    """Models and versions in the registry, which share a quota."""
    with connection.cursor() as cursor:
        cursor.execute(_MODEL_COUNT, [actor.team.pk, actor.region] * 2)
        return int(cursor.fetchone()[0])


def group(actor: Actor, name: str) -> ModelPackageGroup:
    found = groups(actor).filter(name=name).first()
    if found is None:
        missing = arn(actor, ModelPackageGroup.arn_kind, name)
        raise NotFound(f"ModelPackageGroup {missing} does not exist.")
    return found


def groups(actor: Actor, **filters: Unpack[Filters]) -> QuerySet[ModelPackageGroup]:
    own = ModelPackageGroup.objects.filter(team=actor.team, region=actor.region)
    return _narrow(own.select_related("team"), filters)


def package(actor: Actor, arn: str) -> ModelPackage:
    """By ARN, or by the `group/version` at its end."""
    name, _, version = arn.partition(":model-package/")[2].rpartition("/")
    if not name:
        name, _, version = arn.rpartition("/")
    elif not arn.startswith(f"arn:aws:sagemaker:{actor.region}:{actor.account_id}:"):
        raise NotFound(f"ModelPackage {arn} does not exist.")
    # Python reads no number of thousands of digits.
    if version.isdecimal() and len(version) <= _VERSION_DIGITS:
        found = packages(actor).filter(group__name=name, version=int(version)).first()
        if found is not None:
            return found
    raise NotFound(f"ModelPackage {arn} does not exist.")


def packages(actor: Actor, *, group_name: str = "") -> QuerySet[ModelPackage]:
    """Newest version first within each group."""
    own = ModelPackage.objects.filter(group__team=actor.team, group__region=actor.region)
    if group_name:
        own = own.filter(group__name=group_name)
    return own.select_related("group__team").order_by("group__name", "-version")


def endpoint_config(actor: Actor, name: str) -> EndpointConfig:
    rows = EndpointConfig.objects.prefetch_related("variants__model")
    return _living(rows, actor, name, "endpoint configuration")


def endpoint_configs(actor: Actor, **filters: Unpack[Filters]) -> QuerySet[EndpointConfig]:
    own = EndpointConfig.objects.filter(team=actor.team, region=actor.region, deleted_at=None)
    return _narrow(own.select_related("team").prefetch_related("variants__model"), filters)


def endpoint(actor: Actor, name: str) -> Endpoint:
    rows = Endpoint.objects.select_related("config", "pending_config")
    try:
        found = rows.get(team=actor.team, region=actor.region, name=name)
    except Endpoint.DoesNotExist:
        raise could_not_find("endpoint", arn(actor, Endpoint.arn_kind, name)) from None
    found.team = actor.team
    return found


def endpoints(actor: Actor, **filters: Unpack[Filters]) -> QuerySet[Endpoint]:
    own = Endpoint.objects.filter(team=actor.team, region=actor.region)
    return _narrow(own.select_related("team", "config", "pending_config"), filters)


def variants(endpoint: Endpoint) -> QuerySet[Variant]:
    """The fleet that gets the traffic, each with its instances."""
    return (
        Variant.objects.filter(endpoint=endpoint, fleet=endpoint.fleet)
        .select_related("model")
        .prefetch_related(Prefetch("instances", Instance.objects.order_by("ordinal")))
    )


def described_variants(endpoint: Endpoint) -> QuerySet[Variant]:
    """The same fleet in the columns that DescribeEndpoint tells."""
    return (
        Variant.objects.filter(endpoint=endpoint, fleet=endpoint.fleet)
        .select_related("model")
        .only(*_DESCRIBED, "model__primary_container", "model__containers")
    )


def next_variants(endpoint: Endpoint) -> QuerySet[Variant]:
    """The fleet that an update brings up, if there is one."""
    return (
        Variant.objects.filter(endpoint=endpoint, fleet__gt=endpoint.fleet)
        .select_related("model")
        .prefetch_related(Prefetch("instances", Instance.objects.order_by("ordinal")))
    )


def instances(endpoint: Endpoint) -> QuerySet[Instance]:
    """Of every fleet: an update shows both."""
    return (
        Instance.objects.filter(variant__endpoint=endpoint)
        .select_related("variant__endpoint__team", "variant__model")
        .order_by("variant__fleet", "variant_id", "ordinal")
    )


def events(endpoint: Endpoint) -> QuerySet[EndpointEvent]:
    return EndpointEvent.objects.filter(endpoint=endpoint).order_by("-id")


def traffic_changes(endpoint: Endpoint, since: datetime) -> QuerySet[EndpointEvent]:
    """When the parts of the traffic became others: what charts mark."""
    said = Q()
    for beginning in TRAFFIC_MESSAGES:
        said |= Q(message__startswith=beginning)
    return EndpointEvent.objects.filter(said, endpoint=endpoint, at__gte=since).order_by("id")


def log_lines(instance: Instance, lines: int) -> list[str]:
    """Its last ones, straight from the host: nothing has to have collected them yet."""
    return registry.runner(instance.variant.endpoint.host).tail(instance.name, lines)


def arn(actor: Actor, kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:{actor.region}:{actor.account_id}:{kind}/{name}"


def _living(rows: QuerySet[_D], actor: Actor, name: str, what: str) -> _D:
    # Most of it is Django writing SQL: get() orders nothing, and the actor has the team.
    try:
        found = rows.get(team=actor.team, region=actor.region, name=name, deleted_at=None)
    except rows.model.DoesNotExist:
        raise could_not_find(what, arn(actor, rows.model.arn_kind, name)) from None
    found.team = actor.team
    return found


def _narrow(rows: QuerySet[_R], filters: Filters) -> QuerySet[_R]:
    conditions = {
        "name__icontains": filters.get("name_contains"),
        "created_at__gte": filters.get("created_after"),
        "created_at__lt": filters.get("created_before"),
        "status": filters.get("status"),
    }
    rows = rows.filter(**{column: value for column, value in conditions.items() if value})
    column = _ORDER.get(filters.get("sort_by") or "CreationTime")
    if column is None or column not in {field.name for field in rows.model._meta.get_fields()}:
        raise ValidationFailed(f"SortBy '{filters['sort_by']}' is not one of its values.")
    ascending = filters.get("sort_order") == "Ascending"
    return rows.order_by(column if ascending else f"-{column}", "-id")
