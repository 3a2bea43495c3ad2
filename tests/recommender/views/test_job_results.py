"""Downloads: the ranking with units in the names, as JSON and CSV."""

import csv
import io

from django.test import Client

from recommender.models import Job
from tests.recommender.views.measured import make_result, make_step

PAGE = "/console/recommender/jobs/churn-1"


def test_json_holds_request_ranking_and_tests(job: Job, bob_client: Client) -> None:
    make_result(make_step(job, status="COMPLETED", reading={"kind": "plateau"}))
    answer = bob_client.get(f"{PAGE}/results.json")
    body = answer.json()
    assert answer["Content-Disposition"] == 'attachment; filename="churn-1.json"'
    assert body["job"]["JobName"] == "churn-1"
    (row,) = body["recommendations"]
    assert (row["position"], row["instance_type"], row["model_latency_us"]) == (
        1,
        "ml.c5.large",
        20000,
    )
    assert body["tests"][0]["reading"] == {"kind": "plateau"}


def test_csv_follows_the_chosen_importance(job: Job, bob_client: Client) -> None:
    make_result(make_step(job, 1), cost_per_inference_usd=1e-8, model_latency_us=90_000)
    fast = make_step(job, 2, instance_type="ml.c5.xlarge")
    make_result(fast, cost_per_inference_usd=9e-8, model_latency_us=1_000)
    path = f"{PAGE}/results.csv?cost=Lowest&latency=Highest"
    rows = list(csv.DictReader(io.StringIO(bob_client.get(path).content.decode())))
    assert [row["instance_type"] for row in rows] == ["ml.c5.xlarge", "ml.c5.large"]
    assert rows[0]["environment"] == ""


def test_the_environment_is_one_readable_cell(job: Job, bob_client: Client) -> None:
    make_result(make_step(job), environment={"B": "2", "A": "1"})
    (row,) = csv.DictReader(io.StringIO(bob_client.get(f"{PAGE}/results.csv").content.decode()))
    assert row["environment"] == "A=1 B=2"


def test_a_stranger_downloads_nothing(job: Job, charlie_client: Client) -> None:
    for kind in ("json", "csv"):
        assert charlie_client.get(f"{PAGE}/results.{kind}").status_code == 404
