"""From a test that ended to its row: completed, failed, invalid or stopped."""

from typing import Any

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.metrics.models import Sample
from endpoints import queries as endpoint_queries
from recommender.errors import AttemptFenced, AttemptLost
from recommender.executor import temporary
from recommender.executor.conclude import conclude
from recommender.executor.cores import Watch
from recommender.executor.lease import Lease
from recommender.executor.observe import Observer
from recommender.executor.run import Run
from recommender.loadtest.report import ErrorSample
from recommender.loadtest.stop import Stop, StopReason, StopRules
from recommender.models import JobStep
from recommender.queries import plan_of
from tests.consoleapp.metrics.samples import make_sample, store
from tests.recommender.executor import playing
from tests.recommender.executor.stand_in import StandIn
from tests.recommender.executor.test_merging import report

pytestmark = [
    pytest.mark.django_db(databases=["default", "metrics"]),
    pytest.mark.usefixtures("fake", "many_cores"),
]
START = 1_700_000_000


@pytest.fixture
def step(actor: Actor, stand_in: StandIn) -> JobStep:
    job = playing.until(playing.start_job(actor, stand_in, "ml.c5.large"), playing.queued)
    return playing.take_up(playing.queued(job)[0])


def ended(step: JobStep, reason: StopReason, *, seconds: int = 12, **changed: Any) -> Run:
    """A run of so many seconds at 10 invocations a second, of 2 ms each."""
    endpoint = temporary.find(step.job, step.endpoint_name)
    assert endpoint is not None
    variant = endpoint_queries.variants(endpoint).get()
    observer = Observer(step.job, step.endpoint_name, variant.name)
    reports = [report(START + n, **changed) for n in range(seconds)]
    observer.heard(reports)
    dimensions = {"EndpointName": step.endpoint_name, "VariantName": variant.name}
    for n in range(seconds):
        values = {"Invocations": [1.0] * 10, "ModelLatency": [2000.0] * 10}
        for name, seen in values.items():
            store(make_sample(seen, second=START + n, name=name, dimensions=dimensions))
    return Run(
        step=step,
        plan=plan_of(step.job),
        endpoint=endpoint,
        variant=variant,
        instances=list(variant.instances.all()),
        rules=StopRules(),
        observer=observer,
        lease=Lease(step),
        watch=Watch(endpoint, []),
        reports=reports,
        stop=Stop(reason, "for the test"),
    )


def test_a_reading_becomes_a_recommendation(step: JobStep) -> None:
    conclude(ended(step, StopReason.TRAFFIC_ENDED))
    step.refresh_from_db()
    assert (step.status, step.phase, step.stop_reason) == ("COMPLETED", "removing", "TrafficEnded")
    assert step.reading is not None
    assert step.reading["invocations_per_minute"] == 600
    row = step.recommendation
    assert row.max_invocations == 600
    assert row.model_latency_us == pytest.approx(2000, rel=0.02)


def test_it_is_told_how_it_was_measured(step: JobStep) -> None:
    conclude(ended(step, StopReason.TRAFFIC_ENDED))
    step.refresh_from_db()
    assert step.measured["scale"] == 1.0
    assert step.measured["cpu_granted"] == 2.0
    assert step.measured["generator_cpu_share"] == pytest.approx(0.1)
    assert step.measured["cpu_model"]


def test_a_busy_generator_makes_it_invalid_not_slow(step: JobStep) -> None:
    conclude(ended(step, StopReason.TRAFFIC_ENDED, cpu_share=0.95))
    step.refresh_from_db()
    assert step.status == "FAILED"
    assert "the load generator used 95%" in step.invalid_reason
    assert step.reading is not None
    assert not hasattr(step, "recommendation")


def test_an_end_that_the_store_lacks_loses_the_attempt(step: JobStep) -> None:
    current = ended(step, StopReason.TRAFFIC_ENDED)
    late = [report(START + n) for n in range(12, 20)]
    current.observer.heard(late)
    current.reports += late
    with pytest.raises(AttemptLost, match="lacks more than 3 s"):
        conclude(current)


@pytest.mark.parametrize("first", [0, 12])
def test_seconds_that_the_store_lacks_make_it_invalid(step: JobStep, first: int) -> None:
    current = ended(step, StopReason.TRAFFIC_ENDED, seconds=30)
    keys = Sample.objects.values_list("key", flat=True)
    lost = [key for key in keys if first <= (key & 0xFFFFFFFF) - START < first + 5]
    Sample.objects.filter(key__in=lost).delete()
    conclude(current)
    step.refresh_from_db()
    assert "metrics are missing for 5 s" in step.invalid_reason


def test_the_users_stop_leaves_no_result(step: JobStep) -> None:
    conclude(ended(step, StopReason.USER_STOP))
    step.refresh_from_db()
    assert (step.status, step.stop_reason, step.reading) == ("STOPPED", "StoppedByUser", None)


def test_errors_show_what_the_container_answered(step: JobStep) -> None:
    current = ended(step, StopReason.ERRORS)
    sample = ErrorSample(
        kind="http_5xx",
        payload="row-2.csv",
        status=424,
        answer='{"OriginalStatusCode": 500, "OriginalMessage": "boom"}',
        headers={"x-amzn-ErrorType": "ModelError"},
    )
    object.__setattr__(current.reports[-1], "error_samples", (sample,))
    conclude(current)
    step.refresh_from_db()
    assert (step.status, step.stop_reason) == ("FAILED", "Errors")
    assert step.failure_reason == "for the test: too many invocations failed"
    assert step.failure_detail["payload"] == "row-2.csv"
    assert (step.failure_detail["status"], step.failure_detail["answer"]) == (500, "boom")


def test_a_test_that_errors_made_invalid_shows_what_the_container_answered(step: JobStep) -> None:
    current = ended(step, StopReason.TRAFFIC_ENDED)
    for each in current.reports:
        each.errors["http_4xx"] = 2
    sample = ErrorSample(
        kind="http_4xx", payload="row-3.csv", status=400, answer="no number", headers={}
    )
    object.__setattr__(current.reports[-1], "error_samples", (sample,))
    conclude(current)
    step.refresh_from_db()
    assert "invocations failed" in step.invalid_reason
    assert step.failure_detail["payload"] == "row-3.csv"
    assert (step.failure_detail["status"], step.failure_detail["answer"]) == (400, "no number")


def test_a_test_without_a_full_second_says_so(step: JobStep) -> None:
    conclude(ended(step, StopReason.TRAFFIC_ENDED, seconds=0))
    step.refresh_from_db()
    assert "no full second was measured" in step.failure_reason


def test_nothing_is_written_for_a_test_that_is_anothers_by_now(step: JobStep) -> None:
    current = ended(step, StopReason.TRAFFIC_ENDED)
    JobStep.objects.filter(pk=step.pk).update(attempt_id="a later one")
    with pytest.raises(AttemptFenced):
        conclude(current)
    step.refresh_from_db()
    assert (step.phase, step.reading) == ("running", None)
    assert not hasattr(step, "recommendation")


def test_what_came_after_the_decision_does_not_move_the_reading(step: JobStep) -> None:
    current = ended(step, StopReason.TARGET_REACHED, seconds=20)
    current.seen = current.observer.everything()[:12]
    conclude(current)
    step.refresh_from_db()
    assert step.reading is not None
    assert (step.reading["second"], step.reading["kind"]) == (START + 11, "target")
