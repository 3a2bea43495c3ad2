"""The start of a job: payloads fetched, tests written down, one payload answered."""

from django.utils import timezone

from recommender import catalog, joblog, lifecycle, payloads, preflight, queries
from recommender.errors import TestFailed
from recommender.executor import outcome
from recommender.models import Job, JobStep
from recommender.statuses import JobStatus, StepPhase


def start(job: Job) -> None:
    """PENDING -> IN_PROGRESS."""
    if lifecycle.transition(
        job,
        JobStatus.IN_PROGRESS,
        started_at=timezone.now(),
        progress="Checking the sample payload archive",
    ):
        joblog.execution(job, f"Job {job.name} ({job.type}) started.")


def fetch_payloads(job: Job) -> None:
    """Raises TestFailed when the archive cannot be used."""
    if payloads.files(job):
        return
    files = payloads.ensure(job, queries.plan_of(job).payload_url)
    joblog.execution(job, f"The payload archive holds {len(files)} files.")


def first_test(steps: list[JobStep]) -> JobStep:
    """The test whose endpoint answers the pre-flight payload: the one with the most memory, so
    that a model too large for the smallest type fails that type's test and not the job."""
    measuring = [s for s in steps if s.shares_id is None and s.phase != StepPhase.DONE]
    return max(
        measuring or steps,
        key=lambda s: (s.existing_endpoint, catalog.memory_of(s.instance_type), -s.ordinal),
    )


def check_payload(step: JobStep) -> None:
    """Sends one payload to the first endpoint in service. Raises TestFailed."""
    job = step.job
    lifecycle.say(job, "Pre-flight check: sending one sample payload")
    payload = payloads.files(job)[0]
    answer = preflight.check(job, queries.plan_of(job), step.endpoint_name, payload)
    job.preflight = {"passed": True, "payload": payload.name, "status": answer.status}
    Job.objects.filter(pk=job.pk).update(preflight=job.preflight)
    joblog.execution(job, f"Pre-flight check passed: {payload.name} was answered {answer.status}.")


def refuse(job: Job, steps: list[JobStep], failed: TestFailed) -> None:
    """The job will fail before any traffic; its first test shows what happened.

    Written down first: a crash from here on resumes with the same verdict.
    """
    job.preflight = {"passed": False, "reason": failed.reason, **failed.detail}
    Job.objects.filter(pk=job.pk).update(preflight=job.preflight)
    joblog.execution(job, f"Job {job.name} failed: {failed.reason}")
    if steps:
        outcome.remember(first_test(steps), failed)


def passed(job: Job) -> bool:
    return bool(job.preflight.get("passed"))


def refused(job: Job) -> bool:
    return job.preflight.get("passed") is False
