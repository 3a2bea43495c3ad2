"""A job with tests, as the pages meet it."""

import pytest

from consoleapp.accounts.actor import Actor
from recommender.models import Job
from tests.recommender.asked import make_job


@pytest.fixture
def job(actor: Actor, two_cores: None) -> Job:
    return make_job(actor, "ml.c5.large", "ml.m5.large", name="churn-1")
