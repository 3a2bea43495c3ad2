"""What the sweep finds: jobs nobody woke, endpoints nobody owns; and the tasks' own rules."""

import uuid

import pytest
import redis as redis_client

from consoleapp.accounts.actor import Actor
from endpoints import services as endpoint_services
from endpoints.models import Endpoint
from recommender import lifecycle, tasks
from recommender.executor import sweep
from recommender.models import Job, JobStep
from recommender.statuses import JobStatus
from tests.endpoints.build import make_config
from tests.recommender.executor import playing
from tests.recommender.executor.stand_in import StandIn

pytestmark = [
    pytest.mark.django_db(databases=["default", "metrics"]),
    pytest.mark.usefixtures("fake", "many_cores"),
]


def test_every_unfinished_job_is_woken(actor: Actor, stand_in: StandIn) -> None:
    job = playing.start_job(actor, stand_in, "ml.c5.large")
    assert sweep.unfinished() == [job.pk]
    lifecycle.transition(job, JobStatus.FAILED)
    assert sweep.unfinished() == []
    lifecycle.transition(job, JobStatus.DELETING)
    assert sweep.unfinished() == [job.pk]


def test_an_endpoint_without_a_test_goes_and_others_stay(actor: Actor, stand_in: StandIn) -> None:
    job = playing.until(playing.start_job(actor, stand_in, "ml.c5.large"), playing.queued)
    own = playing.steps(job)[0].endpoint_name
    for name, purpose in (("sm-epc-lost", "benchmark"), ("sm-epc-mine", "serving")):
        make_config(actor, name)
        endpoint_services.create_endpoint(actor, name=name, config_name=name, purpose=purpose)
    assert sweep.remove_orphans() == 1
    statuses = dict(Endpoint.objects.values_list("name", "status"))
    assert statuses.pop("sm-epc-lost") == "Deleting"
    assert set(statuses) == {own, "sm-epc-mine"}


def test_the_endpoint_of_a_job_that_crashed_is_an_orphan(actor: Actor, stand_in: StandIn) -> None:
    job = playing.until(playing.start_job(actor, stand_in, "ml.c5.large"), playing.queued)
    lifecycle.transition(job, JobStatus.FAILED)
    assert sweep.remove_orphans() == 1


def messages(store: redis_client.Redis) -> int:
    """Messages that wait for the control worker."""
    return int(store.llen("control"))


def test_only_the_newest_follow_up_counts(
    actor: Actor, stand_in: StandIn, redis: redis_client.Redis
) -> None:
    job = playing.start_job(actor, stand_in, "ml.c5.large")
    for _ in range(3):
        tasks.reconcile_job(job.pk)
    waiting = messages(redis)
    token = Job.objects.get(pk=job.pk).wake_token
    tasks.reconcile_job(job.pk, uuid.uuid4().hex)
    assert (messages(redis), Job.objects.get(pk=job.pk).wake_token) == (waiting, token)
    tasks.reconcile_job(job.pk, token)
    assert messages(redis) == waiting + 1


def test_a_step_that_breaks_is_noted_and_left_to_the_sweep(
    actor: Actor, stand_in: StandIn, redis: redis_client.Redis
) -> None:
    job = playing.start_job(actor, stand_in, "ml.c5.large")
    Job.objects.filter(pk=job.pk).update(options={})
    tasks.reconcile_job(job.pk)
    waiting = messages(redis)
    tasks.reconcile_job(job.pk)
    assert job.events.filter(message="internal error").count() == 1
    assert messages(redis) == waiting


def test_a_load_test_that_is_not_queued_is_not_run(actor: Actor, stand_in: StandIn) -> None:
    job = playing.start_job(actor, stand_in, "ml.c5.large")
    playing.look(job, 2)
    step = JobStep.objects.get(job=job)
    tasks.run_load_test(step.pk, "nobody's")
    step.refresh_from_db()
    assert step.attempt == 0
