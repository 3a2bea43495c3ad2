"""What a DataCaptureConfig asks for."""

from typing import Any

import pytest

from endpoints.capture.plan import Plan


def config(**changes: Any) -> dict[str, Any]:
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": 20,
        "DestinationS3Uri": "s3://bucket/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        **changes,
    }


def test_both_sides_are_captured_where_both_are_named() -> None:
    plan = Plan.read(config())
    assert plan is not None
    assert (plan.uri, plan.percent) == ("s3://bucket/captured", 20.0)
    assert (plan.input, plan.output) == (True, True)


@pytest.mark.parametrize(
    ("mode", "sides"),
    [("Input", (True, False)), ("Output", (False, True)), ("InputAndOutput", (True, True))],
)
def test_a_mode_names_its_sides(mode: str, sides: tuple[bool, bool]) -> None:
    plan = Plan.read(config(CaptureOptions=[{"CaptureMode": mode}]))
    assert plan is not None
    assert (plan.input, plan.output) == sides


@pytest.mark.parametrize(
    "off", [None, {}, config(EnableCapture=False), config(InitialSamplingPercentage=0)]
)
def test_nothing_is_captured_unless_it_is_asked_for(off: dict[str, Any] | None) -> None:
    assert Plan.read(off) is None


def test_capture_is_enabled_unless_it_says_otherwise() -> None:
    without = config()
    del without["EnableCapture"]
    assert Plan.read(without) is not None


def test_content_types_are_told_apart_whatever_their_case() -> None:
    types = {"CsvContentTypes": ["Text/CSV"], "JsonContentTypes": ["application/json"]}
    plan = Plan.read(config(CaptureContentTypeHeader=types))
    assert plan is not None
    assert (plan.csv, plan.json) == ({"text/csv"}, {"application/json"})


def test_what_is_no_configuration_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON|Expecting"):
        Plan.of_text("{")
    with pytest.raises(KeyError):
        Plan.read({"EnableCapture": True})
