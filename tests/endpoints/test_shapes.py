"""Members in AWS's names that REST brings in types that are not AWS's."""

from typing import Any

import pytest
from django.test import Client

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from endpoints import shapes
from tests.endpoints.build import IMAGE

API = "/api/v1"


@pytest.mark.parametrize(
    "fine",
    [
        {"Image": "i", "Environment": {"A": "b"}, "NoMemberOfAws": [1]},
        {"ImageConfig": {"RepositoryAccessMode": "Platform"}, "MultiModelConfig": None},
    ],
)
def test_what_is_of_awss_types_is_taken_and_what_aws_does_not_know_is_left(
    fine: dict[str, Any],
) -> None:
    shapes.check(fine, "ContainerDefinition", "PrimaryContainer")


@pytest.mark.parametrize(
    "wrong",
    [
        {"ImageConfig": 5},
        {"ImageConfig": ["Platform"]},
        {"ModelDataSource": {"S3DataSource": "s3://a/b"}},
        {"AdditionalModelDataSources": [None]},
        {"Environment": []},
    ],
)
def test_what_is_of_another_type_is_refused_at_its_member(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed, match="PrimaryContainer: .* cannot be converted") as told:
        shapes.check(wrong, "ContainerDefinition", "PrimaryContainer")
    assert told.value.field == "PrimaryContainer"


def _post(client: Client, path: str, body: Any) -> Any:
    return client.post(f"{API}/{path}", body, content_type="application/json")


@pytest.mark.django_db
@pytest.mark.parametrize("odd", [{"ImageConfig": 5}, {"Environment": []}])
def test_no_model_holds_what_could_not_be_described(
    alice_client: Client, actor: Actor, odd: dict[str, Any]
) -> None:
    container = {"Image": IMAGE, **odd}
    for body in ({"primary_container": container}, {"containers": [container]}):
        assert _post(alice_client, "models", {"name": "m", **body}).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("specification", "members", "field"),
    [
        ({"SupportedContentTypes": 5}, {}, "InferenceSpecification"),
        ({}, {"CustomerMetadataProperties": ["a"]}, "members"),
        ({}, {"ModelMetrics": {"ModelQuality": "good"}}, "members"),
    ],
)
def test_no_version_holds_what_could_not_be_described(
    alice_client: Client,
    actor: Actor,
    specification: dict[str, Any],
    members: dict[str, Any],
    field: str,
) -> None:
    _post(alice_client, "model-package-groups", {"name": "g"})
    specification = {"Containers": [{"Image": IMAGE}], **specification}
    body = {"group_name": "g", "inference_specification": specification, "members": members}
    answer = _post(alice_client, "model-packages", body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
