"""An invocation that is captured: an exchange that keeps what was sent and what was answered.

Only what the model answered with success is captured. Bodies are kept by reference.
"""

import time
import uuid
from typing import Final

from endpoints.capture.record import Record
from endpoints.gateway.admission import Admitted
from endpoints.gateway.answer import AnswerHead
from endpoints.gateway.exchange import Client, Exchange
from endpoints.gateway.fleet import LiveRoute, LiveVariant
from endpoints.gateway.refusals import BODY_LIMIT, Refusal

#: What a piece costs beside its bytes.
_PIECE_SIZE: Final = 64


class CapturedExchange(Exchange):
    __slots__ = ("_at", "_event_id", "_held", "_is_lost", "_pieces", "_size", "_type")

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
        # Of an answer that comes in pieces
        self._pieces: list[bytes] | None = None
        self._size = 0
        self._held = 0
        self._is_lost = False
        self._type = b""

    def answered(self, answer: AnswerHead, body: bytes) -> None:
        super().answered(answer, body)
        # A stream that came at once went out as a piece.
        self._let_go()
        if answer.is_success:
            self._capture(body, _content_type(answer))

    def begin(self, answer: AnswerHead) -> None:
        super().begin(answer)
        if answer.is_success:
            self._pieces = []
            self._type = _content_type(answer)

    def more(self, piece: bytes) -> None:
        super().more(piece)
        capture = self._variant.capture
        if self._pieces is None or self._is_lost or capture is None or not capture.plan.output:
            return
        self._size += len(piece)
        held = len(piece) + _PIECE_SIZE
        if self._size > BODY_LIMIT or not capture.hold(held):
            self._is_lost = True
            return
        self._held += held
        self._pieces.append(piece)

    def end(self) -> None:
        super().end()
        pieces, capture = self._pieces, self._variant.capture
        if pieces is None or capture is None:
            return
        self._let_go()
        if self._is_lost:
            capture.lose()
        else:
            self._capture(b"".join(pieces), self._type)

    def _fail(self, status: int, refusal: Refusal) -> None:
        super()._fail(status, refusal)
        self._let_go()

    def _let_go(self) -> None:
        self._pieces = None
        if self._held and self._variant.capture is not None:
            self._variant.capture.release(self._held)
            self._held = 0

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
