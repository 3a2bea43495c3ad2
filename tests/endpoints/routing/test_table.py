import json
from typing import Any

import pytest

from endpoints.routing.table import EndpointRoute, InstanceRoute, route_key


def published(**changes: Any) -> dict[str, Any]:
    instance = {"name": "i1", "host": "127.0.0.1", "port": 4000}
    variants = [
        {"name": "a", "weight": 1, "instances": [instance]},
        {"name": "b", "weight": 3, "instances": [], "max_in_flight": 4, "timeout_s": 5},
        {"name": "s", "weight": 1, "instances": [], "shadow": True},
    ]
    return {
        "account": "123456789012",
        "region": "us-east-1",
        "endpoint": "ep",
        "variants": variants,
        **changes,
    }


def read(**changes: Any) -> EndpointRoute:
    return EndpointRoute.read(json.dumps(published(**changes)))


def test_it_tells_production_from_shadows() -> None:
    route = read()
    assert [variant.name for variant in route.production] == ["a", "b"]
    assert [variant.name for variant in route.shadows] == ["s"]
    assert route.bounds == (0.25, 1.0)


def test_what_is_not_said_has_a_default() -> None:
    first, second = read().production
    assert first.instances == (InstanceRoute("i1", "127.0.0.1", 4000),)
    assert (first.max_in_flight, first.timeout_s) == (256, 60.0)
    assert (second.max_in_flight, second.timeout_s) == (4, 5.0)
    assert read().log_group == "/aws/sagemaker/Endpoints/ep"
    assert read(log_group="/other").log_group == "/other"


@pytest.mark.parametrize(
    ("status", "serving"),
    [("InService", True), ("Updating", True), ("RollingBack", True), ("Deleting", False)],
)
def test_an_endpoint_in_change_keeps_serving(status: str, serving: bool) -> None:
    assert read(status=status).serving is serving


@pytest.mark.parametrize("weight", [-1, "many", None, float("inf"), float("nan")])
def test_a_weight_that_is_no_share_is_refused(weight: Any) -> None:
    variant = {"name": "a", "weight": weight, "instances": []}
    with pytest.raises((ValueError, TypeError)):
        read(variants=[variant])


def test_the_key_names_account_region_and_endpoint() -> None:
    assert route_key("1", "r", "e") == "1/r/e"


def test_a_variant_may_name_the_configuration_it_comes_from() -> None:
    instance = {"name": "i2", "host": "127.0.0.1", "port": 4001}
    twice = [
        {"name": "a", "weight": 9, "instances": []},
        {"name": "a", "weight": 1, "instances": [instance], "config": "green"},
    ]
    route = read(variants=twice)
    assert [one.config for one in route.production] == ["", "green"]
    assert route.bounds == (0.9, 1.0)


def test_an_endpoint_whose_rollback_failed_still_serves() -> None:
    assert read(status="UpdateRollbackFailed").serving
