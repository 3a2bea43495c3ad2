"""Eight processes and the same rows, on a database file, as workers have it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SETUP = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Team
from endpoints import services
from endpoints.hosts import registry
from endpoints.specs import VariantSpec
registry.DEFAULT = "fake"
actor = Actor.system(Team.objects.create(name="t", account_id="123456789012"), "us-east-1")
services.create_model(actor, name="m", primary_container={"Image": "i"})
variants = [VariantSpec(name="v", model_name="m", instance_type="ml.c5.large", instance_count=3)]
services.create_endpoint_config(actor, name="c", variants=variants)
for number in range(10):
    services.create_endpoint(actor, name=f"e{number}", config_name="c")
"""

TRANSITIONS = """
import django
django.setup()
from endpoints import lifecycle
from endpoints.models import Endpoint
from endpoints.statuses import EndpointStatus
won = 0
for number in range(10):
    endpoint = Endpoint.objects.get(name=f"e{number}")
    if endpoint.status == "Creating":
        won += lifecycle.transition(endpoint, EndpointStatus.FAILED, message="raced")
print(won)
"""

RECONCILE = """
import django
django.setup()
from endpoints.models import Endpoint
from endpoints.reconcile import reconcile
for _ in range(6):
    for pk in Endpoint.objects.values_list("pk", flat=True):
        reconcile(pk)
"""

AFTER = """
import django
django.setup()
from endpoints.hosts import registry
from endpoints.models import Endpoint, EndpointEvent, Instance
print(EndpointEvent.objects.filter(message="raced").count())
print(EndpointEvent.objects.filter(message="In service").count())
print(Instance.objects.count(), Instance.objects.filter(status="InService").count())
print(len(registry.runner("fake").find()), set(Endpoint.objects.values_list("status", flat=True)))
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "STATE_DIR": str(tmp_path / "state"),
        # Nobody listens: waking is not what races here.
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "LOG_LEVEL": "ERROR",
    }


def run(script: str, environment: dict[str, str]) -> str:
    return subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    ).stdout


def race(script: str, environment: dict[str, str]) -> list[str]:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(8)
    ]
    outputs = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0] * 8
    return outputs


def test_each_transition_is_made_by_exactly_one(environment: dict[str, str]) -> None:
    run(SETUP, environment)
    won = race(TRANSITIONS, environment)
    assert sum(int(text) for text in won) == 10
    assert run(AFTER, environment).splitlines()[0] == "10"


def test_eight_reconcilers_do_the_work_of_one(environment: dict[str, str]) -> None:
    run(SETUP, environment)
    race(RECONCILE, environment)
    _, in_service, instances, runs = run(AFTER, environment).splitlines()
    assert in_service == "10"
    assert instances == "30 30"
    assert runs == "30 {'InService'}"
