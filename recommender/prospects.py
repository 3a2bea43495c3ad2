"""Instance types to try a model on: measured ones, else the first that a Default job would try."""

import zlib
from dataclasses import dataclass, field
from typing import Final

from consoleapp.accounts.actor import Actor
from endpoints.models import Model
from endpoints.stacks import table
from recommender import candidates, catalog, queries, scoring
from recommender.models import Job, Recommendation
from recommender.statuses import JobStatus

#: DescribeModel has room for three.
MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Prospect:
    instance_type: str
    recommendation_id: str
    environment: dict[str, str] = field(default_factory=dict)


def of_model(actor: Actor, model: Model) -> list[Prospect]:
    """Best first; empty where this console could not serve the model at all."""
    if table.refusal(str(model.container.get("Image", ""))):
        return []
    return _measured(actor, model) or _untried(model)


def _measured(actor: Actor, model: Model) -> list[Prospect]:
    done = Job.objects.filter(
        team=actor.team,
        region=actor.region,
        status=JobStatus.COMPLETED,
        model_name=model.name,
        # A model that was deleted may have had the same name.
        created_at__gte=model.created_at,
        # One that measured an endpoint alone found none.
        pk__in=Recommendation.objects.values("job"),
    )
    newest = done.only("request").order_by("-created_at", "-id").first()
    if newest is None:
        return []
    ranked = scoring.rank(queries.recommendations(newest), by_hour=queries.has_target(newest))
    return [
        Prospect(each.row.instance_type, each.row.recommendation_id, each.row.environment)
        for each in ranked[:MOST]
    ]


def _untried(model: Model) -> list[Prospect]:
    types = candidates.default_instance_types(
        (), refusal=catalog.type_refusal, price=catalog.price_of, most=MOST
    )
    return [Prospect(name, _id(model, name)) for name in types]


def _id(model: Model, instance_type: str) -> str:
    # The SDK deploys by an id only when eight word characters follow the slash.
    return f"{model.name}/{zlib.crc32(instance_type.encode()):08x}"
