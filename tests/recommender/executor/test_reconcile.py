"""A job from its creation to its end, on the fake host: order, limits, endings, clean-up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consoleapp.accounts.actor import Actor
from consoleapp.metrics import logs
from endpoints import capacity
from endpoints import services as endpoint_services
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint, EndpointConfig, Model
from recommender import payloads, services
from recommender.executor.reconcile import reconcile_job
from recommender.joblog import GROUP
from recommender.models import Job, JobEvent, JobStep
from recommender.statuses import JobStatus, StepPhase
from tests.recommender.asked import ranges
from tests.recommender.executor import playing
from tests.recommender.executor.stand_in import StandIn, archive

pytestmark = [
    pytest.mark.django_db(databases=["default", "metrics"]),
    pytest.mark.usefixtures("fake", "many_cores"),
]


def nothing_is_left() -> bool:
    rows = (Endpoint.objects.all(), EndpointConfig.objects.filter(deleted_at=None))
    return not any(found.exists() for found in (*rows, Model.objects.filter(deleted_at=None)))


def lines(job: Job, stream: str) -> list[str]:
    found = logs.events(job.team.account_id, job.region, GROUP, f"{job.name}/{stream}")
    return [event.message for event in found]


def test_every_test_is_measured_recommended_and_cleaned_up(actor: Actor, stand_in: StandIn) -> None:
    job = playing.start_job(actor, stand_in, "ml.c5.large", "ml.c5.xlarge")
    job = playing.play(job)
    assert (job.status, job.progress) == (JobStatus.COMPLETED, "2 of 2 tests completed")
    assert [(s.status, s.phase) for s in playing.steps(job)] == [("COMPLETED", "done")] * 2
    found = {r.instance_type: r for r in job.recommendations.all()}
    assert found["ml.c5.large"].max_invocations == 600
    assert found["ml.c5.large"].cost_per_hour_usd == pytest.approx(0.102)
    assert nothing_is_left()
    assert not payloads.files(job)


def test_payloads_are_fetched_once_and_checked_once(actor: Actor, stand_in: StandIn) -> None:
    job = playing.play(playing.start_job(actor, stand_in, "ml.c5.large", "ml.c5.xlarge"))
    assert stand_in.downloads == 1
    assert len(stand_in.invocations) == 1
    assert job.preflight == {"passed": True, "payload": "row-1.csv", "status": 200}


def test_types_of_equal_grants_share_one_measurement(actor: Actor, stand_in: StandIn) -> None:
    job = playing.start_job(actor, stand_in, "ml.m5.large", "ml.c5.large")
    job = playing.play(job, measured={"memory_utilization_percent": 10.0})
    c5, m5 = playing.steps(job)
    assert (m5.shares, c5.shares, m5.attempt, c5.attempt) == (c5, None, 0, 1)
    assert m5.measured["shares_test"] == 1
    prices = {r.instance_type: r.cost_per_hour_usd for r in job.recommendations.all()}
    assert prices == pytest.approx({"ml.m5.large": 0.115, "ml.c5.large": 0.102})
    memory = {r.instance_type: r.memory_utilization_percent for r in job.recommendations.all()}
    assert memory == pytest.approx({"ml.c5.large": 10.0, "ml.m5.large": 5.0})


def test_the_test_that_runs_first_is_the_first_one_shown(actor: Actor, stand_in: StandIn) -> None:
    job = playing.start_job(actor, stand_in, "ml.c5.large", "ml.m5.large", "ml.m5.xlarge")
    playing.until(job, playing.queued)
    first, second, third = playing.steps(job)
    assert (first.instance_type, first.phase) == ("ml.m5.xlarge", StepPhase.READY)
    assert (second.instance_type, second.attempt_id) == ("ml.c5.large", "")
    assert third.shares == second


def test_no_more_tests_run_at_a_time_than_the_job_allows(actor: Actor, stand_in: StandIn) -> None:
    limit = {"MaxNumberOfTests": 5, "MaxParallelOfTests": 1}
    job = playing.start_job(
        actor, stand_in, "ml.c5.large", "ml.c5.xlarge", "ml.c5.2xlarge", ResourceLimit=limit
    )
    for _ in range(40):
        playing.look(job)
        busy = [p for p in playing.phases(job) if p not in ("waiting", "done")]
        assert len(busy) <= 1
        for step in playing.queued(job):
            playing.measure(step)
    job.refresh_from_db()
    assert job.status == JobStatus.COMPLETED


def test_one_test_comes_up_alone_until_a_payload_was_answered(
    actor: Actor, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.preflight._PATIENCE_S", 0)
    stand_in.answer = (400, "ValidationError", b"{}")
    job = playing.start_job(actor, stand_in, "ml.c5.large", "ml.c5.xlarge")
    playing.look(job, 2)
    assert sorted(playing.phases(job)) == ["creating", "waiting"]


def test_a_test_waits_for_cores_and_says_so(actor: Actor, stand_in: StandIn) -> None:
    with capacity.take_cores(12) or pytest.fail("the ledger of the test is taken"):
        job = playing.look(playing.start_job(actor, stand_in, "ml.c5.large"), 3)
        assert playing.phases(job) == ["waiting"]
        assert job.progress == "0 of 1 tests finished; the next one waits for cores"
    assert playing.play(job).status == JobStatus.COMPLETED


def test_endpoints_that_would_want_the_same_cores_come_up_one_after_the_other(
    actor: Actor, stand_in: StandIn
) -> None:
    config = [{"InstanceType": "ml.c5.2xlarge", **ranges(A=["1", "2", "3"])}]
    job = playing.start_job(actor, stand_in, EndpointConfigurations=config)
    playing.until(job, playing.queued)
    assert playing.phases(job) == ["ready", "creating", "waiting"]


def test_a_payload_that_is_refused_fails_the_job_before_any_traffic(
    actor: Actor, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.preflight._LOGS_WAIT_S", 0)
    stand_in.refuse_as_model(415, "only JSON is understood")
    job = playing.until(playing.start_job(actor, stand_in, "ml.c5.large"), playing.finished)
    assert job.status == JobStatus.FAILED
    assert "answered 415 to the sample payload row-1.csv: only JSON" in job.failure_reason
    step = playing.steps(job)[0]
    assert step.status == JobStatus.FAILED
    assert step.failure_detail["payload"] == "row-1.csv"
    assert (step.failure_detail["status"], step.attempt) == (415, 0)
    assert nothing_is_left()


@pytest.mark.parametrize(("content", "words"), [(b"junk", ".tar.gz"), (archive({}), "no files")])
def test_an_archive_that_cannot_be_used_fails_the_job_at_once(
    actor: Actor, stand_in: StandIn, content: bytes, words: str
) -> None:
    stand_in.archive = content
    job = playing.until(
        playing.start_job(actor, stand_in, "ml.c5.large"), playing.finished, rounds=4
    )
    assert job.status == JobStatus.FAILED
    assert words in job.failure_reason
    assert not Endpoint.objects.exists()


def test_a_model_that_does_not_come_up_fails_the_job(actor: Actor, stand_in: StandIn) -> None:
    job = playing.start_job(actor, stand_in, "ml.c5.large", environment={"FAKE": "refused"})
    job = playing.until(job, playing.finished)
    assert job.status == JobStatus.FAILED
    assert "The image is unknown" in job.failure_reason
    assert nothing_is_left()


def test_an_environment_that_breaks_the_model_fails_its_own_test_alone(
    actor: Actor, stand_in: StandIn
) -> None:
    configurations = [{"InstanceType": "ml.c5.large", **ranges(FAKE=["refused", "fine"])}]
    job = playing.start_job(actor, stand_in, EndpointConfigurations=configurations)
    job = playing.play(job)
    assert job.status == JobStatus.COMPLETED
    assert [s.status for s in playing.steps(job)] == ["FAILED", "COMPLETED"]


def test_stopping_keeps_what_finished_tests_found(actor: Actor, stand_in: StandIn) -> None:
    limit = {"MaxNumberOfTests": 5, "MaxParallelOfTests": 1}
    job = playing.start_job(
        actor, stand_in, "ml.c5.large", "ml.c5.xlarge", "ml.c5.2xlarge", ResourceLimit=limit
    )
    playing.until(job, playing.queued)
    playing.measure(playing.queued(job)[0])
    playing.until(job, playing.queued)
    services.stop_job(actor, name=job.name)
    job = playing.until(job, playing.finished)
    assert job.status == JobStatus.STOPPED
    assert sorted(s.status for s in playing.steps(job)) == ["COMPLETED", "STOPPED", "STOPPED"]
    assert job.recommendations.count() == 1
    assert nothing_is_left()


def test_a_job_stopped_before_it_began_is_stopped(actor: Actor, stand_in: StandIn) -> None:
    job = playing.start_job(actor, stand_in, "ml.c5.large")
    services.stop_job(actor, name=job.name)
    assert playing.look(job, 2).status == JobStatus.STOPPED


def test_after_the_jobs_duration_no_test_is_scheduled_while_running_ones_finish(
    actor: Actor, stand_in: StandIn
) -> None:
    limit = {"MaxNumberOfTests": 5, "MaxParallelOfTests": 1}
    job = playing.start_job(actor, stand_in, "ml.c5.large", "ml.c5.xlarge", ResourceLimit=limit)
    playing.until(job, playing.queued)
    Job.objects.filter(pk=job.pk).update(started_at=timezone.now() - timedelta(hours=6))
    job = playing.play(job)
    assert job.status == JobStatus.COMPLETED
    late = next(s for s in playing.steps(job) if s.status == "STOPPED")
    assert late.stop_reason == "JobDurationInSeconds"
    assert "not scheduled" in late.stop_detail


def test_looking_twice_changes_nothing_more(actor: Actor, stand_in: StandIn) -> None:
    job = playing.until(playing.start_job(actor, stand_in, "ml.c5.large"), playing.queued)
    before = (playing.steps(job)[0].attempt_id, JobEvent.objects.count(), Endpoint.objects.count())
    playing.look(job, 3)
    assert before == (
        playing.steps(job)[0].attempt_id,
        JobEvent.objects.count(),
        Endpoint.objects.count(),
    )


def test_an_existing_endpoint_is_measured_in_place_and_stays(
    actor: Actor, stand_in: StandIn, fake: FakeRunner
) -> None:
    from tests.endpoints.build import serve

    serve(actor, "mine")
    job = playing.start_job(actor, stand_in, "ml.c5.large", Endpoints=[{"EndpointName": "mine"}])
    job = playing.play(job)
    existing, own = playing.steps(job)
    assert (existing.endpoint_name, existing.status) == ("mine", "COMPLETED")
    assert not hasattr(existing, "recommendation")
    assert own.recommendation.instance_type == "ml.c5.large"
    assert list(Endpoint.objects.values_list("name", "status")) == [("mine", "InService")]


def test_an_existing_endpoint_that_is_gone_when_the_job_begins_fails_it_with_that_reason(
    actor: Actor, stand_in: StandIn, fake: FakeRunner
) -> None:
    from tests.endpoints.build import serve

    endpoint = serve(actor, "mine")
    job = playing.start_job(actor, stand_in, "ml.c5.large", Endpoints=[{"EndpointName": "mine"}])
    endpoint.delete()
    job = playing.until(job, playing.finished)
    assert job.status == JobStatus.FAILED
    assert "Could not find endpoint" in job.failure_reason


def test_an_endpoint_that_waits_for_cores_says_so_on_the_job(
    actor: Actor, stand_in: StandIn
) -> None:
    """Another copy of the console may have taken them after the ledger was asked."""
    job = playing.start_job(actor, stand_in, "ml.c5.large", environment={"FAKE": "waits"})
    job = playing.until(job, playing.in_phase(StepPhase.CREATING))
    assert job.progress == "Pre-flight check: starting the first endpoint"
    job = playing.look(job, 3)
    assert job.progress.startswith("Pre-flight check: starting the first endpoint; ")
    assert job.progress.endswith("Waiting for 1 free core")


def test_an_endpoint_that_vanishes_fails_its_test(actor: Actor, stand_in: StandIn) -> None:
    job = playing.until(playing.start_job(actor, stand_in, "ml.c5.large"), playing.queued)
    endpoint_services.delete_endpoint(actor, name=playing.steps(job)[0].endpoint_name)
    job = playing.until(job, playing.finished)
    assert job.status == JobStatus.FAILED
    assert "No test gave a result. Test 1 (ml.c5.large)" in job.failure_reason


def test_the_execution_log_tells_what_happened(actor: Actor, stand_in: StandIn) -> None:
    job = playing.play(playing.start_job(actor, stand_in, "ml.c5.large"))
    told = "\n".join(lines(job, "execution"))
    for words in ("started", "2 files", "scheduled on endpoint sm-epc-", "passed", "cleaned up"):
        assert words in told
    name = playing.steps(job)[0].endpoint_name
    assert "Clean-up: the endpoint and its configuration are removed." in lines(
        job, f"Endpoint/{name}"
    )


def test_names_of_a_jobs_endpoints_are_cut_at_forty_characters(
    actor: Actor, stand_in: StandIn
) -> None:
    job = playing.start_job(actor, stand_in, "ml.c5.large", "ml.c5.xlarge", name="n" * 64)
    names = {s.endpoint_name for s in playing.steps(playing.play(job))}
    assert len(names) == 2
    assert all(len(name) <= 40 and name.startswith("sm-epc-n") for name in names)


def test_a_deleted_job_is_gone_with_its_rows(actor: Actor, stand_in: StandIn) -> None:
    job = playing.play(playing.start_job(actor, stand_in, "ml.c5.large"))
    services.delete_job(actor, name=job.name)
    reconcile_job(job.pk)
    assert not Job.objects.exists()
    assert not JobStep.objects.exists()
    assert reconcile_job(job.pk) is None
    assert not list(payloads.folder(job).parent.iterdir())


def test_a_job_that_ended_needs_no_further_look(actor: Actor, stand_in: StandIn) -> None:
    job = playing.play(playing.start_job(actor, stand_in, "ml.c5.large"))
    assert reconcile_job(job.pk) is None


def test_every_test_is_done_when_the_job_ends(actor: Actor, stand_in: StandIn) -> None:
    job = playing.play(playing.start_job(actor, stand_in, "ml.c5.large"))
    assert set(playing.phases(job)) == {StepPhase.DONE.value}
