"""Answers and errors as each protocol writes them, by the output shape."""

import json
import math
import re
import struct
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from xml.sax.saxutils import escape

import cbor2
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from consoleapp.aws.faults import Fault


class Protocol(StrEnum):
    JSON = "json"
    CBOR = "cbor"
    QUERY = "query"


_CBOR_EPOCH_TAG: Final = 1
#: XML 1.0 cannot hold these, not even escaped.
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def body(protocol: Protocol, operation: OperationModel, result: Any, request_id: str) -> bytes:
    """A successful answer. `result` has the output shape's members; None members are left out."""
    shape = operation.output_shape
    if protocol is Protocol.QUERY:
        return _xml_answer(operation, result or {}, request_id)
    value = _plain(result or {}, shape, protocol) if shape is not None else {}
    if protocol is Protocol.CBOR:
        return cbor2.dumps(value)
    return json.dumps(value, separators=(",", ":")).encode()


def content_type(protocol: Protocol, json_version: str = "1.1") -> str:
    if protocol is Protocol.JSON:
        return f"application/x-amz-json-{json_version}"
    return "application/cbor" if protocol is Protocol.CBOR else "text/xml"


def error_body(protocol: Protocol, fault: Fault, request_id: str) -> bytes:
    if protocol is Protocol.QUERY:
        kind = "Sender" if fault.status < 500 else "Receiver"
        return (
            f"<ErrorResponse><Error><Type>{kind}</Type><Code>{_xml_safe(fault.code)}</Code>"
            f"<Message>{_xml_safe(fault.message)}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        ).encode()
    told = {"__type": fault.code, "message": fault.message, "Message": fault.message}
    return cbor2.dumps(told) if protocol is Protocol.CBOR else json.dumps(told).encode()


def _plain(value: Any, shape: Shape, protocol: Protocol) -> Any:
    if isinstance(shape, StructureShape):
        return {
            member_shape.serialization.get("name", name): _plain(
                value[name], member_shape, protocol
            )
            for name, member_shape in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [_plain(each, shape.member, protocol) for each in value]
    if isinstance(shape, MapShape):
        return {key: _plain(each, shape.value, protocol) for key, each in value.items()}
    return _scalar(value, shape.type_name, protocol)


def _scalar(value: Any, kind: str, protocol: Protocol) -> Any:
    if kind == "timestamp":
        seconds = _epoch(value)
        return cbor2.CBORTag(_CBOR_EPOCH_TAG, seconds) if protocol is Protocol.CBOR else seconds
    if kind == "blob" and protocol is Protocol.JSON:
        return b64encode(value).decode()
    if kind == "float":
        # AWS keeps these in single precision: 0.69 reads 0.6899999976158142 on the wire.
        value = struct.unpack("f", struct.pack("f", value))[0]
    if kind in {"float", "double"} and protocol is Protocol.JSON and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value


def _epoch(value: Any) -> float:
    """Whole milliseconds, never rounded up: a row must not be older than what is told of it."""
    if not isinstance(value, datetime):
        return round(float(value), 3)
    whole = value.replace(microsecond=value.microsecond // 1000 * 1000)
    return round(whole.timestamp(), 3)


def _xml_safe(text: str) -> str:
    return escape(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def _xml_answer(operation: OperationModel, result: Mapping[str, Any], request_id: str) -> bytes:
    shape, name = operation.output_shape, operation.name
    wrapper = (shape.serialization.get("resultWrapper") if shape else None) or f"{name}Result"
    inside = _xml_members(result, shape) if shape is not None else ""
    namespace = operation.service_model.metadata.get("xmlNamespace", "")
    return (
        f'<{name}Response xmlns="{namespace}"><{wrapper}>{inside}</{wrapper}>'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        f"</{name}Response>"
    ).encode()


def _xml_members(value: Mapping[str, Any], shape: StructureShape) -> str:
    return "".join(
        _xml(value[name], member, member.serialization.get("name", name))
        for name, member in shape.members.items()
        if value.get(name) is not None
    )


def _xml(value: Any, shape: Shape, tag: str) -> str:
    if isinstance(shape, StructureShape):
        return f"<{tag}>{_xml_members(value, shape)}</{tag}>"
    if isinstance(shape, ListShape):
        return _xml_list(value, shape, tag)
    if isinstance(shape, MapShape):
        entries = "".join(_xml_entry(key, each, shape) for key, each in value.items())
        return f"<{tag}>{entries}</{tag}>"
    return f"<{tag}>{_xml_safe(_xml_text(value, shape.type_name))}</{tag}>"


def _xml_entry(key: str, value: Any, shape: MapShape) -> str:
    key_tag = shape.key.serialization.get("name", "key")
    value_tag = shape.value.serialization.get("name", "value")
    return f"<entry>{_xml(key, shape.key, key_tag)}{_xml(value, shape.value, value_tag)}</entry>"


def _xml_list(value: Any, shape: ListShape, tag: str) -> str:
    if shape.serialization.get("flattened"):
        return "".join(_xml(each, shape.member, tag) for each in value)
    inner = shape.member.serialization.get("name", "member")
    return f"<{tag}>{''.join(_xml(each, shape.member, inner) for each in value)}</{tag}>"


def _xml_text(value: Any, kind: str) -> str:
    if kind == "timestamp":
        moment = datetime.fromtimestamp(_epoch(value), UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if kind == "boolean":
        return "true" if value else "false"
    return b64encode(value).decode() if isinstance(value, bytes) else str(value)
