"""The table that is handed out."""

import csv
import io
from typing import Any

import pytest

from consoleapp.accounts.actor import Actor
from recommender import downloads, scoring
from recommender.models import Job
from tests.recommender.asked import make_job
from tests.recommender.views.measured import make_result, make_step

pytestmark = pytest.mark.usefixtures("two_cores")


def table(job: Job) -> list[dict[str, Any]]:
    text = downloads.csv_of(scoring.rank(job.recommendations.all()))
    return list(csv.DictReader(io.StringIO(text)))


def test_units_and_the_grant_go_along(actor: Actor) -> None:
    job = make_job(actor, name="churn-1")
    make_result(make_step(job, measured={"cpu_granted": 0.5}))
    (row,) = table(job)
    assert (row["cpu_granted_cores"], row["scale"]) == ("0.5", "1.0")
    assert (row["model_latency_us"], row["model_latency_percentile"]) == ("20000", "P99")


def test_the_percentile_is_that_of_the_jobs_threshold(actor: Actor) -> None:
    threshold = {"Percentile": "P95", "ValueInMilliseconds": 100}
    job = make_job(actor, stopping={"ModelLatencyThresholds": [threshold]})
    make_result(make_step(job))
    assert table(job)[0]["model_latency_percentile"] == "P95"


def test_a_row_names_its_test(actor: Actor) -> None:
    job = make_job(actor)
    make_result(make_step(job, 3))
    assert table(job)[0]["test"] == "3"


def test_the_environment_is_one_readable_cell_and_no_formula(actor: Actor) -> None:
    job = make_job(actor)
    make_result(make_step(job, 1), environment={"B": "2", "A": "1"})
    make_result(make_step(job, 2), environment={"=A": "1"})
    assert sorted(row["environment"] for row in table(job)) == ["'=A=1", "A=1 B=2"]
