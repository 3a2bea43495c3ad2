import pytest

from consoleapp.metrics.line import Sample
from endpoints.gateway.counters import VariantCounters


def taken(counters: VariantCounters, second: int = 100) -> dict[str, Sample]:
    return {sample.name: sample for sample in counters.take(second)}


def counters(instances: int = 1) -> VariantCounters:
    made = VariantCounters("123456789012", "us-east-1", "ep", "v1")
    made.instances = instances
    return made


def test_a_second_without_invocations_has_no_samples() -> None:
    assert taken(counters()) == {}


def test_a_sample_names_its_series() -> None:
    counted = counters()
    counted.answered(0.001, 0.002)
    sample = taken(counted)["Invocations"]
    assert (sample.account, sample.region) == ("123456789012", "us-east-1")
    assert sample.namespace == "AWS/SageMaker"
    assert sample.dimensions == {"EndpointName": "ep", "VariantName": "v1"}
    assert sample.second == 100


def test_latencies_are_microseconds_with_percentiles() -> None:
    counted = counters()
    for model_s in (0.001, 0.003):
        counted.answered(model_s, 0.004)
    seen = taken(counted)
    model, overhead = seen["ModelLatency"], seen["OverheadLatency"]
    assert (model.count, model.minimum, model.maximum) == (2, 1000, 3000)
    assert model.total == pytest.approx(4000)
    assert overhead.total == pytest.approx(4000)
    assert model.unit == "Microseconds"
    assert model.sketch is not None
    assert model.sketch.percentile(99) == pytest.approx(3000, rel=0.01)


def test_every_invocation_is_an_error_or_is_not() -> None:
    counted = counters(instances=2)
    counted.answered(0.001, 0.002)
    counted.failed(400, model_s=0.001, whole_s=0.002)
    counted.failed(500, model_s=0.001, whole_s=0.002)
    counted.failed(0, model_s=0.001, whole_s=0.002)
    counted.refused()
    seen = taken(counted)
    assert {name: (sample.count, sample.total) for name, sample in seen.items()} == {
        "Invocations": (5, 5),
        "InvocationsPerInstance": (5, 2.5),
        "Invocation4XXErrors": (5, 1),
        "Invocation5XXErrors": (5, 3),
        "InvocationModelErrors": (5, 3),
        "ModelLatency": (4, pytest.approx(4000)),
        "OverheadLatency": (4, pytest.approx(4000)),
    }
    assert seen["Invocation4XXErrors"].minimum == 0
    assert seen["Invocation4XXErrors"].maximum == 1


def test_a_refused_invocation_has_no_latency() -> None:
    counted = counters()
    counted.refused()
    seen = taken(counted)
    assert "ModelLatency" not in seen
    assert seen["Invocation5XXErrors"].minimum == 1


def test_what_was_taken_is_not_taken_again() -> None:
    counted = counters()
    counted.answered(0.001, 0.002)
    kept = taken(counted)["ModelLatency"]
    counted.answered(0.005, 0.006)
    assert taken(counted)["Invocations"].total == 1
    assert kept.sketch is not None
    assert kept.sketch.count == 1


def test_a_fleet_on_its_way_in_is_counted_by_its_configuration_too() -> None:
    counted = VariantCounters("123456789012", "us-east-1", "ep", "v1", config="green")
    counted.answered(0.001, 0.002)
    counted.failed(500, model_s=0.001, whole_s=0.002)
    seen = [
        (one.name, one.total) for one in counted.take(100) if "EndpointConfigName" in one.dimensions
    ]
    counted.answered(0.001, 0.002)
    counted.failed(500, model_s=0.001, whole_s=0.002)
    plain = [
        (one.name, one.total)
        for one in counted.take(101)
        if "EndpointConfigName" not in one.dimensions
    ]
    assert seen == plain
    assert ("Invocation5XXErrors", 1) in seen
    assert taken(counted) == {}
