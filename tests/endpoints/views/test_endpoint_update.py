"""The page that moves an endpoint to another configuration, step by step if so wished."""

import pytest
from django.test import Client
from django.urls import reverse

from consoleapp.accounts.actor import Actor
from endpoints import queries
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Deployment
from endpoints.shifting.guards import Guards, NoData
from tests.endpoints.build import make_config, serve

pytestmark = [
    pytest.mark.django_db(databases=["default", "metrics"], transaction=True),
    pytest.mark.usefixtures("fake"),
]


@pytest.fixture
def endpoint(actor: Actor, fake: FakeRunner) -> str:
    serve(actor, "e", instances=2)
    make_config(actor, "next", instances=2)
    return reverse("endpoints:update", args=["e"])


def test_a_canary_is_asked_for_and_planned(
    alice_client: Client, actor: Actor, endpoint: str
) -> None:
    given = {
        "config_name": "next",
        "routing": "CANARY",
        "size": "10",
        "size_type": "CAPACITY_PERCENT",
        "wait_s": "30",
        "termination_wait_s": "60",
    }
    assert alice_client.post(endpoint, given).status_code == 302
    made = Deployment.objects.get()
    assert made.policy["routing"] == "CANARY"
    assert [(step.share, step.wait_s) for step in made.steps.all()] == [
        (0.1, 30),
        (1.0, 30),
        (1.0, 60),
    ]
    assert made.config is not None
    assert made.config["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] == 60
    assert queries.endpoint(actor, "e").status == "Updating"


def test_an_update_is_guarded_by_what_the_new_fleet_answers(
    alice_client: Client, endpoint: str
) -> None:
    given = {
        "config_name": "next",
        "routing": "ROLLING",
        "size": "50",
        "wait_s": "30",
        "max_error_percent": "2",
        "max_latency_ms": "50",
        "latency_percentile": "p95",
        "minimum_samples": "10",
        "no_data": "Wait",
    }
    assert alice_client.post(endpoint, given).status_code == 302
    assert Guards.restored(Deployment.objects.get().guards) == Guards(
        max_error_rate=0.02,
        max_latency_us=50_000.0,
        latency_percentile="p95",
        minimum_samples=10,
        no_data=NoData.WAIT,
    )


def test_a_guard_that_cannot_be_is_refused_at_its_field(
    alice_client: Client, endpoint: str
) -> None:
    given = {"config_name": "next", "routing": "ALL_AT_ONCE", "max_error_percent": "100"}
    answer = alice_client.post(endpoint, given)
    assert answer.status_code == 422
    assert "less than or equal to 99.99" in answer.content.decode()
    assert not Deployment.objects.exists()


def test_the_services_refusal_stands_at_the_choice(alice_client: Client, endpoint: str) -> None:
    given = {"config_name": "next", "routing": "LINEAR", "size": "5", "wait_s": "0"}
    answer = alice_client.post(endpoint, given)
    assert answer.status_code == 422
    assert "LinearStepSize" in answer.content.decode()
    assert not Deployment.objects.exists()


def test_the_page_offers_every_way_and_says_what_it_is(alice_client: Client, endpoint: str) -> None:
    page = alice_client.get(endpoint).content.decode()
    for word in (
        "All at once",
        "Canary",
        "Linear",
        "Rolling",
        "Termination wait",
        "5XX rate above",
    ):
        assert word in page
    assert "There are no alarms in this team and region." in page
