"""Eight processes at one job, on a database file of their own: `python -m tests.races.one_job`.

Prints, for each scenario, what each answered and what the database holds then, as JSON.
"""

import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from typing import Any

import django

PROCESSES = 8
_fork = multiprocessing.get_context("fork")


def race(body: Callable[[], object] | Sequence[Callable[[], object]]) -> list[object]:
    """The answers of all processes; each runs the same, or one of as many bodies."""
    from django.db import connections

    connections.close_all()
    answers = _fork.Queue()
    barrier = _fork.Barrier(PROCESSES)
    bodies = [body] * PROCESSES if callable(body) else body

    def run(body: Callable[[], object]) -> None:
        barrier.wait()
        try:
            answers.put(body())
        except Exception as error:
            answers.put(repr(error))

    processes = [_fork.Process(target=run, args=(each,)) for each in bodies]
    for process in processes:
        process.start()
    found = [answers.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(60)
    return found


def start(pk: int) -> dict[str, Any]:
    from recommender import lifecycle
    from recommender.models import Job, JobEvent
    from recommender.statuses import JobStatus

    # Read before the race: each of the eight has seen it PENDING.
    job = Job.objects.get(pk=pk)
    moved = race(lambda: lifecycle.transition(job, JobStatus.IN_PROGRESS))
    return {
        "moved": moved,
        "events": JobEvent.objects.filter(job_id=pk, to_status="IN_PROGRESS").count(),
    }


def take(pk: int) -> dict[str, Any]:
    from recommender import lifecycle
    from recommender.executor import lease, rows
    from recommender.models import Job, JobStep
    from recommender.statuses import JobStatus, StepPhase

    job = Job.objects.select_related("team").get(pk=pk)
    lifecycle.transition(job, JobStatus.IN_PROGRESS)
    step = rows.ensure(job)[0]
    JobStep.objects.filter(pk=step.pk).update(phase=StepPhase.READY, attempt_id="one")
    taken = race(lambda: lease.take(step.pk, "one") is not None)
    return {"taken": taken, "attempts": JobStep.objects.get(pk=step.pk).attempt}


def reconcile(pk: int) -> dict[str, Any]:
    from recommender.executor.reconcile import reconcile_job
    from recommender.models import JobEvent

    race(lambda: [reconcile_job(pk) for _ in range(3)])
    events = list(JobEvent.objects.filter(job_id=pk).values_list("from_status", "to_status"))
    return {"events": [list(event) for event in events]}


def lock(pk: int) -> dict[str, Any]:
    """Who gets the job while one holds it, and once that one was killed."""
    from recommender.executor.reconcile import _alone
    from recommender.models import Job

    job = Job.objects.get(pk=pk)
    ready = _fork.Event()

    def hold() -> None:
        with _alone(job):
            ready.set()
            signal.pause()

    process = _fork.Process(target=hold)
    process.start()
    assert ready.wait(30)
    with _alone(job) as beside:
        pass
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join(30)
    with _alone(job) as after:
        pass
    return {"beside": beside, "after": after}


def clone(pk: int) -> dict[str, Any]:
    """Each asks for one job more, while the quota has room for one."""
    from consoleapp.accounts.actor import Actor
    from consoleapp.accounts.quotas import set_limit
    from recommender import services
    from recommender.models import Job
    from recommender.statuses import TERMINAL

    job = Job.objects.select_related("team").get(pk=pk)
    actor = Actor.system(job.team, job.region)
    ended = [status.value for status in TERMINAL]
    before = Job.objects.exclude(status__in=ended).count()
    set_limit(actor, code="recommender.concurrent_jobs.max", value=before + 1)

    def one_more() -> str:
        return services.clone_job(actor, name=job.name, new_name=f"clone-{os.getpid()}").name

    answers = race(one_more)
    return {"made": Job.objects.exclude(status__in=ended).count() - before, "answers": answers}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consoleapp.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("migrate", database="metrics", verbosity=0)
    from tests.factories import make_actor, make_team
    from tests.recommender.asked import make_job, make_package

    actor = make_actor(make_team())
    package = make_package(actor, SamplePayloadUrl="http://127.0.0.1:9/refused.tar.gz")
    found = {}
    for scenario in (start, take, reconcile, lock, clone):
        name = scenario.__name__
        found[name] = scenario(make_job(actor, package=package, name=name).pk)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
