"""An invocation that is captured: an exchange that keeps what was sent and what was answered.

Only what the model answered with success is captured. Bodies are kept by reference.
"""

import time
import uuid

from endpoints.capture.record import Record
from endpoints.gateway.admission import Admitted
from endpoints.gateway.answer import AnswerHead
from endpoints.gateway.exchange import Client, Exchange
from endpoints.gateway.fleet import LiveRoute, LiveVariant
from endpoints.gateway.refusals import BODY_LIMIT


class CapturedExchange(Exchange):
    __slots__ = ("_at", "_event_id", "_pieces", "_size", "_type")

    def __init__(
        self,
        route: LiveRoute,
        variant: LiveVariant,
        admitted: Admitted,
        body: bytes,
        client: Client | None,
        started: float,
    ) -> None:
        super().__init__(route, variant, admitted, body, client, started)
        self._at = time.time()
        # The id that the client was told, where there is one.
        self._event_id = client.request_id if client else str(uuid.uuid4()).encode()
        self._pieces: list[bytes] | None = None
        self._size = 0
        self._type = b""

    def answered(self, answer: AnswerHead, body: bytes) -> None:
        super().answered(answer, body)
        if answer.is_success:
            self._capture(body, _content_type(answer))

    def begin(self, answer: AnswerHead) -> None:
        super().begin(answer)
        if answer.is_success:
            self._pieces = []
            self._type = _content_type(answer)

    def more(self, piece: bytes) -> None:
        super().more(piece)
        if self._pieces is not None and self._size <= BODY_LIMIT and self._wants_output():
            self._size += len(piece)
            self._pieces.append(piece)

    def end(self) -> None:
        super().end()
        if self._pieces is None:
            return
        if self._size <= BODY_LIMIT:
            self._capture(b"".join(self._pieces), self._type)
        elif self._variant.capture is not None:
            self._variant.capture.lose()

    def _wants_output(self) -> bool:
        capture = self._variant.capture
        return capture is not None and capture.plan.output

    def _capture(self, output: bytes, output_type: bytes) -> None:
        capture = self._variant.capture
        if capture is None:
            return
        headers = self._admitted.head.headers
        plan = capture.plan
        capture.add(
            Record(
                at=self._at,
                event_id=self._event_id,
                input=self._body if plan.input else None,
                output=output if plan.output else None,
                input_type=headers.get(b"content-type", b""),
                output_type=output_type,
                inference_id=headers.get(b"x-amzn-sagemaker-inference-id", b""),
                custom_attributes=headers.get(b"x-amzn-sagemaker-custom-attributes", b""),
            )
        )


def _content_type(answer: AnswerHead) -> bytes:
    return answer.head.headers.get(b"content-type", b"")
