"""Tests in words: phases, endings, and how they were measured."""

from datetime import UTC, datetime

import pytest

from recommender.loadtest.reading import ReadingKind
from recommender.loadtest.stop import StopReason
from recommender.models import JobStep
from recommender.views import tests_shown


def pairs(step: JobStep) -> dict[str, object]:
    return {pair["label"]: pair["value"] for pair in tests_shown.measured_pairs(step)}


def test_every_ending_and_reading_has_words_of_its_own() -> None:
    assert set(tests_shown.STOP_LABELS) == set(StopReason)
    assert set(tests_shown.READING_LABELS) == {kind.value for kind in ReadingKind}


@pytest.mark.parametrize(
    ("measured", "label", "text"),
    [
        ({"foreign_cpu_share": 0.012}, "Used by others, of the test's cores", "1.2%"),
        ({"cpu_utilization_percent": 193.14}, "CpuUtilization at the reading", "193.1%"),
        ({"memory_mib": 4096}, "Memory granted", "4,096 MiB"),
        ({"cores": [1, 2]}, "Its cores, by number", "1, 2"),
        ({"scale": 0.5}, "Scale", "50.0%"),
        ({"something_new_ms": 2.5}, "Something new", "2.5 ms"),
    ],
)
def test_measures_read_with_their_units(measured: dict, label: str, text: str) -> None:
    assert pairs(JobStep(measured=measured)) == {label: text}


def test_what_is_unknown_or_said_elsewhere_is_left_out() -> None:
    assert pairs(JobStep(measured={"cpu_granted": None, "cores": [], "attempt": 2})) == {}


def test_numbers_come_from_the_reading_once_there_is_one() -> None:
    live = {"users": 30, "invocations_per_minute": 900.0, "latency_us": 9000}
    running = tests_shown.shown(JobStep(live=live))
    assert (running.users, running.latency_us) == (30, 9000)
    reading = {"users": 11, "invocations_per_minute": 600.0, "model_latency_us": 4000}
    done = tests_shown.shown(JobStep(live=live, reading=reading))
    assert (done.users, done.invocations_per_minute, done.latency_us) == (11, 600.0, 4000)


READING = {"users": 11, "invocations_per_minute": 600.0, "model_latency_us": 4000}


@pytest.mark.parametrize(
    "ended",
    [
        {"status": "FAILED", "invalid_reason": "too busy", "reading": READING},
        {"status": "FAILED", "reading": {"kind": "nothing", "invocations_per_minute": None}},
        {"status": "STOPPED", "reading": None},
    ],
)
def test_a_test_without_a_result_shows_no_number(ended: dict) -> None:
    live = {"users": 30, "invocations_per_minute": 900.0, "latency_us": 9000}
    one = tests_shown.shown(JobStep(live=live, **ended))
    assert (one.users, one.invocations_per_minute, one.latency_us) == (None, None, None)


def test_why_prefers_what_someone_must_act_on() -> None:
    ended = {"stop_reason": "FlatInvocations"}
    assert tests_shown.shown(JobStep(**ended)).why == "Invocations levelled off"
    invalid = JobStep(**ended, invalid_reason="too busy")
    assert tests_shown.shown(invalid).why == "too busy"
    assert tests_shown.shown(invalid).status == "Invalid"


def test_a_waiting_test_says_whose_measurement_it_shares() -> None:
    leader = JobStep(pk=7, ordinal=1)
    one = tests_shown.shown(JobStep(phase="waiting", shares=leader))
    assert one.phase == "Shares the measurement of test 1"
    assert one.step.source is leader


def test_a_test_that_never_began_says_so() -> None:
    detail = "not scheduled: the job's duration of 12 s had passed"
    ended = {"status": "STOPPED", "stop_reason": "JobDurationInSeconds", "stop_detail": detail}
    assert tests_shown.shown(JobStep(**ended)).why == "N" + detail[1:]
    ended["traffic_started_at"] = datetime.now(UTC)
    assert tests_shown.shown(JobStep(**ended)).why == "Maximum duration reached"
