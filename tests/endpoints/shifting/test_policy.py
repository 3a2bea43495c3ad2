"""DeploymentConfig as boto3 sends it, and its limits."""

import json
from typing import Any

import pytest

from consoleapp.accounts.errors import ValidationFailed
from endpoints.shift import Policy, Routing, Size, SizeKind
from endpoints.shifting.policy import (
    ALL_AT_ONCE,
    alarms_in,
    check,
    from_aws,
    restored,
    stored,
)

PERCENT = "CAPACITY_PERCENT"


def blue_green(**traffic: Any) -> dict[str, Any]:
    routing = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0, **traffic}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}


def canary(value: int, kind: str = PERCENT, wait_s: int = 60) -> dict[str, Any]:
    size = {"Type": kind, "Value": value}
    return blue_green(Type="CANARY", CanarySize=size, WaitIntervalInSeconds=wait_s)


def rolling(value: int, kind: str = PERCENT, **more: Any) -> dict[str, Any]:
    size = {"Type": kind, "Value": value}
    return {"RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": 5, **more}}


@pytest.mark.parametrize("config", [None, {}, {"AutoRollbackConfiguration": {"Alarms": []}}])
def test_without_a_policy_all_traffic_moves_at_once(config: Any) -> None:
    assert from_aws(config) == ALL_AT_ONCE


def test_aws_own_example_is_read_and_stored() -> None:
    config = canary(1, "INSTANCE_COUNT", 600)
    config["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] = 600
    config["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 1800
    config["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": "one"}, {"AlarmName": "two"}]}
    policy = from_aws(config)
    assert policy == Policy(
        routing=Routing.CANARY,
        wait_s=600,
        size=Size(SizeKind.INSTANCE_COUNT, 1),
        termination_wait_s=600,
        timeout_s=1800,
    )
    assert alarms_in(config) == ("one", "two")
    assert restored(json.loads(json.dumps(stored(policy)))) == policy


def test_a_rolling_policy_keeps_the_batch_of_its_rollback() -> None:
    back = {"Type": PERCENT, "Value": 100}
    policy = from_aws(rolling(50, RollbackMaximumBatchSize=back))
    assert policy.rollback_size == Size(SizeKind.CAPACITY_PERCENT, 100)
    assert restored(json.loads(json.dumps(stored(policy)))) == policy
    check(policy, 2)


@pytest.mark.parametrize(
    ("config", "instances", "words"),
    [
        ({**canary(10), **rolling(10)}, 4, "Only one"),
        (canary(51), 4, "CanarySize must be between 1 and 50"),
        (canary(3, "INSTANCE_COUNT"), 4, "at most 50 % of the fleet's 4"),
        (blue_green(Type="CANARY"), 4, "CanarySize"),
        (blue_green(Type="SIDEWAYS"), 4, "SIDEWAYS"),
        (blue_green(Type="ROLLING"), 4, "ALL_AT_ONCE, CANARY or LINEAR"),
        (blue_green(LinearStepSize={"Type": PERCENT, "Value": 10}), 4, "does not go with"),
        (blue_green(Type="LINEAR", LinearStepSize={"Type": PERCENT, "Value": 5}), 4, "10 and 50"),
        (blue_green(WaitIntervalInSeconds=3601), 4, "0 and 3600"),
        (rolling(4), 4, "MaximumBatchSize must be between 5 and 50"),
        (rolling(10, MaximumExecutionTimeoutInSeconds=599), 4, "600 and 28800"),
        ({"BlueGreenUpdatePolicy": {}}, 4, "TrafficRoutingConfiguration"),
    ],
)
def test_what_aws_refuses_is_refused(config: Any, instances: int, words: str) -> None:
    with pytest.raises(ValidationFailed, match=words) as refused:
        check(from_aws(config), instances)
    assert refused.value.field == "DeploymentConfig"


def test_waiting_must_fit_into_the_longest_time() -> None:
    config = canary(10, wait_s=300)
    config["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 600
    with pytest.raises(ValidationFailed, match="the waiting alone takes 600 seconds"):
        check(from_aws(config), 4)


def test_one_instance_can_be_replaced_as_a_batch_of_its_own() -> None:
    check(from_aws(rolling(1, "INSTANCE_COUNT")), 1)
