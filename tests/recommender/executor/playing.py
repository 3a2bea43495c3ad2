"""Plays the parts around the executor: beat and the control workers, and the load-test worker."""

from collections.abc import Callable
from typing import Any

from consoleapp.accounts.actor import Actor
from endpoints.models import Endpoint
from endpoints.reconcile import reconcile
from recommender import services
from recommender.executor import lease, outcome
from recommender.executor.reconcile import reconcile_job
from recommender.models import Job, JobStep
from recommender.statuses import TERMINAL, JobStatus, StepPhase
from tests.recommender.asked import advanced, make_package
from tests.recommender.executor.stand_in import StandIn

READING = {"kind": "plateau", "second": 100, "invocations_per_minute": 600.0, "note": ""}


def start_job(actor: Actor, stand_in: StandIn, *types: str, **members: Any) -> Job:
    """A job whose payloads the stand-in has."""
    environment = members.pop("environment", {})
    package = make_package(actor, SamplePayloadUrl=stand_in.payload_url, environment=environment)
    return services.create_from_request(actor, advanced(package, *types, **members))


def look(job: Job, times: int = 1) -> Job:
    """So many rounds of the control worker: the job, then every endpoint."""
    for _ in range(times):
        reconcile_job(job.pk)
        for pk in Endpoint.objects.values_list("pk", flat=True):
            reconcile(pk)
    return Job.objects.select_related("team").get(pk=job.pk)


def until(job: Job, reached: Callable[[Job], object], *, rounds: int = 60) -> Job:
    """Looks until it holds. Fails with where the tests stand."""
    for _ in range(rounds):
        row = look(job)
        if reached(row):
            return row
    tests = [(s.ordinal, s.status, s.phase, s.failure_reason) for s in steps(job)]
    raise AssertionError(f"{row.status} {row.progress} {row.failure_reason} {tests}")


def finished(job: Job) -> bool:
    return job.status in TERMINAL


def steps(job: Job) -> list[JobStep]:
    return list(JobStep.objects.filter(job=job).order_by("ordinal"))


def phases(job: Job) -> list[str]:
    return [step.phase for step in steps(job)]


def in_phase(phase: StepPhase, count: int = 1) -> Callable[[Job], bool]:
    return lambda job: phases(job).count(phase.value) >= count


def queued(job: Job) -> list[JobStep]:
    return [s for s in steps(job) if s.phase == StepPhase.READY and s.attempt_id]


def take_up(step: JobStep) -> JobStep:
    taken = lease.take(step.pk, step.attempt_id)
    assert taken is not None
    return taken


def measure(step: JobStep, **columns: Any) -> None:
    """The load-test worker's whole work, with a reading of 600 a minute."""
    taken = take_up(step)
    given = {"reading": {**READING, "model_latency_us": 2500.0}, "stop_reason": "FlatInvocations"}
    assert outcome.end(taken, JobStatus.COMPLETED, **(given | columns))
    outcome.recommend(taken)


def play(job: Job, **columns: Any) -> Job:
    """From its creation to its end, with every test measured."""

    def reached(row: Job) -> bool:
        for step in queued(row):
            measure(step, **columns)
        return finished(row)

    return until(job, reached)
