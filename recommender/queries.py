"""What pages, REST and the AWS wire read of jobs. A stranger's job does not exist."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Min, Q, QuerySet

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound
from recommender.models import Job, JobEvent, JobStep, Recommendation
from recommender.plan import Plan
from recommender.request import JobRequest
from recommender.statuses import JobStatus

#: AWS's SortBy, and what it sorts by here.
SORTS: Final = {"Name": "name", "CreationTime": "created_at", "Status": "status"}


def jobs(  # noqa: PLR0913 (AWS's filters, all by name)
    actor: Actor,
    *,
    name_contains: str = "",
    status: str = "",
    type: str = "",
    model: str = "",
    package_arn: str = "",
    created_after: dt.datetime | None = None,
    created_before: dt.datetime | None = None,
    sort_by: str = "CreationTime",
    sort_order: str = "Descending",
) -> QuerySet[Job]:
    """The team's jobs of the region, each with `finished_tests`, `tests` and `best_cost_usd`."""
    wanted = Q(team=actor.team, region=actor.region)
    filters: dict[str, Any] = {
        "name__icontains": name_contains,
        "status": status,
        "type__iexact": type,
        "model_name": model,
        "model_package_arn": package_arn,
        "created_at__gte": created_after,
        "created_at__lt": created_before,
    }
    wanted &= Q(**{key: value for key, value in filters.items() if value})
    column = SORTS.get(sort_by, "created_at")
    sign = "" if sort_order == "Ascending" else "-"
    return (
        Job.objects.filter(wanted)
        .select_related("team")
        .annotate(
            tests=Count("steps", distinct=True),
            finished_tests=Count("steps", filter=Q(steps__phase="done"), distinct=True),
            best_cost_usd=Min("recommendations__cost_per_inference_usd"),
        )
        .order_by(f"{sign}{column}", f"{sign}id")
    )


def job(actor: Actor, name: str) -> Job:
    """Raises NotFound, also for another team's."""
    found = (
        Job.objects.filter(team=actor.team, region=actor.region, name=name)
        .select_related("team", "created_by")
        .first()
    )
    if found is None:
        raise NotFound(f"Could not find inference recommendations job {name}.")
    return found


def steps(job: Job) -> list[JobStep]:
    """The job's tests in order, each with its `recommendation` where it has one."""
    rows = job.steps.select_related("recommendation", "shares").order_by("ordinal")
    return list(rows)


def step(job: Job, ordinal: int) -> JobStep:
    found = job.steps.select_related("recommendation", "shares").filter(ordinal=ordinal).first()
    if found is None:
        raise NotFound(f"The job {job.name} has no test {ordinal}.")
    return found


def recommendations(job: Job) -> list[Recommendation]:
    """Every valid result, in the order of the tests; `scoring.rank` orders them for someone."""
    rows = job.recommendations.select_related("job", "step", "step__shares")
    return list(rows.order_by("step__ordinal"))


def events(job: Job) -> list[JobEvent]:
    return list(job.events.select_related("step").order_by("id"))


def plan_of(job: Job) -> Plan:
    return Plan.from_json(job.options["plan"])


def request_of(job: Job) -> dict[str, Any]:
    """The whole CreateInferenceRecommendationsJob request, as it can be sent again."""
    members: dict[str, Any] = {
        "JobName": job.name,
        "JobType": job.type,
        "RoleArn": job.role_arn,
        **job.request,
    }
    if job.description:
        members["JobDescription"] = job.description
    return members


def has_target(job: Job) -> bool:
    """Whether cost means CostPerHour when ranking: see scoring.FORMULA."""
    return JobRequest(job.request).max_invocations is not None


def latency_percentile(job: Job) -> str:
    """The percentile that every ModelLatency of the job is, such as "P99"."""
    return JobRequest(job.request).latency_percentile


@dataclass(frozen=True, slots=True)
class EndpointPerformance:
    """What an existing endpoint gave, as it is deployed."""

    endpoint_name: str
    max_invocations: int
    model_latency_us: int
    step: JobStep


def endpoint_performances(job: Job) -> list[EndpointPerformance]:
    """EndpointPerformances: the endpoint that the job brought, once its test has a valid result."""
    found = (performance_of(row) for row in job.steps.filter(existing_endpoint=True))
    return [each for each in found if each is not None]


def performance_of(step: JobStep) -> EndpointPerformance | None:
    """None for a test that made a recommendation, or has no valid result (yet)."""
    if not step.existing_endpoint or step.status != JobStatus.COMPLETED:
        return None
    reading = step.reading or {}
    return EndpointPerformance(
        endpoint_name=step.endpoint_name,
        max_invocations=int(reading.get("invocations_per_minute") or 0),
        model_latency_us=round(reading.get("model_latency_us") or 0),
        step=step,
    )
