"""The moment that a list tells of a row, given back as a filter: the same side of it every time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Model as Row

from consoleapp.accounts.actor import Actor
from endpoints import registry
from endpoints.aws import endpoints as endpoints_wire
from endpoints.aws import models as models_wire
from endpoints.aws import registry as registry_wire
from endpoints.models import Endpoint, Model, ModelPackage
from recommender.aws import jobs as jobs_wire
from recommender.models import Job
from tests.endpoints.build import IMAGE, make_endpoint
from tests.recommender.asked import make_job, make_package

#: On a whole millisecond, as one moment in a thousand is: no rounding hides which side it is on.
MOMENT = datetime(2026, 1, 1, 12, 0, 0, 5000, tzinfo=UTC)


def _model(actor: Actor) -> Row:
    return registry.create_model(actor, name="m", primary_container={"Image": IMAGE})


Made = Callable[[Actor], Row]
Listed = Callable[[Actor, dict[str, Any]], dict[str, Any]]
LISTS: list[tuple[Made, type[Row], Listed, str, str]] = [
    (_model, Model, models_wire.list_models, "Models", "CreationTime"),
    (make_endpoint, Endpoint, endpoints_wire.list_endpoints, "Endpoints", "CreationTime"),
    (make_endpoint, Endpoint, endpoints_wire.list_endpoints, "Endpoints", "LastModifiedTime"),
    (
        make_package,
        ModelPackage,
        registry_wire.list_model_packages,
        "ModelPackageSummaryList",
        "CreationTime",
    ),
    (make_job, Job, jobs_wire.list_jobs, "InferenceRecommendationsJobs", "CreationTime"),
    (make_job, Job, jobs_wire.list_jobs, "InferenceRecommendationsJobs", "LastModifiedTime"),
]
IDS = [f"{each[3]}-{each[4]}" for each in LISTS]


@pytest.mark.usefixtures("two_cores")
@pytest.mark.parametrize(("make", "kind", "listed", "member", "time"), LISTS, ids=IDS)
def test_a_row_is_listed_from_its_own_moment_on_and_not_before_it(
    actor: Actor, make: Made, kind: type[Row], listed: Listed, member: str, time: str
) -> None:
    made = make(actor)
    column = {"CreationTime": "created_at", "LastModifiedTime": "modified_at"}[time]
    kind._default_manager.filter(pk=made.pk).update(**{column: MOMENT})

    def found(side: str, moment: datetime) -> int:
        return len(listed(actor, {f"{time}{side}": moment})[member])

    later = MOMENT + timedelta(milliseconds=1)
    assert (found("After", MOMENT), found("After", later)) == (1, 0)
    assert (found("Before", MOMENT), found("Before", later)) == (0, 1)
