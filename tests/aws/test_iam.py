"""IAM through boto3: roles and their policies, as scripts set them up before they deploy."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.conftest import ClientOf

FULL_ACCESS = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@pytest.fixture(scope="module")
def iam(aws: ClientOf) -> Any:
    return aws("iam")


@pytest.fixture
def role(iam: Any) -> Iterator[str]:
    name = f"r-{uuid.uuid4().hex[:10]}"
    iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps(TRUST),
        Tags=[{"Key": "stage", "Value": "test"}],
    )
    yield name
    for each in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=each["PolicyArn"])
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


def test_a_script_makes_its_role_or_takes_the_one_that_is_there(iam: Any, role: str) -> None:
    def again() -> Any:
        iam.create_role(RoleName=role.upper(), AssumeRolePolicyDocument=json.dumps(TRUST))

    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        again()
    found = iam.get_role(RoleName=role)["Role"]
    assert found["AssumeRolePolicyDocument"] == TRUST
    assert found["Tags"] == [{"Key": "stage", "Value": "test"}]


def test_a_missing_role_is_missing_in_iam_s_words(iam: Any) -> None:
    missing = "nobody"
    for call in (
        lambda: iam.get_role(RoleName=missing),
        lambda: iam.delete_role(RoleName=missing),
        lambda: iam.attach_role_policy(RoleName=missing, PolicyArn=FULL_ACCESS),
        lambda: iam.put_role_policy(RoleName=missing, PolicyName="p", PolicyDocument="{}"),
        lambda: iam.list_attached_role_policies(RoleName=missing),
        lambda: iam.list_role_tags(RoleName=missing),
    ):
        assert code_of(call) == "NoSuchEntity"
    with pytest.raises(iam.exceptions.NoSuchEntityException, match="role with name nobody"):
        iam.get_role(RoleName=missing)


def test_policies_hang_on_a_role_until_they_are_taken_off(iam: Any, role: str) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*"}]}
    iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=json.dumps(document))
    told = iam.get_role_policy(RoleName=role, PolicyName="own")
    assert (told["PolicyName"], told["PolicyDocument"]) == ("own", document)
    iam.attach_role_policy(RoleName=role, PolicyArn=FULL_ACCESS)
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_role(RoleName=role)
    iam.detach_role_policy(RoleName=role, PolicyArn=FULL_ACCESS)
    assert code_of(lambda: iam.detach_role_policy(RoleName=role, PolicyArn=FULL_ACCESS)) == (
        "NoSuchEntity"
    )


def test_lists_of_policies_come_in_pages(iam: Any, role: str) -> None:
    names = [f"p{number}" for number in range(5)]
    for name in names:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument="{}")
    pages = iam.get_paginator("list_role_policies").paginate(
        RoleName=role, PaginationConfig={"PageSize": 2}
    )
    assert [name for page in pages for name in page["PolicyNames"]] == names


def test_trust_and_tags_are_changed(iam: Any, role: str) -> None:
    other = {"Version": "2012-10-17", "Statement": []}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(other))
    assert iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"] == other
    iam.tag_role(RoleName=role, Tags=[{"Key": "team", "Value": "a"}])
    iam.untag_role(RoleName=role, TagKeys=["stage"])
    assert iam.list_role_tags(RoleName=role)["Tags"] == [{"Key": "team", "Value": "a"}]


def test_what_is_no_policy_is_refused(iam: Any, role: str) -> None:
    assert (
        code_of(
            lambda: iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument="no json")
        )
        == "MalformedPolicyDocument"
    )
    assert (
        code_of(lambda: iam.create_role(RoleName=f"{role}-2", AssumeRolePolicyDocument="no json"))
        == "MalformedPolicyDocument"
    )
    assert (
        code_of(
            lambda: iam.attach_role_policy(RoleName=role, PolicyArn="AmazonSageMakerFullAccess")
        )
        == "InvalidInput"
    )


def test_a_stranger_finds_no_role(strangers: ClientOf, role: str) -> None:
    other = strangers("iam")
    assert code_of(lambda: other.get_role(RoleName=role)) == "NoSuchEntity"
    assert role not in {each["RoleName"] for each in other.list_roles()["Roles"]}
