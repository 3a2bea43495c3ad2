"""Logs of a job: its own streams and its instances', followed while it runs, nobody else's."""

import pytest
from django.test import Client

from consoleapp.metrics import logs
from recommender import joblog
from recommender.models import Job
from tests.recommender.views.measured import ENDPOINT, make_step

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

PAGE = "/console/recommender/jobs/churn-1/logs"
GROUP = f"/aws/sagemaker/Endpoints/{ENDPOINT}"


@pytest.fixture
def told(job: Job) -> Job:
    make_step(job)
    joblog.execution(job, "Test 1 scheduled.")
    joblog.test(job, ENDPOINT, "The endpoint is in service.")
    logs.append("123456789012", "us-east-1", GROUP, "AllTraffic/i-0", "<script>alert(1)</script>")
    return job


def test_the_execution_stream_comes_first_and_the_instances_last(
    told: Job, bob_client: Client
) -> None:
    answer = bob_client.get(PAGE)
    labels = [stream.label for stream in answer.context["streams"]]
    assert labels == ["execution", f"Endpoint/{ENDPOINT}", f"{ENDPOINT}: AllTraffic/i-0"]
    assert "Test 1 scheduled." in answer.content.decode()


def test_a_streams_lines_are_text_never_markup(told: Job, bob_client: Client) -> None:
    page = bob_client.get(PAGE, {"stream": f"{GROUP}:AllTraffic/i-0"}).content.decode()
    assert "&lt;script&gt;alert(1)" in page


def test_another_jobs_stream_cannot_be_named(told: Job, bob_client: Client) -> None:
    logs.append("123456789012", "us-east-1", joblog.GROUP, "other/execution", "not yours")
    page = bob_client.get(PAGE, {"stream": f"{joblog.GROUP}:other/execution"}).content.decode()
    assert "not yours" not in page


def test_following_gets_only_what_is_new(told: Job, bob_client: Client) -> None:
    stream = f"{joblog.GROUP}:churn-1/execution"
    last = bob_client.get(PAGE).context["last_id"]
    asked = {"stream": stream, "after": last}
    assert bob_client.get(f"{PAGE}/lines", asked).status_code == 204
    joblog.execution(told, "Test 1 is COMPLETED.")
    page = bob_client.get(f"{PAGE}/lines", asked).content.decode()
    assert "Test 1 is COMPLETED." in page
    assert "Test 1 scheduled." not in page


def test_a_place_that_is_no_number_is_the_beginning(told: Job, bob_client: Client) -> None:
    for after in ("²", "x", "-1", "9" * 5_000):
        assert "Test 1 scheduled." in bob_client.get(PAGE, {"after": after}).content.decode()


def test_following_ends_with_the_job(told: Job, bob_client: Client) -> None:
    Job.objects.filter(pk=told.pk).update(status="COMPLETED")
    first = bob_client.get(PAGE)
    assert "hx-trigger" not in first.content.decode()
    asked = {"stream": f"{joblog.GROUP}:churn-1/execution", "after": first.context["last_id"]}
    assert bob_client.get(f"{PAGE}/lines", asked).status_code == 286


def test_a_job_that_said_nothing_has_an_empty_page(job: Job, bob_client: Client) -> None:
    assert "No log streams" in bob_client.get(PAGE).content.decode()


def test_a_stranger_reads_nothing(told: Job, charlie_client: Client) -> None:
    assert charlie_client.get(PAGE).status_code == 404
    assert charlie_client.get(f"{PAGE}/lines").status_code == 404
