import json
import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from endpoints.gateway.fleet import Fleet, LiveRoute
from tests.endpoints.gateway.rig import variant

KEY = "123456789012/us-east-1/ep"


def table(*variants: Mapping[str, Any], key: str = KEY, **changes: Any) -> dict[bytes, bytes]:
    account, region, endpoint = key.split("/")
    route = {"account": account, "region": region, "endpoint": endpoint, "variants": variants}
    return {key.encode(): json.dumps({**route, **changes}).encode()}


def replaced(*variants: Mapping[str, Any]) -> tuple[Fleet, LiveRoute]:
    fleet = Fleet()
    fleet.replace(table(*variants))
    return fleet, fleet.routes[KEY]


def test_an_instance_keeps_its_pool_through_a_change() -> None:
    fleet, before = replaced(variant(4000))
    pool = before.production[0].pools[0]
    pool.outstanding = 3
    fleet.replace(table(variant(4000, weight=5, max_in_flight=7)))
    after = fleet.routes[KEY].production[0]
    assert after.pools[0] is pool
    assert (pool.limit, after.spec.weight) == (7, 5)


def test_an_unchanged_entry_is_left_alone() -> None:
    fleet, before = replaced(variant(4000))
    fleet.replace(table(variant(4000)))
    assert fleet.routes[KEY] is before


def test_an_instance_that_is_gone_is_retired() -> None:
    fleet, before = replaced(variant(4000, 4001))
    first, second = before.production[0].pools
    fleet.replace(table(variant(4000)))
    assert second.retired
    assert not first.retired
    fleet.sweep(0.0)
    assert fleet._retired == []


def test_another_instance_on_the_same_port_gets_a_pool_of_its_own() -> None:
    fleet, before = replaced(variant(4000))
    old = before.production[0].pools[0]
    instance = {"name": "the next", "host": "127.0.0.1", "port": 4000}
    fleet.replace(table({"name": "v1", "weight": 1, "instances": [instance]}))
    assert fleet.routes[KEY].production[0].pools[0] is not old


def test_an_endpoint_that_is_gone_has_no_route() -> None:
    fleet, _ = replaced(variant(4000))
    fleet.replace({})
    assert fleet.routes == {}


def test_an_entry_that_cannot_be_read_leaves_the_old_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fleet, before = replaced(variant(4000))
    with caplog.at_level(logging.ERROR):
        fleet.replace({KEY.encode(): b'{"half"', b"other": b"[]"})
    assert fleet.routes == {KEY: before}
    assert not before.production[0].pools[0].retired
    assert "cannot be read" in caplog.text


def test_counts_outlast_a_change_and_leave_with_their_variant() -> None:
    fleet, route = replaced(variant(4000))
    counters = route.production[0].counters
    counters.refused()
    fleet.replace(table(variant(4000, 4001)))
    assert fleet.routes[KEY].production[0].counters is counters
    assert counters.instances == 2
    fleet.replace({})
    assert list(fleet.counters()) == [counters]
    list(counters.take(1))
    assert list(fleet.counters()) == []
    assert fleet._counters == {}


def test_a_route_without_weight_draws_nobody() -> None:
    _, route = replaced(variant(4000, weight=0))
    assert route.draw() is None
    assert route.named("v1") is route.production[0]
    assert route.named("other") is None


def test_one_variant_without_weight_beside_another_is_never_drawn() -> None:
    _, route = replaced(variant(1, name="a", weight=0), variant(2, name="b", weight=1))
    assert {drawn.name for drawn in (route.draw() for _ in range(50)) if drawn} == {"b"}


def test_a_shadow_is_no_target() -> None:
    _, route = replaced(variant(1), variant(2, name="s", shadow=True))
    assert route.named("s") is None
    assert [shadow.name for shadow in route.drawn_shadows()] == ["s"]


def test_a_name_that_is_there_twice_is_answered_by_weight() -> None:
    blue, green = variant(4000, weight=3), {**variant(4001, weight=1), "config": "green"}
    _, route = replaced(blue, green)
    chosen = Counter(found.spec.config for _ in range(4_000) if (found := route.named("v1")))
    assert chosen.total() == 4_000
    # Binomial, 99.99 %: four deviations.
    assert abs(chosen["green"] - 1_000) < 4 * (4_000 * 0.25 * 0.75) ** 0.5


def test_a_fleet_on_its_way_in_keeps_counts_of_its_own() -> None:
    fleet, route = replaced(variant(4000), {**variant(4001), "config": "green"})
    blue, green = route.production
    assert blue.counters is not green.counters
    green.counters.answered(0.001, 0.002)
    fleet.replace(table(variant(4001)))
    assert green.counters in list(fleet.counters())
    assert fleet.routes[KEY].production[0].counters is blue.counters
