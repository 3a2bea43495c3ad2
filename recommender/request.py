"""A typed reading of CreateInferenceRecommendationsJob's members, as far as they are given. Pure.

The dictionary itself stays what is stored and answered: nothing here changes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

JsonObject = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JobRequest:
    members: JsonObject

    @property
    def job_name(self) -> str:
        return str(self.members.get("JobName") or "")

    @property
    def job_type(self) -> str:
        return str(self.members.get("JobType") or "")

    @property
    def is_default(self) -> bool:
        return self.job_type == "Default"

    @property
    def input_config(self) -> JsonObject:
        return self.members.get("InputConfig") or {}

    @property
    def model_name(self) -> str:
        return str(self.input_config.get("ModelName") or "")

    @property
    def package_arn(self) -> str:
        return str(self.input_config.get("ModelPackageVersionArn") or "")

    @property
    def container_config(self) -> JsonObject:
        return self.input_config.get("ContainerConfig") or {}

    @property
    def endpoint_name(self) -> str:
        """The endpoint that the job brings (InputConfig.Endpoints), if any."""
        endpoints: Sequence[JsonObject] = self.input_config.get("Endpoints") or []
        return str(endpoints[0].get("EndpointName") or "") if endpoints else ""

    @property
    def configurations(self) -> list[JsonObject]:
        return list(self.input_config.get("EndpointConfigurations") or [])

    @property
    def traffic(self) -> JsonObject:
        return self.input_config.get("TrafficPattern") or {}

    @property
    def job_seconds(self) -> int | None:
        return self.input_config.get("JobDurationInSeconds") or None

    @property
    def max_tests(self) -> int | None:
        return self._resource_limit.get("MaxNumberOfTests")

    @property
    def max_parallel(self) -> int | None:
        return self._resource_limit.get("MaxParallelOfTests")

    @property
    def _resource_limit(self) -> JsonObject:
        return self.input_config.get("ResourceLimit") or {}

    @property
    def stopping(self) -> JsonObject:
        return self.members.get("StoppingConditions") or {}

    @property
    def max_invocations(self) -> int | None:
        """The wanted invocations per minute; None means: find the capacity."""
        return self.stopping.get("MaxInvocations")

    @property
    def latency_threshold(self) -> tuple[str, int] | None:
        """(percentile such as "P95", milliseconds)."""
        thresholds = self.stopping.get("ModelLatencyThresholds") or []
        if not thresholds:
            return None
        first = thresholds[0]
        value = first.get("ValueInMilliseconds")
        return None if value is None else (str(first.get("Percentile") or "P99"), value)

    @property
    def latency_percentile(self) -> str:
        """The percentile that ModelLatency is: the threshold's, else P99."""
        thresholds = self.stopping.get("ModelLatencyThresholds") or [{}]
        return str(thresholds[0].get("Percentile") or "P99").upper()

    @property
    def flat_invocations(self) -> str:
        return str(self.stopping.get("FlatInvocations") or "Stop")
