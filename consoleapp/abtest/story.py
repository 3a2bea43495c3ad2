"""The A/B story step by step: from two archives to all traffic on the better variant."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Any, Final

from consoleapp.abtest.account import Account
from consoleapp.abtest.folder import Contest
from consoleapp.demo.client import DemoFailed

VARIANTS: Final = ("Variant1", "Variant2")
_OVER: Final = {"COMPLETED", "FAILED", "STOPPED"}
_COUNTED_WITHIN_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Split:
    """What some traffic met: answers per variant, the weights, and CloudWatch's count of all."""

    answered: Mapping[str, int]
    weights: Mapping[str, float]
    counted: Mapping[str, int]


class Story:
    """Each method is one step, through the public APIs alone: what a user's script would call."""

    def __init__(
        self, account: Account, contest: Contest, *, instance_type: str, threshold: float
    ) -> None:
        self.account = account
        self.contest = contest
        self.instance_type = instance_type
        self.threshold = threshold
        self.began = datetime.now(UTC)
        self.name = f"ab-test-{self.began:%Y-%m-%d-%H-%M-%S}"
        self.prefix = f"ab-tests/{self.name}"
        self.models = [f"{self.name}-{number}" for number in (1, 2)]
        self.weights: dict[str, float] = dict.fromkeys(VARIANTS, 1.0)
        self._sent: Counter[str] = Counter()

    def create_models(self) -> list[tuple[str, str, str]]:
        """Uploads both archives and registers them: (model, archive, image)."""
        found = []
        for model, side in zip(self.models, self.contest.sides, strict=True):
            self._upload(side.archive.read_bytes(), f"{model}/model.tar.gz")
            self.account.sagemaker.create_model(
                ModelName=model,
                ExecutionRoleArn=f"arn:aws:iam::{self.account.account_id}:role/ab-test",
                PrimaryContainer={
                    "Image": side.image,
                    "ModelDataUrl": self._uri(f"{model}/model.tar.gz"),
                },
            )
            found.append((model, side.archive.name, side.image))
        return found

    def create_config(self) -> None:
        self.account.sagemaker.create_endpoint_config(
            EndpointConfigName=self.name,
            ProductionVariants=[
                {
                    "VariantName": variant,
                    "ModelName": model,
                    "InstanceType": self.instance_type,
                    "InitialInstanceCount": 1,
                    "InitialVariantWeight": 1.0,
                }
                for variant, model in zip(VARIANTS, self.models, strict=True)
            ],
        )

    def create_endpoint(self) -> float:
        """Until it is InService; answers the seconds that took."""
        began = time.monotonic()
        self.account.sagemaker.create_endpoint(EndpointName=self.name, EndpointConfigName=self.name)
        self._wait_in_service()
        return time.monotonic() - began

    def traffic(self, invocations: int) -> Split:
        """Sends sample rows by weight."""
        return self._split(self.account.invoke(self.name, self._rows(invocations)))

    def target(self, variant: str, invocations: int) -> Split:
        rows = self._rows(invocations)
        return self._split(self.account.invoke(self.name, rows, target=variant))

    def evaluate(self, on_progress: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
        """Through REST: AWS has no such call. Answers the finished evaluation."""
        self._upload(self.contest.test_set.read_bytes(), "test.csv")
        path = f"/endpoints/{self.name}/evaluations"
        wanted = {"test_set_uri": self._uri("test.csv"), "threshold": self.threshold}
        found: Mapping[str, Any] = self.account.console.post(path, wanted)
        while found["status"] not in _OVER:
            on_progress(found)
            time.sleep(0.3)
            found = self.account.console.get(f"{path}/{found['number']}")
        on_progress(found)
        if found["status"] != "COMPLETED":
            raise DemoFailed(f"the evaluation ended {found['status']}: {found['failure_reason']}")
        # They were invocations too, and CloudWatch counts them.
        self._sent.update({one["variant"]: one["rows_done"] for one in found["results"]})
        return found

    def set_weights(self, weights: Mapping[str, float]) -> None:
        self.account.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=self.name,
            DesiredWeightsAndCapacities=[
                {"VariantName": name, "DesiredWeight": weight} for name, weight in weights.items()
            ],
        )
        self._wait_in_service()
        self.weights = dict(weights)

    def delete(self) -> None:
        sagemaker = self.account.sagemaker
        sagemaker.delete_endpoint(EndpointName=self.name)
        sagemaker.get_waiter("endpoint_deleted").wait(
            EndpointName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )
        sagemaker.delete_endpoint_config(EndpointConfigName=self.name)
        for model in self.models:
            sagemaker.delete_model(ModelName=model)

    @contextmanager
    def deleting(self, *, wanted: bool) -> Iterator[None]:
        """Removes what was made at the end, however the story ends."""
        try:
            yield
        finally:
            if wanted:
                self.delete()

    def _wait_in_service(self) -> None:
        waiter = self.account.sagemaker.get_waiter("endpoint_in_service")
        waiter.wait(EndpointName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 900})

    def _rows(self, count: int) -> list[bytes]:
        rows = self.contest.samples or _unlabelled(self.contest.test_set.read_bytes())
        return list(islice(cycle(rows), count))

    def _split(self, answered: Counter[str]) -> Split:
        self._sent.update(answered)
        return Split(answered, self.weights, self._counted())

    def _counted(self) -> dict[str, int]:
        """CloudWatch's sums since the beginning, once they hold all that was sent."""
        deadline = time.monotonic() + _COUNTED_WITHIN_S
        while True:
            counted = {name: self.account.counted(self.name, name, self.began) for name in VARIANTS}
            if sum(counted.values()) >= self._sent.total() or time.monotonic() > deadline:
                return counted
            time.sleep(0.5)

    def _upload(self, content: bytes, key: str) -> None:
        bucket = self.account.bucket
        self.account.s3.put_object(Bucket=bucket, Key=f"{self.prefix}/{key}", Body=content)

    def _uri(self, key: str) -> str:
        return f"s3://{self.account.bucket}/{self.prefix}/{key}"


def _unlabelled(test_set: bytes) -> list[bytes]:
    """The label is the first column, as AWS's built-in algorithms have it."""
    return [line.partition(b",")[2] for line in test_set.splitlines() if line.strip()]
