"""AWS's constraints, checked in AWS's words."""

from typing import Any

import pytest

from consoleapp.accounts.errors import ValidationFailed
from consoleapp.aws import constraints, services
from consoleapp.aws.dispatch import operations


def patterns() -> dict[str, str]:
    """Every pattern in the inputs of the operations that we answer."""
    found: dict[str, str] = {}

    def walk(shape: Any, seen: tuple[str, ...]) -> None:
        if shape is None or shape.name in seen:
            return
        if "pattern" in shape.metadata:
            found[shape.name] = shape.metadata["pattern"]
        for member in getattr(shape, "members", {}).values():
            walk(member, (*seen, shape.name))
        for part in ("member", "key", "value"):
            walk(getattr(shape, part, None), (*seen, shape.name))

    for service, table in operations().items():
        for name in table:
            walk(services.model(service).operation_model(name).input_shape, ())
    return found


def test_every_pattern_of_an_input_can_be_checked() -> None:
    found = patterns()
    assert len(found) > 50
    for pattern in found.values():
        constraints._compiled(pattern)


@pytest.mark.parametrize("text", ["endpoint/e/variant/v", "tab\tline\n", "\U0001f600"])
def test_a_pattern_written_with_surrogates_takes_every_letter(text: str) -> None:
    shape = services.model("application-autoscaling").shape_for("ResourceIdMaxLen1600")
    constraints.check({"ResourceId": text}, None)
    assert not list(constraints._violations(text, shape, "resourceId"))


def test_it_tells_every_violation_outermost_first() -> None:
    shape = services.model("sagemaker").operation_model("CreateModel").input_shape
    wrong = {"ModelName": "-", "Containers": [{"Image": "x" * 256, "Mode": "Both"}]}
    with pytest.raises(ValidationFailed) as caught:
        constraints.check(wrong, shape)
    text = caught.value.message
    assert text.startswith("3 validation errors detected: Value '-' at 'modelName' failed to")
    assert "at 'containers.1.member.image' failed to satisfy constraint: Member must have" in text
    assert "satisfy enum value set: [SingleModel, MultiModel]" in text


def test_a_missing_member_is_null_in_the_message() -> None:
    shape = services.model("sagemaker").operation_model("DescribeModel").input_shape
    with pytest.raises(ValidationFailed, match="Value null at 'modelName' failed to satisfy"):
        constraints.check({}, shape)
