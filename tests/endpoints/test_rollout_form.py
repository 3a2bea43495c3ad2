"""What a person chose about a rollout, as AWS's DeploymentConfig."""

from typing import Any

import pytest

from endpoints.rollout_form import RolloutForm
from endpoints.shift import Routing
from endpoints.shifting import policy


def asked(**given: Any) -> Any:
    form = RolloutForm(given, alarms=["errors", "latency"])
    assert form.is_valid(), form.errors
    return form.deployment_config()


def test_without_any_wish_there_is_no_configuration() -> None:
    assert asked() is None
    assert asked(routing="ALL_AT_ONCE", wait_s=0, termination_wait_s=0, size=50) is None


def test_all_at_once_with_waits() -> None:
    assert asked(routing="ALL_AT_ONCE", wait_s=60, termination_wait_s=120) == {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 60},
            "TerminationWaitInSeconds": 120,
        }
    }


@pytest.mark.parametrize(
    ("routing", "member"), [("CANARY", "CanarySize"), ("LINEAR", "LinearStepSize")]
)
def test_a_stepped_rollout_names_its_size_where_aws_does(routing: str, member: str) -> None:
    config = asked(
        routing=routing, size=1, size_type="INSTANCE_COUNT", wait_s=30, alarms=["errors"]
    )
    traffic = config["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert traffic == {
        "Type": routing,
        "WaitIntervalInSeconds": 30,
        member: {"Type": "INSTANCE_COUNT", "Value": 1},
    }
    assert config["AutoRollbackConfiguration"] == {"Alarms": [{"AlarmName": "errors"}]}


def test_a_rolling_update_with_everything() -> None:
    config = asked(routing="ROLLING", size=25, wait_s=5, rollback_size=100, timeout_s=900)
    assert config == {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 25},
            "WaitIntervalInSeconds": 5,
            "RollbackMaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 100},
            "MaximumExecutionTimeoutInSeconds": 900,
        }
    }


@pytest.mark.parametrize("routing", list(Routing))
def test_every_choice_is_one_that_the_service_reads(routing: Routing) -> None:
    config = asked(routing=routing.value, size=25, wait_s=10, alarms=["latency"])
    read = policy.from_aws(config)
    assert (read.routing, read.wait_s) == (routing, 10)
    assert policy.alarms_in(config) == ("latency",)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"routing": "CANARY", "size": ""}, "size"),
        ({"wait_s": 3601}, "wait_s"),
        ({"timeout_s": 10}, "timeout_s"),
        ({"alarms": ["unknown"]}, "alarms"),
        ({"routing": "SIDEWAYS"}, "routing"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(given: dict[str, Any], field: str) -> None:
    form = RolloutForm(given, alarms=["errors"])
    assert not form.is_valid()
    assert list(form.errors) == [field]
