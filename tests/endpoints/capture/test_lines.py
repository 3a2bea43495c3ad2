"""AWS's line of a captured invocation.

Shape: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

import base64
import json
from typing import Any

from endpoints.capture.lines import line
from endpoints.capture.plan import Plan
from endpoints.capture.record import Record
from tests.endpoints.capture.test_plan import config

TYPES = {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]}
AT = 1_644_859_549.7


def plan(**changes: Any) -> Plan:
    read = Plan.read(config(CaptureContentTypeHeader=TYPES, **changes))
    assert read is not None
    return read


def shown(record: Record, how: Plan) -> Any:
    raw = line(record, how)
    assert raw.endswith(b"\n")
    assert raw.count(b"\n") == 1
    return json.loads(raw)


def test_a_csv_row_and_its_answer() -> None:
    record = Record(AT, b"an-id", b"1,2\n", b"0.5", b"text/csv", b"text/csv; charset=utf-8")
    assert shown(record, plan()) == {
        "captureData": {
            "endpointInput": {
                "observedContentType": "text/csv",
                "mode": "INPUT",
                "data": "1,2\n",
                "encoding": "CSV",
            },
            "endpointOutput": {
                "observedContentType": "text/csv; charset=utf-8",
                "mode": "OUTPUT",
                "data": "0.5",
                "encoding": "CSV",
            },
        },
        "eventMetadata": {"eventId": "an-id", "inferenceTime": "2022-02-14T17:25:49Z"},
        "eventVersion": "0",
    }


def test_json_stays_text() -> None:
    record = Record(
        AT, b"i", '{"a": "ü"}'.encode(), b"{}", b"application/json", b"APPLICATION/JSON"
    )
    captured = shown(record, plan())["captureData"]
    assert captured["endpointInput"]["data"] == '{"a": "ü"}'
    assert {side["encoding"] for side in captured.values()} == {"JSON"}


def test_another_type_and_one_that_is_no_text_are_base64() -> None:
    record = Record(AT, b"i", b"\x00\xff", b"\xff,1", b"application/x-npy", b"text/csv")
    captured = shown(record, plan())["captureData"]
    for side, body in (("endpointInput", b"\x00\xff"), ("endpointOutput", b"\xff,1")):
        assert captured[side]["encoding"] == "BASE64"
        assert base64.b64decode(captured[side]["data"]) == body


def test_without_listed_types_everything_is_base64() -> None:
    bare = Plan.read(config())
    assert bare is not None
    captured = shown(Record(AT, b"i", b"1", b"2", b"text/csv", b"text/csv"), bare)["captureData"]
    assert {side["encoding"] for side in captured.values()} == {"BASE64"}


def test_a_side_that_is_not_captured_is_not_there() -> None:
    record = Record(AT, b"i", b"1", None, b"text/csv")
    assert list(shown(record, plan())["captureData"]) == ["endpointInput"]


def test_what_the_caller_said_of_the_request_is_kept() -> None:
    record = Record(AT, b"i", b"1", b"2", inference_id=b"mine", custom_attributes=b"tenant=a")
    metadata = shown(record, plan())["eventMetadata"]
    assert (metadata["inferenceId"], metadata["customAttributes"]) == ("mine", ["tenant=a"])
