"""SageMaker's InferenceRecommendationsJob operations."""

from typing import Any, Final

from consoleapp.accounts.actor import Actor
from consoleapp.aws.paging import filters, last_modified, page
from recommender import queries, scoring, services
from recommender.aws import members
from recommender.models import JobStep

#: DescribeInferenceRecommendationsJob answers at most this many.
_MOST_RECOMMENDATIONS: Final = 10


def create(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    return {"JobArn": services.create_from_request(actor, params).arn}


def describe(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    """The best recommendation comes last.

    The SageMaker SDK's `right_size().deploy()` deploys the last real-time one of the list.
    """
    job = queries.job(actor, params["JobName"])
    ranked = scoring.rank(queries.recommendations(job), by_hour=queries.has_target(job))
    best_last = [each.row for each in reversed(ranked[:_MOST_RECOMMENDATIONS])]
    return members.described(job, best_last, queries.endpoint_performances(job))


def list_jobs(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    rows = queries.jobs(
        actor,
        **filters(params),
        model=params.get("ModelNameEquals", ""),
        package_arn=params.get("ModelPackageVersionArnEquals", ""),
    )
    return page(
        last_modified(rows, params), params, "InferenceRecommendationsJobs", members.summary
    )


def stop(actor: Actor, params: dict[str, Any]) -> None:
    services.stop_job(actor, name=params["JobName"])


def list_steps(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    job = queries.job(actor, params["JobName"])
    rows = JobStep.objects.filter(job=job).select_related("job__team", "recommendation", "shares")
    if "Status" in params:
        rows = rows.filter(status=params["Status"])
    return page(rows.order_by("ordinal"), params, "Steps", members.step)
