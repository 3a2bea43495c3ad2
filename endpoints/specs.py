"""What callers ask for, as values: variants in AWS's members and back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from consoleapp.accounts.errors import ValidationFailed

#: Members that are told from their columns; the others are kept and told as they came.
_KNOWN: Final = frozenset(
    {
        "VariantName",
        "ModelName",
        "InstanceType",
        "InitialInstanceCount",
        "InitialVariantWeight",
        "ServerlessConfig",
    }
)
#: What holds where neither timeout is named.
HEALTH_CHECK_S: Final = 240
DOWNLOAD_S: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantSpec:
    """One entry of ProductionVariants or ShadowProductionVariants."""

    name: str
    model_name: str
    instance_type: str = ""
    instance_count: int = 1
    weight: float = 1.0
    serverless_config: Mapping[str, Any] | None = None
    shadow: bool = False
    #: Container environment on top of the model's.
    environment: Mapping[str, str] = field(default_factory=dict)
    health_check_timeout_s: int = HEALTH_CHECK_S
    download_timeout_s: int = DOWNLOAD_S
    other: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_aws(cls, member: Mapping[str, Any], *, shadow: bool = False) -> Self:
        """Raises ValidationFailed when a member has a wrong type."""
        try:
            return cls(
                name=str(member["VariantName"]),
                model_name=str(member.get("ModelName", "")),
                instance_type=str(member.get("InstanceType", "")),
                instance_count=int(member.get("InitialInstanceCount", 1)),
                weight=float(member.get("InitialVariantWeight", 1.0)),
                serverless_config=member.get("ServerlessConfig"),
                shadow=shadow,
                health_check_timeout_s=int(
                    member.get("ContainerStartupHealthCheckTimeoutInSeconds", HEALTH_CHECK_S)
                ),
                download_timeout_s=int(member.get("ModelDataDownloadTimeoutInSeconds", DOWNLOAD_S)),
                other={key: value for key, value in member.items() if key not in _KNOWN},
            )
        except KeyError:
            raise ValidationFailed(
                "Each production variant needs a VariantName.", field="ProductionVariants"
            ) from None
        except (TypeError, ValueError) as problem:
            raise ValidationFailed(
                f"A production variant has a member of the wrong type: {problem}.",
                field="ProductionVariants",
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightAndCapacity:
    """One entry of DesiredWeightsAndCapacities: None leaves that side as it is."""

    variant: str
    weight: float | None = None
    instance_count: int | None = None
