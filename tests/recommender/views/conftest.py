"""A job with tests as the pages meet it, and the answers of the wizard's first step."""

from typing import Any

import pytest

from consoleapp.accounts import services as accounts
from consoleapp.accounts.actor import Actor
from recommender.models import Job
from tests.recommender.asked import make_job, make_package


@pytest.fixture
def job(actor: Actor, two_cores: None) -> Job:
    return make_job(actor, "ml.c5.large", "ml.m5.large", name="churn-1")


@pytest.fixture
def model(actor: Actor) -> dict[str, Any]:
    """The answers of step 1, for a registered version."""
    package = make_package(actor)
    role = accounts.create_iam_role(actor, "recommender")
    return {
        "job_type": "Advanced",
        "use_registry": "on",
        "package_group": "churn",
        "package_version": package.arn,
        "role_arn": role.arn,
        "traffic_type": "PHASES",
        "phase_users": ["1"],
        "phase_spawn": ["60"],
        "phase_seconds": ["120"],
    }
