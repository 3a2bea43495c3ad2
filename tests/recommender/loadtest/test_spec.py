import json

import pytest

from recommender.loadtest.spec import LoadSpec

PHASES = {
    "TrafficType": "PHASES",
    "Phases": [{"InitialNumberOfUsers": 1, "SpawnRate": 60, "DurationInSeconds": 10}],
}


def make(**changes) -> LoadSpec:
    fields = {"url": "http://127.0.0.1:8081/x", "traffic": PHASES, "payloads": ("a.csv",)}
    return LoadSpec(**(fields | changes))


def test_it_survives_the_way_through_json() -> None:
    spec = make(headers={"X-A": "1"}, share=(1, 3), cores=(0, 2), seed=7, round_trip_ms=0.0)
    assert LoadSpec.from_json(spec.to_json()) == spec


def test_the_round_trip_is_ten_milliseconds_unless_said() -> None:
    assert make().round_trip_ms == 10


def test_host_and_port_come_from_the_address() -> None:
    assert (make().host, make().port) == ("127.0.0.1", 8081)
    assert make(url="http://localhost/x").port == 80


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "https://127.0.0.1/x"},
        {"url": "127.0.0.1:80"},
        {"payloads": ()},
        {"share": (2, 2)},
        {"share": (-1, 2)},
        {"round_trip_ms": -1},
        {"timeout_s": 0},
        {"traffic": {"TrafficType": "WAVES"}},
    ],
)
def test_a_spec_that_cannot_be_run_is_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match="."):
        make(**wrong)


def test_an_unknown_member_is_refused() -> None:
    fields = json.loads(make().to_json()) | {"surprise": 1}
    with pytest.raises(TypeError, match="surprise"):
        LoadSpec.from_json(json.dumps(fields))
