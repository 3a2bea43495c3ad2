"""The table that the page and REST hand out."""

import csv
import io

import pytest
from django.test import Client

from consoleapp.accounts.actor import Actor
from tests.recommender.asked import make_job
from tests.recommender.views.measured import make_result, make_step

pytestmark = pytest.mark.usefixtures("two_cores")


def test_both_doors_hand_out_one_table(actor: Actor, alice_client: Client) -> None:
    job = make_job(actor, name="churn-1")
    make_result(make_step(job, measured={"cpu_granted": 0.5}), environment={"=A": "1"})
    page = alice_client.get("/console/recommender/jobs/churn-1/results.csv").content.decode()
    rest = alice_client.get("/api/v1/recommender/jobs/churn-1/results?as=csv").content.decode()
    assert page == rest
    (row,) = csv.DictReader(io.StringIO(page))
    assert row["environment"] == "'=A=1"
    assert (row["cpu_granted_cores"], row["scale"]) == ("0.5", "1.0")
