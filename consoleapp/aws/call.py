"""Reads which operation a request calls, in which protocol, and with what input."""

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import cbor2
from botocore.model import OperationModel

from consoleapp.aws import constraints, forms, services, values
from consoleapp.aws.answers import Protocol
from consoleapp.aws.faults import NotImplementedHere, SerializationFailed, UnknownOperation

#: zlib's word for a stream with gzip's own head.
_GZIP: Final = 31
_CBOR_PATH: Final = re.compile(r"^/service/([^/]+)/operation/([^/]+)$")


@dataclass(frozen=True, slots=True)
class Called:
    """The name of what is called; `body` is not read yet."""

    protocol: Protocol
    service: str
    name: str
    body: bytes
    json_version: str = "1.1"

    @property
    def model(self) -> OperationModel | None:
        return services.operation(self.service, self.name)

    @property
    def operation(self) -> OperationModel:
        """Raises UnknownOperation when AWS has none of this name."""
        found = self.model
        if found is None:
            raise UnknownOperation(f"The operation {self.name} does not exist in {self.service}.")
        return found

    def params(self) -> dict[str, Any]:
        """The input, read by shape and checked. Raises SerializationFailed or ValidationFailed."""
        shape = self.operation.input_shape
        if shape is None:
            return {}
        params: dict[str, Any] = values.read(self._raw(), shape)
        constraints.check(params, shape)
        return params

    def _raw(self) -> Any:
        if self.protocol is Protocol.QUERY:
            shape = self.operation.input_shape
            return forms.nested(forms.parse(self.body), shape) if shape else {}
        if self.protocol is Protocol.CBOR:
            return _cbor(self.body)
        return _json(self.body)


def protocol_of(headers: Mapping[str, str]) -> Protocol:
    """In which protocol to answer, from the head alone: before, or without, reading the rest."""
    if "smithy-protocol" in headers:
        return Protocol.CBOR
    kind = headers.get("content-type", "")
    return Protocol.QUERY if kind.startswith("application/x-www-form-urlencoded") else Protocol.JSON


def unpacked(headers: Mapping[str, str], body: bytes, most: int) -> bytes:
    """The body without its Content-Encoding: SDKs compress what is long, as PutMetricData's.

    Raises SerializationFailed for what is not gzip, or more than `most` bytes.
    """
    if headers.get("content-encoding", "").strip().lower() != "gzip":
        return body
    inflate = zlib.decompressobj(wbits=_GZIP)
    try:
        found = inflate.decompress(body, most)
    except zlib.error:
        raise SerializationFailed("The request body is not valid gzip.") from None
    if not inflate.eof:
        # Cut short, or of what is still to come nobody knows how much it is.
        raise SerializationFailed(f"The request body is cut, or larger than {most} bytes.")
    return found


def read(path: str, headers: Mapping[str, str], body: bytes) -> Called:
    """Which operation is called. `headers` have lower-case names.

    Raises UnknownOperation when no service of ours is meant.
    """
    found = _CBOR_PATH.match(path)
    if found:
        return Called(Protocol.CBOR, _service(found.group(1)), found.group(2), body)
    target = headers.get("x-amz-target")
    if target is not None:
        prefix, _, name = target.rpartition(".")
        version = headers.get("content-type", "").rpartition("json-")[2][:3]
        return Called(Protocol.JSON, _service(prefix), name, body, version or "1.1")
    return _query(body)


def _service(target: str) -> str:
    service = services.BY_TARGET.get(target)
    if service is None:
        raise NotImplementedHere(f"The service '{target}' is not part of this console.")
    return service


def _query(body: bytes) -> Called:
    form = forms.parse(body)
    name, service = form.get("Action", ""), services.BY_VERSION.get(form.get("Version", ""))
    if not name:
        raise UnknownOperation("The request names no operation: neither X-Amz-Target nor Action.")
    if service is None:
        raise NotImplementedHere(
            f"{name} (version '{form.get('Version', '')}') is not part of this console."
        )
    return Called(Protocol.QUERY, service, name, body)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body or b"{}", parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise SerializationFailed("The request body is not valid JSON.") from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _cbor(body: bytes) -> Any:
    try:
        return cbor2.loads(body) if body else {}
    except (cbor2.CBORDecodeError, ValueError, RecursionError):
        raise SerializationFailed("The request body is not valid CBOR.") from None
