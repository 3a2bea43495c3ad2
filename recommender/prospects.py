"""Instance types to try a model on: measured ones, else the first that a Default job would try."""

from dataclasses import dataclass, field
from typing import Final

from consoleapp.accounts.actor import Actor
from endpoints.models import Model
from endpoints.stacks import table
from recommender import candidates, catalog, scoring
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
    jobs = Job.objects.filter(
        team=actor.team, region=actor.region, status=JobStatus.COMPLETED, model_name=model.name
    )
    newest = jobs.order_by("-id").first()
    rows = Recommendation.objects.filter(job=newest).order_by("step__ordinal") if newest else ()
    return [
        Prospect(each.row.instance_type, each.row.recommendation_id, each.row.environment)
        for each in scoring.rank(rows)[:MOST]
    ]


def _untried(model: Model) -> list[Prospect]:
    types = candidates.default_instance_types(
        (), refusal=catalog.type_refusal, price=catalog.price_of, most=MOST
    )
    return [Prospect(name, f"{model.name}/{name}") for name in types]
