"""Clients that invoke an endpoint without a pause, with the AWS SDK, and note each answer."""

import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Self

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.live import Console

ROW = ",".join(["1.0"] * 30)


def client(console: Console, service: str) -> Any:
    """Without retries: what is lost must be seen."""
    told = console.credentials
    session = boto3.Session(
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
        region_name=told["AWS_DEFAULT_REGION"],
    )
    config = Config(retries={"max_attempts": 1, "mode": "standard"}, tcp_keepalive=True)
    return session.client(service, endpoint_url=told["AWS_ENDPOINT_URL"], config=config)


@dataclass(frozen=True, slots=True)
class Answer:
    """`variant` is empty where the answer does not name it. `status`: 200, or the model's own."""

    at: float
    variant: str
    status: int
    error: str = ""


class Traffic:
    """Closed-loop clients in threads: `with Traffic(console, "endpoint") as load: ...`."""

    def __init__(self, console: Console, endpoint: str, *, clients: int = 16) -> None:
        self.endpoint = endpoint
        self.answers: list[Answer] = []
        self._over = threading.Event()
        self._runtimes = [client(console, "sagemaker-runtime") for _ in range(clients)]
        self._threads = [
            threading.Thread(target=self._invoke, args=(runtime,), daemon=True)
            for runtime in self._runtimes
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(70)
        for runtime in self._runtimes:
            runtime.close()

    def _invoke(self, runtime: Any) -> None:
        while not self._over.is_set():
            self.answers.append(self._answer(runtime))

    def _answer(self, runtime: Any) -> Answer:
        try:
            told = runtime.invoke_endpoint(
                EndpointName=self.endpoint, ContentType="text/csv", Body=ROW
            )
            told["Body"].read()
        except ClientError as refused:
            status = refused.response.get("OriginalStatusCode") or 0
            return Answer(time.time(), "", int(status), str(refused)[:300])
        except BotoCoreError as lost:
            return Answer(time.time(), "", 0, f"{type(lost).__name__}: {lost}"[:300])
        return Answer(time.time(), told["InvokedProductionVariant"], 200)

    def between(self, start: float, end: float) -> list[Answer]:
        return [answer for answer in list(self.answers) if start <= answer.at < end]

    def failures(self) -> Counter[str]:
        return Counter(answer.error for answer in list(self.answers) if answer.status != 200)

    def wait_for(self, invocations: int, *, timeout_s: float = 120) -> None:
        """Until so many more have been answered."""
        wanted = len(self.answers) + invocations
        deadline = time.monotonic() + timeout_s
        while len(self.answers) < wanted:
            assert time.monotonic() < deadline, f"{len(self.answers)} of {wanted} answered"
            time.sleep(0.05)
