"""What a person typed about guards, as Guards."""

from typing import Any

from endpoints.guards_form import GuardsForm
from endpoints.shifting.guards import Guards, NoData


def asked(**given: Any) -> Guards:
    form = GuardsForm(given, alarms=["errors"])
    assert form.is_valid(), form.errors
    return form.guards()


def test_nothing_typed_guards_nothing() -> None:
    assert asked() == Guards()
    assert not asked().reads_metrics


def test_percent_and_milliseconds_become_a_part_and_microseconds() -> None:
    assert asked(
        max_error_percent="2.5", max_latency_ms="40", latency_percentile="p90", alarms=["errors"]
    ) == Guards(
        max_error_rate=0.025, max_latency_us=40_000.0, latency_percentile="p90", alarms=("errors",)
    )


def test_what_too_little_data_means_is_asked_for() -> None:
    guards = asked(minimum_samples="3", no_data="RollBack")
    assert (guards.minimum_samples, guards.no_data) == (3, NoData.ROLL_BACK)


def test_an_alarm_that_is_not_there_is_no_choice() -> None:
    assert "alarms" in GuardsForm({"alarms": ["unknown"]}, alarms=["errors"]).errors
