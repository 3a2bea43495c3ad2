"""When an alarm changes its state: the tables of CloudWatch's user guide, row by row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleapp.metrics.alarm_rule import COMPARISONS, TREATMENTS, Rule, decide, enough_samples

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
# Columns: missing, ignore, breaching, notBreaching. KEEP: "Retain current state".
KEEP = None
UNKNOWN = "INSUFFICIENT_DATA"
THREE_OF_THREE = [
    ("0 - X - X", "OK", "OK", "OK", "OK"),
    ("0 - - - -", "OK", "OK", "OK", "OK"),
    ("- - - - -", UNKNOWN, KEEP, "ALARM", "OK"),
    ("0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("- - X - -", "ALARM", KEEP, "ALARM", "OK"),
]
TWO_OF_THREE = [
    ("0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 - X - -", "OK", "OK", "ALARM", "OK"),
    ("- - - - 0", "OK", "OK", "ALARM", "OK"),
    ("- - - X -", "ALARM", KEEP, "ALARM", "OK"),
]
CASES = [
    (needed, pattern, treatment, state)
    for needed, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
    for pattern, *states in table
    for treatment, state in zip(
        ("missing", "ignore", "breaching", "notBreaching"), states, strict=True
    )
]


def points(pattern: str) -> list[float | None]:
    return [{"0": 0.0, "X": 5.0, "-": None}[sign] for sign in pattern.split()]


def rule(needed: int = 3, treatment: str = "missing", **changes) -> Rule:
    return Rule("GreaterThanThreshold", 1.0, 3, needed, treatment, **changes)


@pytest.mark.parametrize(("needed", "pattern", "treatment", "state"), CASES)
def test_it_decides_as_the_user_guide_says(needed, pattern, treatment, state) -> None:
    assert decide(points(pattern), rule(needed, treatment)).state == state


def test_the_range_of_the_tables_is_two_periods_longer_than_what_is_judged() -> None:
    assert rule().range_periods == 5


@pytest.mark.parametrize("pattern", ["- - - - X", "- - - X -"])
def test_a_first_breach_is_not_yet_an_alarm_when_three_are_needed(pattern: str) -> None:
    assert decide(points(pattern), rule(3)).state is KEEP


def test_one_breach_is_an_alarm_when_one_is_needed() -> None:
    assert decide(points("- - - - X"), rule(1)).state == "ALARM"


@pytest.mark.parametrize(
    ("comparison", "value", "state"),
    [
        ("GreaterThanThreshold", 1.0, "OK"),
        ("GreaterThanOrEqualToThreshold", 1.0, "ALARM"),
        ("LessThanThreshold", 1.0, "OK"),
        ("LessThanOrEqualToThreshold", 1.0, "ALARM"),
        ("LessThanThreshold", 0.9, "ALARM"),
        ("GreaterThanThreshold", 1.1, "ALARM"),
    ],
)
def test_each_comparison_meets_the_threshold_its_own_way(comparison, value, state) -> None:
    assert decide([value], Rule(comparison, 1.0, 1, 1)).state == state


def test_the_reason_says_what_was_seen() -> None:
    verdict = decide(points("0 X X X X"), rule())
    assert verdict.judged == (5.0, 5.0, 5.0)
    assert verdict.reason == (
        "Threshold crossed: 3 out of the last 3 datapoints [5, 5, 5] were greater than"
        " the threshold (1)."
    )
    assert "was not greater than the threshold" in decide(points("X X 0 X X"), rule()).reason


def test_the_reason_says_what_was_missing() -> None:
    assert decide(points("- - - - -"), rule()).reason == "3 datapoints were unknown."
    told = decide(points("- - - - -"), rule(3, "breaching")).reason
    assert told == "3 datapoints were unknown, treated as breaching."
    told = decide(points("0 - X - -"), rule(2, "breaching")).reason
    assert "1 datapoint was missing, treated as breaching" in told


VALUES = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=5, max_size=5)


@given(VALUES, st.sampled_from(TREATMENTS), st.sampled_from(sorted(COMPARISONS)))
def test_three_real_datapoints_make_the_treatment_of_missing_ones_irrelevant(
    datapoints, treatment, comparison
) -> None:
    if sum(value is not None for value in datapoints) < 3:
        return
    states = {
        decide(datapoints, Rule(comparison, 0.0, 3, 2, treated)).state for treated in TREATMENTS
    }
    assert len(states) == 1
    assert states <= {"OK", "ALARM"}


@given(VALUES, st.sampled_from(TREATMENTS), st.integers(1, 3))
def test_treating_missing_as_breaching_is_never_calmer_than_any_other(
    datapoints, treatment, needed
) -> None:
    if decide(datapoints, rule(needed, treatment)).state == "ALARM":
        breaching = decide(datapoints, rule(needed, "breaching")).state
        all_breach = [value for value in datapoints if value is not None and value <= 1.0] == []
        assert breaching == "ALARM" or (treatment == "missing" and all_breach)


@pytest.mark.parametrize(
    ("percent", "samples"), [(99.0, 1000), (90.0, 100), (50.0, 20), (10.0, 100), (0.0, 0)]
)
def test_a_rarer_percentile_needs_more_samples(percent: float, samples: float) -> None:
    assert enough_samples(percent) == pytest.approx(samples)
