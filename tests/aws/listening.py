"""A listener of SNS topics: a real HTTP server of the test's own."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from tests.live import wait_for


class Listener:
    """A real HTTP server; it may refuse the first ones."""

    def __init__(self) -> None:
        self.seen: list[tuple[dict[str, str], str]] = []
        self.refuse = 0
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                if listener.refuse:
                    listener.refuse -= 1
                    self.send_error(503)
                    return
                listener.seen.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/messages"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of_kind(self, kind: str) -> list[tuple[dict[str, str], str]]:
        return [each for each in self.seen if each[0]["x-amz-sns-message-type"] == kind]

    def confirm(self) -> None:
        """As a listener does: it follows the address in the first message."""
        headers, body = wait_for(
            "the confirmation", lambda: self.of_kind("SubscriptionConfirmation")
        )[-1]
        told = json.loads(body)
        assert headers["x-amz-sns-topic-arn"] == told["TopicArn"]
        answer = httpx.get(told["SubscribeURL"], trust_env=False)
        assert answer.status_code == 200, answer.text
        assert "SubscriptionArn" in answer.text

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def subscribed(sns: Any, topic: str, listener: Listener, **attributes: str) -> str:
    told = sns.subscribe(
        TopicArn=topic, Protocol="http", Endpoint=listener.url, Attributes=attributes
    )
    assert told["SubscriptionArn"] == "pending confirmation"
    listener.confirm()
    (found,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    return str(found["SubscriptionArn"])
