"""Members that are kept as AWS names them are of the types that AWS gives them.

The AWS API reads them so; REST and pages bring them as plain JSON. What is of another type could be
kept, and then neither described nor shown.
"""

from functools import lru_cache
from typing import Any

from botocore.model import Shape

from consoleapp.accounts.errors import ValidationFailed
from consoleapp.aws import services, values
from consoleapp.aws.faults import SerializationFailed


def check(value: Any, shape: str, member: str) -> None:
    """`shape`: its name in SageMaker's model. Raises ValidationFailed."""
    try:
        values.read(value, _shape(shape))
    except SerializationFailed as refused:
        raise ValidationFailed(f"{member}: {refused.message}", field=member) from None


@lru_cache
def _shape(name: str) -> Shape:
    return services.model("sagemaker").shape_for(name)
