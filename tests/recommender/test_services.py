"""Creating, stopping, cloning and deleting jobs: rows, events, audit, access."""

import pytest

from consoleapp.accounts import tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden, InUse, LimitExceeded, NotFound, ValidationFailed
from consoleapp.accounts.models import AuditEvent
from consoleapp.accounts.quotas import set_limit
from recommender import lifecycle, services
from recommender.models import Job
from recommender.queries import plan_of
from recommender.statuses import JobStatus
from tests.recommender.asked import advanced, default, make_job, make_model, make_package

pytestmark = pytest.mark.usefixtures("two_cores")


def end(job: Job) -> None:
    assert lifecycle.transition(job, JobStatus.FAILED, failure_reason="for the test")


def test_a_created_job_is_pending_with_its_request_plan_event_and_audit(actor: Actor) -> None:
    job = make_job(actor, "ml.c5.large", "ml.m5.large", stopping={"MaxInvocations": 1000})
    assert job.status == JobStatus.PENDING
    assert job.request["StoppingConditions"] == {"MaxInvocations": 1000}
    assert [c.instance_type for c in plan_of(job).candidates] == ["ml.c5.large", "ml.m5.large"]
    assert job.model_package_arn.endswith(":model-package/churn/1")
    assert [event.to_status for event in job.events.all()] == ["PENDING"]
    assert AuditEvent.objects.filter(resource_arn=job.arn).count() == 1
    assert job.created_by == actor.user


def test_tags_are_kept_where_every_resource_has_them(actor: Actor) -> None:
    request = advanced(make_package(actor)) | {"Tags": [{"Key": "stage", "Value": "trial"}]}
    job = services.create_from_request(actor, request)
    assert [(tag.key, tag.value) for tag in tags.of(actor, job.arn)] == [("stage", "trial")]


def test_the_type_in_capitals_and_options_are_kept(actor: Actor) -> None:
    request = advanced(make_package(actor)) | {"JobType": "ADVANCED", "JobDescription": "a test"}
    job = services.create_from_request(actor, request, {"round_trip_ms": 0})
    kept = (job.type, job.description, job.options["round_trip_ms"])
    assert kept == ("Advanced", "a test", 0)


def test_a_default_job_plans_its_own_types_and_traffic(actor: Actor) -> None:
    job = services.create_from_request(actor, default(make_package(actor)))
    plan = plan_of(job)
    assert "ml.c5.large" in [c.instance_type for c in plan.candidates]
    assert plan.traffic["Phases"][0]["DurationInSeconds"] == 120
    assert plan.job_seconds == 2700
    assert "TrafficPattern" not in job.request["InputConfig"]


def test_a_model_job_remembers_the_models_name(actor: Actor) -> None:
    job = services.create_from_request(actor, advanced(make_model(actor)))
    assert (job.model_name, job.model_package_arn) == ("plain", "")


def test_one_problem_is_raised_as_it_is(actor: Actor) -> None:
    request = advanced(make_package(actor), "ml.t2.medium")
    with pytest.raises(ValidationFailed) as refused:
        services.create_from_request(actor, request)
    assert refused.value.message == "Burstable instance type ml.t2.medium is not allowed."
    assert refused.value.field == "InputConfig.EndpointConfigurations.0.InstanceType"


def test_several_problems_are_raised_together(actor: Actor) -> None:
    request = advanced(make_package(actor), "ml.t2.medium", "ml.g5.xlarge")
    with pytest.raises(ValidationFailed, match="^2 validation errors detected: Burstable"):
        services.create_from_request(actor, request)
    assert not Job.objects.exists()


def test_a_taken_name_is_in_use(actor: Actor) -> None:
    job = make_job(actor)
    with pytest.raises(InUse, match="already exists") as refused:
        services.clone_job(actor, name=job.name, new_name=job.name)
    assert refused.value.code == "ResourceInUse"


def test_another_team_may_use_the_same_name(actor: Actor, charlie: Actor) -> None:
    assert make_job(actor).name == make_job(charlie).name


def test_the_number_of_jobs_in_progress_is_limited(actor: Actor) -> None:
    set_limit(actor, code="recommender.concurrent_jobs.max", value=1)
    first = make_job(actor)
    with pytest.raises(LimitExceeded) as refused:
        services.clone_job(actor, name=first.name, new_name="second")
    assert refused.value.code == "ResourceLimitExceeded"
    end(first)
    assert services.clone_job(actor, name=first.name, new_name="second").status == "PENDING"


@pytest.mark.parametrize("options", [{"round_trip_ms": -1}, {"round_trip_ms": "x"}, {"other": 1}])
def test_options_are_checked(actor: Actor, options: dict[str, object]) -> None:
    with pytest.raises(ValidationFailed):
        services.create_from_request(actor, advanced(make_package(actor)), options)


def test_a_viewer_creates_stops_and_deletes_nothing(actor: Actor, bob: Actor) -> None:
    job = make_job(actor)
    with pytest.raises(Forbidden):
        services.clone_job(bob, name=job.name, new_name="bobs")
    with pytest.raises(Forbidden):
        services.stop_job(bob, name=job.name)
    with pytest.raises(Forbidden):
        services.delete_job(bob, name=job.name)


def test_a_stranger_finds_no_job(actor: Actor, charlie: Actor) -> None:
    job = make_job(actor)
    for verb in (services.stop_job, services.delete_job):
        with pytest.raises(NotFound):
            verb(charlie, name=job.name)


def test_stopping_is_written_once_however_often_it_is_asked(actor: Actor) -> None:
    job = make_job(actor)
    assert services.stop_job(actor, name=job.name).status == JobStatus.STOPPING
    assert services.stop_job(actor, name=job.name).status == JobStatus.STOPPING
    assert job.events.filter(to_status="STOPPING").count() == 1


def test_a_job_that_ended_cannot_be_stopped(actor: Actor) -> None:
    job = make_job(actor)
    end(job)
    with pytest.raises(ValidationFailed, match="is FAILED"):
        services.stop_job(actor, name=job.name)


def test_only_a_finished_job_is_deleted(actor: Actor) -> None:
    job = make_job(actor)
    with pytest.raises(InUse, match="Stop it before"):
        services.delete_job(actor, name=job.name)
    end(job)
    services.delete_job(actor, name=job.name)
    services.delete_job(actor, name=job.name)
    job.refresh_from_db()
    assert job.status == JobStatus.DELETING


def test_a_clone_asks_for_the_same(actor: Actor) -> None:
    first = make_job(actor, "ml.c5.large", stopping={"FlatInvocations": "Continue"})
    second = services.clone_job(actor, name=first.name, new_name="again")
    assert second.request == first.request
    assert second.options == first.options
