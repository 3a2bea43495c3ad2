"""REST for results: rankings, downloads, the catalogue, the schema."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from consoleapp.accounts.actor import Actor
from recommender.executor import rows
from recommender.models import Job, Recommendation
from tests.recommender.asked import make_job

pytestmark = pytest.mark.usefixtures("two_cores")
API = "/api/v1/recommender"


@pytest.fixture
def job(actor: Actor) -> Job:
    made = make_job(actor, "ml.c5.large", "ml.c5.xlarge", "ml.m4.xlarge")
    figures: dict[str, dict[str, Any]] = {
        "ml.c5.large": {
            "max_invocations": 1000,
            "model_latency_us": 9000,
            "cost_per_inference_usd": 1e-6,
        },
        "ml.c5.xlarge": {
            "max_invocations": 1500,
            "model_latency_us": 2000,
            "cost_per_inference_usd": 3e-6,
        },
        "ml.m4.xlarge": {
            "max_invocations": 2000,
            "model_latency_us": 1000,
            "cost_per_inference_usd": None,
        },
    }
    for step in rows.ensure(made):
        Recommendation.objects.create(
            job=made,
            step=step,
            recommendation_id=f"{made.name}/{step.ordinal}",
            instance_type=step.instance_type,
            instance_count=1,
            environment={"MODE": "=cmd()"} if step.instance_type == "ml.c5.large" else {},
            raw_max_invocations=500,
            projected=True,
            **figures[step.instance_type],
        )
    return made


def ranking(client: Client, job: Job, **importance: str) -> list[dict[str, Any]]:
    body = client.get(f"{API}/jobs/{job.name}/recommendations", importance).json()
    found: list[dict[str, Any]] = body["ranking"]
    return found


def test_importance_decides_the_order_and_an_unknown_price_is_last(
    alice_client: Client, job: Job
) -> None:
    by_cost = ranking(alice_client, job, cost="Highest", latency="Lowest", throughput="Lowest")
    by_latency = ranking(alice_client, job, cost="Lowest", latency="Highest", throughput="Lowest")
    assert by_cost[0]["recommendation"]["instance_type"] == "ml.c5.large"
    assert by_latency[0]["recommendation"]["instance_type"] == "ml.c5.xlarge"
    last = by_cost[-1]
    assert last["recommendation"]["instance_type"] == "ml.m4.xlarge"
    assert (last["position"], last["score"], last["gains"]["cost"]) == (None, None, None)


def test_the_formula_and_the_scale_go_along(alice_client: Client, job: Job) -> None:
    body = alice_client.get(f"{API}/jobs/{job.name}/recommendations").json()
    assert body["formula"].startswith("score = ")
    assert body["ranking"][0]["recommendation"]["projected"] is True


def test_an_unknown_level_is_refused(alice_client: Client, job: Job) -> None:
    answer = alice_client.get(f"{API}/jobs/{job.name}/recommendations", {"cost": "immense"})
    assert answer.status_code == 400
    assert "Lowest, Low, Moderate, High, Highest" in answer.json()["message"]


def test_the_csv_has_a_row_for_each_and_no_formula_in_it(alice_client: Client, job: Job) -> None:
    answer = alice_client.get(f"{API}/jobs/{job.name}/results", {"as": "csv"})
    assert answer["Content-Disposition"] == f'attachment; filename="{job.name}.csv"'
    table = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["position"] for row in table] == ["1", "2", ""]
    assert table[-1]["cost_per_inference_usd"] == ""
    assert not any(value.startswith("=") for row in table for value in row.values())


def test_the_csv_follows_the_chosen_importance(alice_client: Client, job: Job) -> None:
    chosen = {"as": "csv", "cost": "Lowest", "latency": "Highest", "throughput": "Lowest"}
    text = alice_client.get(f"{API}/jobs/{job.name}/results", chosen).content.decode()
    assert next(csv.DictReader(io.StringIO(text)))["instance_type"] == "ml.c5.xlarge"


def test_the_json_holds_request_results_and_tests(alice_client: Client, job: Job) -> None:
    answer = alice_client.get(f"{API}/jobs/{job.name}/results", {"cost": "High"})
    body = answer.json()
    assert answer["Content-Disposition"] == f'attachment; filename="{job.name}.json"'
    assert body["request"]["JobName"] == job.name
    assert len(body["results"]["ranking"]) == len(body["steps"]) == 3
    assert body["results"]["importance"] == {
        "cost": "High",
        "latency": "Moderate",
        "throughput": "Moderate",
    }
    assert body["results"]["latency_percentile"] == "P99"


def test_a_stranger_downloads_nothing(charlie_client: Client, job: Job) -> None:
    for kind in ("json", "csv"):
        answer = charlie_client.get(f"{API}/jobs/{job.name}/results", {"as": kind})
        assert answer.status_code == 404


def test_another_kind_of_download_is_refused(alice_client: Client, job: Job) -> None:
    assert alice_client.get(f"{API}/jobs/{job.name}/results", {"as": "xls"}).status_code == 400


def test_the_catalogue_says_what_can_be_measured(alice_client: Client) -> None:
    found = alice_client.get(f"{API}/instance-types", {"search": "c5.large"}).json()
    assert found[0]["name"] == "ml.c5.large"
    assert (found[0]["scale"], found[0]["measurable"], found[0]["reason"]) == (0.5, True, "")


def test_the_schema_describes_every_route(alice_client: Client) -> None:
    schema = alice_client.get("/api/v1/schema/", {"format": "json"}).json()
    documented = {path for path in schema["paths"] if path.startswith(API)}
    assert f"{API}/jobs/{{name}}/recommendations" in documented
    assert len(documented) == 10
