"""Pages that browse metrics and logs."""

import time

import pytest
from django.test import Client

from consoleapp.metrics import logs
from tests.consoleapp.metrics.samples import ACCOUNT, REGION, make_sample, store

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

SERIES = {
    "namespace": "AWS/SageMaker",
    "name": "ModelLatency",
    "dim.EndpointName": "churn",
    "dim.VariantName": "A",
}
STREAM = {"group": "/aws/sagemaker/Endpoints/churn", "stream": "A/one"}
POLL = {"HX-Request": "true"}


def test_metrics_are_found_by_words_of_their_dimensions(bob_client: Client) -> None:
    store(make_sample(), make_sample(dimensions={"EndpointName": "other"}))
    page = bob_client.get("/console/metrics", {"text": "latency CHURN"})
    assert [row["dimensions"] for row in page.context["rows"]] == [
        "EndpointName=churn, VariantName=A"
    ]
    assert "No matches" in bob_client.get("/console/metrics", {"text": "zz"}).content.decode()


def test_a_chosen_metric_is_drawn_and_can_be_alarmed_on(bob_client: Client) -> None:
    now = int(time.time())
    store(*(make_sample([1_000.0], second=now - back) for back in range(30)))
    page = bob_client.get("/console/metrics", SERIES).content.decode()
    assert "/console/metrics/chart?namespace=AWS%2FSageMaker&amp;name=ModelLatency" in page
    assert "/console/alarms/create?namespace=AWS%2FSageMaker" in page
    figure = bob_client.get("/console/metrics/chart", SERIES | {"statistic": "p99"}).json()
    assert figure["data"][0]["name"] == "ModelLatency p99"
    assert figure["data"][0]["y"]
    assert figure["layout"]["yaxis"]["title"]["text"] == "Microseconds"


def test_a_chart_of_nothing_is_empty_and_a_wrong_statistic_is_refused(bob_client: Client) -> None:
    assert bob_client.get("/console/metrics/chart", SERIES).json()["data"] == []
    answer = bob_client.get("/console/metrics/chart", SERIES | {"statistic": "middling"})
    assert answer.status_code == 400


def test_streams_are_listed_newest_first(bob_client: Client) -> None:
    logs.append(ACCOUNT, REGION, "/g", "older", "x", timestamp_ms=1_000)
    logs.append(ACCOUNT, REGION, "/g", "newer", "x", timestamp_ms=2_000)
    rows = bob_client.get("/console/logs").context["rows"]
    assert [row["stream"].name for row in rows] == ["newer", "older"]
    assert "No matches" in bob_client.get("/console/logs", {"text": "zz"}).content.decode()


def test_a_stream_is_shown_and_followed(bob_client: Client) -> None:
    where = (ACCOUNT, REGION, STREAM["group"], STREAM["stream"])
    logs.append(*where, "<b>first</b>")
    page = bob_client.get("/console/logs/stream", STREAM)
    assert "&lt;b&gt;first&lt;/b&gt;" in page.content.decode()
    following = page.context["following"]
    assert bob_client.get(following, headers=POLL).status_code == 204
    logs.append(*where, "second")
    more = bob_client.get(following, headers=POLL).content.decode()
    assert "second" in more
    assert "first" not in more
    assert "<html" not in more


def test_a_place_beyond_reading_is_the_newest(bob_client: Client) -> None:
    logs.append(ACCOUNT, REGION, STREAM["group"], STREAM["stream"], "first")
    page = bob_client.get("/console/logs/stream", {**STREAM, "after": "9" * 5_000})
    assert "first" in page.content.decode()


def test_a_stranger_sees_nothing(charlie_client: Client) -> None:
    store(make_sample())
    logs.append(ACCOUNT, REGION, STREAM["group"], STREAM["stream"], "secret")
    assert charlie_client.get("/console/metrics").context["rows"] == []
    assert charlie_client.get("/console/metrics/chart", SERIES).json()["data"] == []
    assert charlie_client.get("/console/logs").context["rows"] == []
    assert charlie_client.get("/console/logs/stream", STREAM).status_code == 404


@pytest.mark.parametrize("page", ["metrics", "metrics/chart", "logs", "logs/stream"])
def test_who_is_signed_out_is_sent_to_sign_in(client: Client, page: str) -> None:
    assert client.get(f"/console/{page}").status_code == 302
