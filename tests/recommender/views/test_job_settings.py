"""A job's settings in words."""

from consoleapp.accounts.actor import Actor
from endpoints import services as endpoints
from recommender import services
from recommender.models import Job
from recommender.views.job_settings import settings_pairs, traffic_pairs
from tests.recommender.asked import advanced, make_job, make_model
from tests.recommender.views.measured import make_step


def values(job: Job) -> dict[str, object]:
    return {pair["label"]: pair["value"] for pair in settings_pairs(job)}


def test_settings_name_model_limits_and_what_is_ours(actor: Actor, two_cores: None) -> None:
    threshold = [{"Percentile": "P99", "ValueInMilliseconds": 1500}]
    stopping = {"MaxInvocations": 3000, "ModelLatencyThresholds": threshold}
    job = make_job(actor, stopping=stopping, JobDurationInSeconds=600)
    shown = values(job)
    assert shown["Maximum invocations"] == "3,000 per minute"
    assert shown["Latency threshold"] == "P99: 1,500 ms"
    assert shown["Maximum test duration"] == "10 min 0 s"
    assert shown["Client round trip"] == "10 ms"
    assert shown["Model"] == job.model_package_arn
    assert shown["Created by"] == "alice"
    assert str(shown["Sample payload"]).startswith("https://")


def test_the_model_leads_to_its_page_while_it_is_there(actor: Actor, two_cores: None) -> None:
    job = services.create_from_request(actor, advanced(make_model(actor)))

    def url() -> str:
        return next(pair["url"] for pair in settings_pairs(job) if pair["label"] == "Model")

    assert url().endswith("/models/plain")
    endpoints.delete_model(actor, name="plain")
    assert url() == ""
    make_model(actor)
    assert url() == "", "another model of that name"


def test_a_running_job_has_no_duration_yet(job: Job) -> None:
    assert values(job)["Duration"] == ""


def test_the_traffic_is_the_one_that_runs(job: Job) -> None:
    assert traffic_pairs(job)["Phases"][0]["SpawnRate"] == 60


def test_the_scale_is_told_once_tests_are_planned(job: Job) -> None:
    assert values(job)["Scale"] == ""
    make_step(job)
    job.scale = 0.25
    assert values(job)["Scale"] == "25% of each size"
