"""Traffic shifts under load: real gateway, workers and model servers; nothing may be lost."""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from endpoints.samples import archives
from tests.e2e.shifting import configure, in_service, shift
from tests.e2e.traffic import Answer, Traffic, client
from tests.live import Console, wait_for

pytestmark = pytest.mark.e2e
SMALL = "breast-cancer-xgboost-small"
RAISES = b"""
def model_fn(model_dir):
    return None

def predict_fn(data, model):
    raise RuntimeError("this model answers nothing")
"""
#: Standard deviations: 99.9 % two-sided.
SIGMAS = 3.29
#: A gateway follows the published table within that.
NOTICED_S = 2.0
Serve = Callable[..., str]


@pytest.fixture(scope="module")
def faulty(console: Console) -> str:
    """A model whose inference.py raises: every invocation is answered 500."""
    name = "answers-nothing"
    bucket = f"sagemaker-us-east-1-{console.get('/whoami')['account_id']}"
    with contextlib.closing(client(console, "s3")) as s3:
        body = archives.tar_gz({"code/inference.py": RAISES})
        s3.put_object(Bucket=bucket, Key="tests/faulty/model.tar.gz", Body=body)
    container = {
        "Image": "inference-console/sklearn:1.9",
        "ModelDataUrl": f"s3://{bucket}/tests/faulty/model.tar.gz",
    }
    console.post("/models", {"name": name, "primary_container": container})
    return name


@pytest.fixture
def serve(console: Console) -> Iterator[Serve]:
    """Makes endpoints that serve, of variants (model, weight, instances)."""
    made: list[str] = []

    def make(*variants: tuple[str, float, int]) -> str:
        name = configure(console, *variants)
        console.post("/endpoints", {"name": name, "config_name": name})
        made.append(name)
        in_service(console, name)
        return name

    yield make
    with console.rest as rest:
        for name in made:
            rest.delete(f"/endpoints/{name}")


def second_of(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def shares(answers: list[Answer]) -> dict[str, float]:
    counted = Counter(answer.variant for answer in answers)
    return {name: count / counted.total() for name, count in counted.items()}


def within_chance(count: int, of: int, share: float) -> bool:
    return bool(abs(count - of * share) <= SIGMAS * (of * share * (1 - share)) ** 0.5)


def test_a_canary_onto_a_variant_that_answers_5xx_rolls_back_and_never_gets_more_than_its_share(
    console: Console, serve: Serve, faulty: str
) -> None:
    name = serve((SMALL, 1.0, 1), (faulty, 0.0, 1))
    with Traffic(console, name, clients=8) as load:
        load.wait_for(200)
        console.post(
            f"/endpoints/{name}/shifts",
            {
                "to": "Variant2",
                "routing": "CANARY",
                "size": {"value": 10},
                "wait_s": 120,
                "guards": {"max_error_rate": 0.05, "minimum_samples": 20},
            },
        )
        in_service(console, name)
        over_at = time.time() + NOTICED_S
        load.wait_for(200)
        wait_for("traffic after the rollback", lambda: time.time() > over_at + 1)
        load.wait_for(100)
    seen = shift(console, name)
    assert seen["status"] == "RolledBack", seen
    assert [step["status"] for step in seen["steps"]] == ["RolledBack", "Skipped"]
    assert "Variant2 answered" in seen["reason"]
    began = second_of(seen["steps"][0]["activated_at"])
    ended = second_of(seen["steps"][0]["ended_at"])
    assert ended - began < 60, "the guard did not wait for the end of the bake"
    last = max(answer.at for answer in load.answers if answer.status == 500)
    assert last < ended + NOTICED_S
    during = load.between(began, last)
    failed = sum(answer.status == 500 for answer in during)
    assert failed >= 19
    most = 0.1 * len(during) + SIGMAS * (0.1 * 0.9 * len(during)) ** 0.5
    assert failed <= most, f"{failed} of {len(during)}"
    assert {answer.status for answer in load.between(0, began)} == {200}
    assert {answer.status for answer in load.between(over_at, time.time())} == {200}
    assert {answer.status for answer in load.answers} == {200, 500}


def test_weights_under_constant_load_from_16_clients_hold_and_lose_no_request(
    console: Console, serve: Serve
) -> None:
    name = serve((SMALL, 1.0, 1), (SMALL, 1.0, 1))
    with Traffic(console, name) as load:
        for weights, share in (((50, 50), 0.5), ((25, 75), 0.75)):
            desired = [
                {"variant": f"Variant{number}", "weight": weight}
                for number, weight in enumerate(weights, start=1)
            ]
            console.post(f"/endpoints/{name}/weights", {"desired": desired})
            changed = time.time() + NOTICED_S
            wait_for("the gateways to notice", lambda since=changed: time.time() > since)  # type: ignore[misc]
            start = len(load.answers)
            load.wait_for(10_000, timeout_s=600)
            seen = load.answers[start : start + 10_000]
            second = sum(answer.variant == "Variant2" for answer in seen)
            assert within_chance(second, 10_000, share), second
        in_service(console, name)
    assert not load.failures()


def test_a_linear_shift_under_load_ends_on_one_variant_and_loses_no_request(
    console: Console, serve: Serve
) -> None:
    name = serve((SMALL, 1.0, 1), (SMALL, 1.0, 1))
    with Traffic(console, name) as load:
        console.post(
            f"/endpoints/{name}/shifts",
            {
                "to": "Variant2",
                "routing": "LINEAR",
                "size": {"value": 50},
                "wait_s": 6,
                "guards": {"max_error_rate": 0.01, "no_data": "RollBack"},
                "remove": ["Variant1"],
            },
        )
        ended = in_service(console, name)
        load.wait_for(500)
    assert not load.failures()
    seen = shift(console, name)
    assert seen["status"] == "Completed", seen
    assert [variant["name"] for variant in ended["variants"]] == ["Variant2"]
    first, last = seen["steps"]
    assert first["samples"] >= 20
    baked = load.between(
        second_of(first["activated_at"]) + NOTICED_S, second_of(last["activated_at"])
    )
    second = sum(answer.variant == "Variant2" for answer in baked)
    assert within_chance(second, len(baked), 0.75), (second, len(baked))
    assert shares(load.answers[-300:]) == {"Variant2": 1.0}


def test_a_canary_between_two_fleets_by_boto3_loses_no_request(
    console: Console, serve: Serve
) -> None:
    name = serve((SMALL, 1.0, 1))
    green = configure(console, (SMALL, 1.0, 2))
    size = {"Type": "CAPACITY_PERCENT", "Value": 20}
    traffic = {"Type": "CANARY", "CanarySize": size, "WaitIntervalInSeconds": 8}
    config = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": traffic,
            "TerminationWaitInSeconds": 4,
            "MaximumExecutionTimeoutInSeconds": 600,
        }
    }
    with contextlib.closing(client(console, "sagemaker")) as sagemaker:
        with Traffic(console, name) as load:
            sagemaker.update_endpoint(
                EndpointName=name, EndpointConfigName=green, DeploymentConfig=config
            )
            told = wait_for("the canary", lambda: baking(sagemaker, name), every_s=0.3)
            in_service(console, name)
            load.wait_for(300)
        described = sagemaker.describe_endpoint(EndpointName=name)
    (status,) = told["ProductionVariants"][0]["VariantStatus"]
    assert told["EndpointConfigName"] == green
    assert status["StatusMessage"] == (
        "Baking for 8 seconds (WaitIntervalInSeconds) with traffic enabled on canary capacity of"
        " 1 instance(s)."
    )
    assert not load.failures()
    assert described["EndpointConfigName"] == green
    assert "PendingDeploymentSummary" not in described
    assert described["LastDeploymentConfig"] == config
    canary = shift(console, name)["steps"][0]
    series = {"EndpointName": name, "VariantName": "Variant1", "EndpointConfigName": green}
    with contextlib.closing(client(console, "cloudwatch")) as cloudwatch:
        found = cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName="Invocations",
            Dimensions=[{"Name": key, "Value": value} for key, value in series.items()],
            StartTime=second_of(canary["activated_at"]) - 60,
            EndTime=time.time() + 60,
            Period=60,
            Statistics=["Sum"],
        )
    assert sum(point["Sum"] for point in found["Datapoints"]) > 0


def baking(sagemaker: Any, name: str) -> dict[str, Any] | None:
    pending = sagemaker.describe_endpoint(EndpointName=name).get("PendingDeploymentSummary")
    if not pending:
        return None
    statuses = pending["ProductionVariants"][0].get("VariantStatus", [])
    return dict(pending) if [one["Status"] for one in statuses] == ["Baking"] else None


def test_a_rolling_update_under_load_replaces_every_instance_and_loses_no_request(
    console: Console, serve: Serve
) -> None:
    name = serve((SMALL, 1.0, 2))
    before = {one["name"] for one in console.get(f"/endpoints/{name}/instances")}
    green = configure(console, (SMALL, 1.0, 2))
    batch = {"Type": "INSTANCE_COUNT", "Value": 1}
    policy = {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 4}
    with Traffic(console, name) as load:
        with console.rest as rest:
            answer = rest.patch(
                f"/endpoints/{name}",
                json={
                    "config_name": green,
                    "deployment_config": {"RollingUpdatePolicy": policy},
                },
            )
            assert answer.status_code == 200, answer.text
        in_service(console, name)
        load.wait_for(300)
    after = {one["name"] for one in console.get(f"/endpoints/{name}/instances")}
    assert len(after) == 2
    assert not before & after
    assert not load.failures()
    assert [step["share"] for step in shift(console, name)["steps"]] == [0.5, 1.0]
