"""A captured invocation as a line of AWS's JSON lines files. Pure."""

import base64
import json
from datetime import UTC, datetime
from typing import Any, Final

from endpoints.capture.plan import Plan
from endpoints.capture.record import Record

_VERSION: Final = "0"


def line(record: Record, plan: Plan) -> bytes:
    captured = {}
    if record.input is not None:
        captured["endpointInput"] = _side(record.input, record.input_type, "INPUT", plan)
    if record.output is not None:
        captured["endpointOutput"] = _side(record.output, record.output_type, "OUTPUT", plan)
    whole = {
        "captureData": captured,
        "eventMetadata": _metadata(record),
        "eventVersion": _VERSION,
    }
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _metadata(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = {"eventId": record.event_id.decode("latin-1")}
    if record.custom_attributes:
        found["customAttributes"] = [record.custom_attributes.decode("latin-1")]
    if record.inference_id:
        found["inferenceId"] = record.inference_id.decode("latin-1")
    found["inferenceTime"] = f"{datetime.fromtimestamp(record.at, UTC):%Y-%m-%dT%H:%M:%SZ}"
    return found


def _side(body: bytes, content_type: bytes, mode: str, plan: Plan) -> dict[str, str]:
    observed = content_type.decode("latin-1")
    encoding, data = _encoded(body, observed, plan)
    found = {"observedContentType": observed} if observed else {}
    return {**found, "mode": mode, "data": data, "encoding": encoding}


def _encoded(body: bytes, observed: str, plan: Plan) -> tuple[str, str]:
    media_type = observed.partition(";")[0].strip().lower()
    encoding = "CSV" if media_type in plan.csv else "JSON" if media_type in plan.json else ""
    if encoding:
        try:
            return encoding, body.decode()
        except UnicodeDecodeError:
            # It is not the text that it says it is: kept as it came all the same.
            pass
    return "BASE64", base64.b64encode(body).decode()
