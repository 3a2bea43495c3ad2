"""REST for jobs: what it answers, to whom, and with which errors."""

import json
from typing import Any

import pytest
from django.test import Client

from consoleapp.accounts.actor import Actor
from recommender import lifecycle
from recommender.executor import rows
from recommender.models import Job, JobStep
from recommender.statuses import JobStatus
from tests.recommender.asked import advanced, make_job, make_package

pytestmark = pytest.mark.usefixtures("two_cores")
JOBS = "/api/v1/recommender/jobs"


def post(client: Client, path: str, body: Any = None) -> Any:
    return client.post(path, json.dumps(body or {}), content_type="application/json")


def test_a_job_is_created_from_awss_members(actor: Actor, alice_client: Client) -> None:
    request = advanced(make_package(actor))
    answer = post(alice_client, JOBS, request | {"options": {"round_trip_ms": 0}})
    assert answer.status_code == 201
    body = answer.json()
    assert (body["status"], body["request"]) == ("PENDING", request)
    assert Job.objects.get().options["round_trip_ms"] == 0


def test_what_is_wrong_is_answered_with_its_member(actor: Actor, alice_client: Client) -> None:
    answer = post(alice_client, JOBS, advanced(make_package(actor), "ml.t2.medium"))
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "ValidationException",
        "message": "Burstable instance type ml.t2.medium is not allowed.",
        "field": "InputConfig.EndpointConfigurations.0.InstanceType",
    }


@pytest.mark.parametrize("body", [[], "text", {"options": 5}])
def test_a_body_of_another_kind_is_no_crash(alice_client: Client, body: Any) -> None:
    answer = alice_client.post(JOBS, json.dumps(body), content_type="application/json")
    assert answer.status_code == 400


def test_a_taken_name_conflicts(actor: Actor, alice_client: Client) -> None:
    make_job(actor)
    package = make_package(actor, group="two")
    answer = post(alice_client, JOBS, advanced(package))
    assert (answer.status_code, answer.json()["code"]) == (409, "ResourceInUse")


def test_the_list_has_pages_and_filters(actor: Actor, alice_client: Client) -> None:
    package = make_package(actor)
    for name in ("one", "two", "three"):
        make_job(actor, package=package, name=name)
    body = alice_client.get(JOBS, {"limit": 2, "sort_by": "Name", "sort_order": "Ascending"}).json()
    assert body["count"] == 3
    assert [job["name"] for job in body["results"]] == ["one", "three"]
    found = alice_client.get(JOBS, {"name_contains": "tw"}).json()["results"]
    assert [job["name"] for job in found] == ["two"]


def test_a_wrong_time_is_refused(alice_client: Client) -> None:
    answer = alice_client.get(JOBS, {"created_after": "yesterday"})
    assert (answer.status_code, answer.json()["field"]) == (400, "created_after")
    assert alice_client.get(JOBS, {"created_after": "2026-01-01T00:00:00Z"}).status_code == 200


def test_a_job_and_its_tests_are_read(actor: Actor, alice_client: Client) -> None:
    job = make_job(actor, "ml.c5.large", "ml.m5.large")
    rows.ensure(job)
    assert alice_client.get(f"{JOBS}/{job.name}").json()["arn"] == job.arn
    steps = alice_client.get(f"{JOBS}/{job.name}/steps").json()
    assert [(s["ordinal"], s["shares_test"]) for s in steps] == [(1, None), (2, 1)]
    assert steps[0]["phase_label"] == "Waiting for cores"
    assert alice_client.get(f"{JOBS}/{job.name}/steps/2").json()["instance_type"] == "ml.m5.large"
    assert alice_client.get(f"{JOBS}/{job.name}/steps/9").status_code == 404


def test_stop_clone_and_delete(actor: Actor, alice_client: Client) -> None:
    job = make_job(actor)
    assert post(alice_client, f"{JOBS}/{job.name}/stop").json()["status"] == "STOPPING"
    again = post(alice_client, f"{JOBS}/{job.name}/clone", {"name": "again"})
    assert (again.status_code, again.json()["name"]) == (201, "again")
    assert post(alice_client, f"{JOBS}/{job.name}/clone").status_code == 400
    assert alice_client.delete(f"{JOBS}/{job.name}").status_code == 409
    job.refresh_from_db()
    lifecycle.transition(job, JobStatus.STOPPED)
    assert alice_client.delete(f"{JOBS}/{job.name}").status_code == 204


def test_the_estimate_takes_half_a_request(actor: Actor, alice_client: Client) -> None:
    request = advanced(make_package(actor), "ml.c5.large", "ml.m5.large")
    body = post(alice_client, "/api/v1/recommender/estimate", request).json()
    assert (body["tests"], body["measured_tests"]) == (2, 1)
    unnamed = {"CategoricalParameterRanges": [{}]}
    configurations = [{"EnvironmentParameterRanges": unnamed}]
    for config in ({}, {"EndpointConfigurations": configurations}):
        half = {"JobType": "Advanced", "InputConfig": config}
        body = post(alice_client, "/api/v1/recommender/estimate", half).json()
        assert body["tests"] == 0


@pytest.mark.parametrize(
    "config",
    [
        "text",
        {"EndpointConfigurations": "text"},
        {"EndpointConfigurations": [5]},
        {"EndpointConfigurations": [{"EnvironmentParameterRanges": "x"}]},
        {"TrafficPattern": {"TrafficType": "PHASES", "Phases": [{"DurationInSeconds": "long"}]}},
        {"TrafficPattern": {"TrafficType": "STAIRS", "Stairs": []}},
        {"ResourceLimit": {"MaxParallelOfTests": "two"}},
        {"ContainerConfig": {"SupportedInstanceTypes": [{}]}},
        {"Endpoints": {"EndpointName": "x"}},
    ],
)
def test_an_estimate_of_what_has_another_shape_is_refused(
    actor: Actor, alice_client: Client, config: Any
) -> None:
    body = {"JobType": "Default", "InputConfig": config}
    answer = post(alice_client, "/api/v1/recommender/estimate", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "ValidationException")


def test_a_viewer_reads_and_changes_nothing(actor: Actor, bob_client: Client) -> None:
    job = make_job(actor)
    assert bob_client.get(f"{JOBS}/{job.name}").status_code == 200
    for answer in (
        post(bob_client, f"{JOBS}/{job.name}/stop"),
        post(bob_client, f"{JOBS}/{job.name}/clone", {"name": "x"}),
        bob_client.delete(f"{JOBS}/{job.name}"),
        post(bob_client, JOBS, advanced(make_package(actor, group="g2"), name="bobs")),
    ):
        assert answer.status_code == 403


@pytest.mark.parametrize("rest", ["", "/steps", "/steps/1", "/recommendations", "/results"])
def test_a_stranger_finds_nothing(actor: Actor, charlie_client: Client, rest: str) -> None:
    job = make_job(actor)
    rows.ensure(job)
    assert charlie_client.get(f"{JOBS}/{job.name}{rest}").status_code == 404
    assert charlie_client.get(JOBS).json()["count"] == 0


def test_who_is_not_signed_in_gets_nothing(client: Client) -> None:
    assert client.get(JOBS).status_code in (401, 403)


def test_a_longer_list_of_tests_asks_no_more_queries(
    actor: Actor, alice_client: Client, django_assert_max_num_queries: Any
) -> None:
    job = make_job(actor, *[f"ml.{f}.{s}" for f in ("c5", "m5", "r5") for s in ("large", "xlarge")])
    rows.ensure(job)
    assert JobStep.objects.count() == 6
    with django_assert_max_num_queries(8):
        alice_client.get(f"{JOBS}/{job.name}/steps")
