"""What the gateway itself answers when a model does not: errors in AWS's JSON shape. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from consoleapp.aws.sigv4 import JSON_CODES, SignatureRefused
from endpoints.routing.table import EndpointRoute
from endpoints.wire.headers import HEAD_LIMIT

BODY_LIMIT: Final = 6 * 1024 * 1024
# AWS's Message shape ends there; a model's page-long traceback is in its log.
_QUOTE_LIMIT: Final = 2048
_STATUS_LINES: Final = {
    status: f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
    for status in (200, 400, 403, 404, 405, 408, 413, 424, 431, 500, 501, 503)
}
_TIMED_OUT: Final = (
    "Your invocation timed out while waiting for a response from container primary."
    " Review the latency metrics for each container in Amazon CloudWatch, resolve the issue,"
    " and try again."
)
EXITED: Final = "An error occurred while handling request as the model process exited."


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer: AWS's code, the HTTP status, the members of the JSON body."""

    status: int
    code: str
    members: Mapping[str, object] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return json.dumps(self.members).encode()

    def encode(self, request_id: bytes, *, keep_alive: bool) -> bytes:
        body = self.body
        return b"".join(
            (
                _STATUS_LINES[self.status],
                b"Content-Type: application/json\r\nx-amzn-ErrorType: ",
                self.code.encode(),
                b"\r\nx-amzn-RequestId: ",
                request_id,
                b"\r\nContent-Length: %d\r\n" % len(body),
                b"\r\n" if keep_alive else b"Connection: close\r\n\r\n",
                body,
            )
        )


def malformed(reason: str) -> Refusal:
    return Refusal(400, "ValidationError", {"Message": f"The request is not valid HTTP: {reason}."})


HEAD_TOO_LONG: Final = Refusal(
    431, "ValidationError", {"Message": f"HTTP headers exceeded {HEAD_LIMIT} bytes."}
)
BODY_TOO_LONG: Final = Refusal(
    413,
    "RequestEntityTooLargeException",
    {"Message": f"HTTP content length exceeded {BODY_LIMIT} bytes."},
)
NO_SUCH_OPERATION: Final = Refusal(
    404, "UnknownOperationException", {"Message": "The requested operation is not recognized."}
)
WRONG_TOKEN: Final = Refusal(
    403, "AccessDeniedException", {"message": "The console token is not this copy's."}
)
NOT_THERE_YET: Final = Refusal(
    501, "NotImplemented", {"Message": "InvokeEndpointAsync is not supported by this endpoint yet."}
)
INTERNAL: Final = Refusal(
    500, "InternalFailure", {"Message": "The request failed because of an internal error."}
)
OVERLOADED: Final = Refusal(
    503, "ServiceUnavailable", {"Message": "The gateway has too many connections. Try again."}
)


#: Headers that choose among what one container, or several, of an endpoint hold: the member of
#: InvokeEndpoint, and the kind of endpoint that has such a choice.
ELSEWHERE: Final = {
    b"x-amzn-sagemaker-target-model": ("TargetModel", "a multi-model endpoint"),
    b"x-amzn-sagemaker-target-container-hostname": (
        "TargetContainerHostname",
        "a multi-container endpoint",
    ),
    b"x-amzn-sagemaker-inference-component": (
        "InferenceComponentName",
        "an endpoint with inference components",
    ),
}

#: Headers whose length AWS bounds: the member of InvokeEndpoint, and how many characters it takes.
BOUNDED: Final = {
    b"x-amzn-sagemaker-custom-attributes": ("customAttributes", 1024),
    b"x-amzn-sagemaker-inference-id": ("inferenceId", 64),
}


def signature(refused: SignatureRefused) -> Refusal:
    return Refusal(403, JSON_CODES[refused.problem], {"message": refused.message})


def unknown_endpoint(name: str, account: str) -> Refusal:
    return validation(f"Endpoint {name} of account {account} not found.")


def unknown_variant(variant: str, endpoint: str) -> Refusal:
    return validation(f"Variant {variant} of endpoint {endpoint} not found.")


def of_another_kind(header: bytes, endpoint: str) -> Refusal:
    """To leave the header out would answer from another model than the one that was asked for."""
    member, kind = ELSEWHERE[header]
    return validation(f"{member} is for {kind}; endpoint {endpoint} is not one.")


def too_long(header: bytes, value: bytes) -> Refusal:
    member, most = BOUNDED[header]
    return validation(
        f"1 validation error detected: Value '{value.decode('latin-1')}' at '{member}' failed to"
        f" satisfy constraint: Member must have length less than or equal to {most}"
    )


def validation(message: str) -> Refusal:
    return Refusal(400, "ValidationError", {"Message": message})


def unavailable(message: str) -> Refusal:
    return Refusal(503, "ServiceUnavailable", {"Message": message})


def no_instance(variant: str) -> Refusal:
    return unavailable(f"No instance of variant {variant} can be reached. Try again.")


def all_busy(variant: str, limit: int) -> Refusal:
    return unavailable(
        f"Every instance of variant {variant} has {limit} invocations in flight. Try again."
    )


def model_error(route: EndpointRoute, status: int, answer: bytes | str) -> Refusal:
    """AWS's ModelError. A status of 0 means that there was no answer; `answer` then says why."""
    text = answer if isinstance(answer, str) else answer.decode("utf-8", "replace")
    quoted = text[:_QUOTE_LIMIT]
    kind = "client" if 400 <= status < 500 else "server"
    console = f"https://{route.region}.console.aws.amazon.com/cloudwatch/home"
    message = (
        f'Received {kind} error ({status}) from primary with message "{quoted}". See {console}'
        f"?region={route.region}#logEventViewer:group={route.log_group}"
        f" in account {route.account} for more information."
    )
    return Refusal(
        424,
        "ModelError",
        {
            "ErrorCode": f"{kind.upper()}_ERROR_FROM_MODEL",
            "LogStreamArn": f"arn:aws:logs:{route.region}:{route.account}"
            f":log-group:{route.log_group}",
            "Message": message,
            "OriginalMessage": quoted,
            "OriginalStatusCode": status,
        },
    )


def timed_out(route: EndpointRoute) -> Refusal:
    return model_error(route, 0, _TIMED_OUT)
