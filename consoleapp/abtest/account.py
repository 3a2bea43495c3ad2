"""The console as an AWS account: boto3 clients with the keys of credentials.env, and no others."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from botocore.exceptions import BotoCoreError, ClientError

from consoleapp.accounts.bootstrap import read_credentials
from consoleapp.demo.client import Console, DemoFailed
from consoleapp.storage import clients

_USERS: Final = 8
FAULTS: Final = (BotoCoreError, ClientError)


@dataclass(frozen=True, slots=True)
class Account:
    """Everything a script has: the AWS clients, REST, and who one is."""

    console: Console
    account_id: str
    sagemaker: Any
    runtime: Any
    s3: Any
    cloudwatch: Any

    @classmethod
    def from_credentials(cls, path: Path) -> Self:
        """Raises DemoFailed when no console runs there."""
        told, console = read_credentials(path), Console.from_credentials(path)
        if told is None or console is None or not console.healthy():
            raise DemoFailed("no console is running with this STATE_DIR: start it with make up")
        made = {
            name: clients.make(
                service,
                endpoint_url=told.endpoint_url,
                key_id=told.access_key_id,
                secret=told.secret_access_key,
                region=told.region,
            )
            for name, service in (
                ("sagemaker", "sagemaker"),
                ("runtime", "sagemaker-runtime"),
                ("s3", "s3"),
                ("cloudwatch", "cloudwatch"),
            )
        }
        return cls(console=console, account_id=console.get("/whoami")["account_id"], **made)

    @property
    def bucket(self) -> str:
        return f"sagemaker-{self.sagemaker.meta.region_name}-{self.account_id}"

    def invoke(
        self, endpoint: str, rows: Sequence[bytes], *, target: str | None = None
    ) -> Counter[str]:
        """How many of these rows each variant answered, as the answers name it."""
        extra = {"TargetVariant": target} if target else {}

        def one(row: bytes) -> str:
            answer = self.runtime.invoke_endpoint(
                EndpointName=endpoint, ContentType="text/csv", Body=row, **extra
            )
            answer["Body"].read()
            return str(answer["InvokedProductionVariant"])

        with ThreadPoolExecutor(_USERS) as pool:
            return Counter(pool.map(one, rows))

    def counted(self, endpoint: str, variant: str, since: datetime) -> int:
        """The Invocations metric of a variant, as CloudWatch sums it."""
        answer = self.cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName="Invocations",
            Dimensions=[
                {"Name": "EndpointName", "Value": endpoint},
                {"Name": "VariantName", "Value": variant},
            ],
            StartTime=since - timedelta(seconds=60),
            EndTime=datetime.now(UTC) + timedelta(seconds=60),
            Period=60,
            Statistics=["Sum"],
        )
        return int(sum(point["Sum"] for point in answer["Datapoints"]))
