"""Creates, stops and deletes jobs. What a page, REST and the AWS wire call, and all they call."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.db import IntegrityError, transaction

from consoleapp.accounts import audit, quotas, tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import InUse, LimitExceeded, ValidationFailed
from consoleapp.accounts.locks import lock_team
from consoleapp.accounts.models import Role
from recommender import lifecycle, queries, wake
from recommender.errors import FieldError
from recommender.estimate import plan_of
from recommender.models import Job, JobEvent
from recommender.plan import DEFAULT_ROUND_TRIP_MS
from recommender.request import JobRequest
from recommender.rules.subject import Subject, resolve
from recommender.statuses import TERMINAL, JobStatus
from recommender.validation import normalised, problems

_MOST_ROUND_TRIP_MS: Final = 1000


def create_from_request(
    actor: Actor,
    request: Mapping[str, Any],
    options: Mapping[str, Any] | None = None,
    *,
    once: Callable[[Job], None] | None = None,
) -> Job:
    """CreateInferenceRecommendationsJob, members in AWS's names.

    `options` is ours: {"round_trip_ms": 0..1000}. Raises ValidationFailed with every
    problem, InUse when the name is taken, LimitExceeded when too many jobs are in progress.
    `once` is called with the job before it is committed: what it raises leaves no job.
    """
    actor.must(Role.OPERATOR)
    members = normalised(request)
    refuse(problems(actor, members) + _option_problems(options or {}))
    wanted = JobRequest(members)
    subject, _ = resolve(actor, wanted)
    assert subject is not None, "validation lets no request without a subject pass"
    job = _job(actor, wanted, subject, options or {})
    _write(actor, job, once)
    return job


def refuse(found: Sequence[FieldError]) -> None:
    """Raises ValidationFailed with all of them, as AWS joins them; the field is the first one's."""
    if not found:
        return
    text = found[0].message
    if len(found) > 1:
        joined = "; ".join(error.message.removesuffix(".") for error in found)
        text = f"{len(found)} validation errors detected: {joined}"
    raise ValidationFailed(text, field=found[0].field)


def stop_job(actor: Actor, *, name: str) -> Job:
    """Ends the traffic at once and keeps what finished tests found. Stopping twice is as once."""
    actor.must(Role.OPERATOR)
    job = queries.job(actor, name)
    while job.status not in TERMINAL and job.status != JobStatus.STOPPING:
        if job.status == JobStatus.DELETING or _stopping(actor, job):
            return job
        job = queries.job(actor, name)
    if job.status in TERMINAL:
        raise ValidationFailed(
            f"The job {name} is {job.status}; only a job in progress can be stopped."
        )
    return job


def delete_job(actor: Actor, *, name: str) -> None:
    """Removes a finished job with its tests and results; its logs stay. AWS has no such call."""
    actor.must(Role.OPERATOR)
    job = queries.job(actor, name)
    if job.status == JobStatus.DELETING:
        return
    if job.status not in TERMINAL:
        raise InUse(f"The job {name} is {job.status}. Stop it before you delete it.")
    with transaction.atomic():
        if lifecycle.transition(job, JobStatus.DELETING, message=f"Deleted by {_who(actor)}"):
            audit.record(actor, "DeleteInferenceRecommendationsJob", job.arn)
            tags.forget(actor, job.arn)


def clone_job(actor: Actor, *, name: str, new_name: str) -> Job:
    """A new job with the request of another."""
    job = queries.job(actor, name)
    kept = {key: job.options[key] for key in ("round_trip_ms",) if key in job.options}
    return create_from_request(actor, queries.request_of(job) | {"JobName": new_name}, kept)


def _stopping(actor: Actor, job: Job) -> bool:
    with transaction.atomic():
        moved = lifecycle.transition(
            job, JobStatus.STOPPING, message=f"Stopped by {_who(actor)}", progress="Stopping"
        )
        if moved:
            audit.record(actor, "StopInferenceRecommendationsJob", job.arn)
    return moved


def _check_concurrent(actor: Actor) -> None:
    most = quotas.limit(actor.team, "recommender.concurrent_jobs.max")
    ended = [status.value for status in TERMINAL] + [JobStatus.DELETING.value]
    running = Job.objects.filter(team=actor.team).exclude(status__in=ended).count()
    if running >= most:
        raise LimitExceeded(
            "The account-level service limit 'Number of concurrent inference recommendations jobs'"
            f" is {most:g}, with current utilization of {running} and a request delta of 1."
        )


def _option_problems(options: Mapping[str, Any]) -> list[FieldError]:
    found = [
        FieldError(f"options.{key}", f"There is no option '{key}'.")
        for key in options
        if key != "round_trip_ms"
    ]
    round_trip = options.get("round_trip_ms", DEFAULT_ROUND_TRIP_MS)
    number = isinstance(round_trip, int | float) and not isinstance(round_trip, bool)
    if not number or not 0 <= round_trip <= _MOST_ROUND_TRIP_MS:
        found.append(
            FieldError(
                "options.round_trip_ms",
                f"The client round trip must be between 0 and {_MOST_ROUND_TRIP_MS} milliseconds.",
            )
        )
    return found


def _job(actor: Actor, request: JobRequest, subject: Subject, options: Mapping[str, Any]) -> Job:
    members = request.members
    plan = plan_of(actor, request, subject)
    kept = ("InputConfig", "StoppingConditions", "OutputConfig", "Tags")
    return Job(
        team=actor.team,
        region=actor.region,
        name=request.job_name,
        type=request.job_type,
        description=str(members.get("JobDescription") or ""),
        role_arn=str(members["RoleArn"]),
        request={key: members[key] for key in kept if members.get(key)},
        options={"round_trip_ms": DEFAULT_ROUND_TRIP_MS, **options, "plan": plan.as_json()},
        model_name=request.model_name or (subject.model.name if subject.model else ""),
        model_package_arn=request.package_arn,
        created_by=actor.user,
    )


def _write(actor: Actor, job: Job, once: Callable[[Job], None] | None) -> None:
    try:
        with transaction.atomic():
            # Or two requests at once would both be the last that the quota has room for.
            lock_team(actor)
            _check_concurrent(actor)
            job.save(force_insert=True)
            JobEvent.objects.create(job=job, to_status=job.status, message=f"by {_who(actor)}")
            audit.record(actor, "CreateInferenceRecommendationsJob", job.arn)
            tags.add(actor, job.arn, job.request.get("Tags", ()))
            if once:
                once(job)
            wake.job(job.pk)
    except IntegrityError:
        raise InUse(
            f"An inference recommendations job named {job.name} already exists.", field="JobName"
        ) from None


def _who(actor: Actor) -> str:
    return actor.user.get_username() if actor.user else "the console"
