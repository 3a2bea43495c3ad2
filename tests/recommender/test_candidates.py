"""Which tests a job makes, and which of them measure."""

from recommender.candidates import (
    DEFAULT_TYPES,
    MOST_EXPANDED,
    Candidate,
    TrafficLimits,
    count,
    default_instance_types,
    default_traffic,
    expand,
    leaders,
)
from tests.recommender.asked import configurations, ranges

SIZES = {"small": (2.0, 4.0), "roomy": (2.0, 16.0), "large": (4.0, 8.0)}


def vcpus(name: str) -> float:
    return SIZES[name][0]


def memory(name: str) -> float:
    return SIZES[name][1]


def test_one_configuration_is_one_test() -> None:
    assert expand(configurations(["ml.c5.large"])) == [Candidate("ml.c5.large")]


def test_environment_values_multiply() -> None:
    given = [{"InstanceType": "ml.c5.large", **ranges(A=["1", "2"], B=["x", "y", "z"])}]
    found = expand(given)
    assert len(found) == count(given) == 6
    assert found[0].environment == (("A", "1"), ("B", "x"))
    assert len(set(found)) == 6


def test_counting_needs_no_expansion() -> None:
    given = [{"InstanceType": "t", **ranges(**{f"P{n}": ["1", "2", "3"] for n in range(5)})}] * 10
    assert count(given) == 2430


def test_a_draft_of_countless_combinations_is_not_written_out() -> None:
    values = [str(n) for n in range(10)]
    given = [{"InstanceType": "t", **ranges(**{f"P{n}": values for n in range(12)})}]
    assert count(given) == 10**12
    assert len(expand(given)) == MOST_EXPANDED


def test_the_named_inference_specification_goes_along() -> None:
    given = [{"InstanceType": "ml.c5.large", "InferenceSpecificationName": "compiled"}]
    assert expand(given)[0].inference_specification_name == "compiled"


def test_equal_vcpus_share_one_measurement_on_the_least_memory() -> None:
    tests = [Candidate("roomy"), Candidate("large"), Candidate("small")]
    assert leaders(tests, vcpus=vcpus, memory=memory) == [2, 1, 2]


def test_another_environment_is_measured_for_itself() -> None:
    tests = [Candidate("small", (("A", "1"),)), Candidate("roomy", (("A", "2"),))]
    assert leaders(tests, vcpus=vcpus, memory=memory) == [0, 1]


def test_another_specification_is_measured_for_itself() -> None:
    tests = [Candidate("small"), Candidate("roomy", (), "compiled")]
    assert leaders(tests, vcpus=vcpus, memory=memory) == [0, 1]


def test_a_default_job_keeps_to_what_the_package_supports() -> None:
    found = default_instance_types(
        ["ml.gpu", "ml.dear", "ml.cheap", "ml.unknown"],
        refusal=lambda name: "no GPU here" if name == "ml.gpu" else None,
        price=lambda name: {"ml.dear": 2.0, "ml.cheap": 1.0}.get(name),
    )
    assert found == ["ml.cheap", "ml.dear", "ml.unknown"]


def test_a_default_job_without_a_list_tries_the_documented_sizes() -> None:
    found = default_instance_types([], refusal=lambda _: None, price=lambda _: 1.0)
    assert sorted(found) == sorted(DEFAULT_TYPES)


def test_a_default_job_tries_no_more_than_it_may() -> None:
    for most in (2, 0):
        found = default_instance_types([], refusal=lambda _: None, price=lambda _: 1.0, most=most)
        assert len(found) == most


def test_default_traffic_keeps_to_the_teams_quotas() -> None:
    usual = default_traffic(TrafficLimits(60, 120, 3600))
    assert usual["Phases"] == [
        {"InitialNumberOfUsers": 1, "SpawnRate": 60, "DurationInSeconds": 120}
    ]
    narrow = default_traffic(TrafficLimits(3, 5, 30))["Phases"][0]
    assert (narrow["SpawnRate"], narrow["DurationInSeconds"]) == (3, 30)
