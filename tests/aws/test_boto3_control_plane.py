"""The control plane through real boto3: what is created is described, listed, tagged, deleted."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.conftest import ClientOf

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:0.90-2-cpu-py3"
ROLE = "arn:aws:iam::123456789012:role/service"


@pytest.fixture
def name() -> str:
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def model(sagemaker: Any, name: str) -> Iterator[str]:
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": "s3://somewhere/model.tar.gz"},
        Tags=[{"Key": "stage", "Value": "test"}],
    )
    yield name
    sagemaker.delete_model(ModelName=name)


def test_a_model_is_described_as_it_was_created(sagemaker: Any, model: str) -> None:
    told = sagemaker.describe_model(ModelName=model)
    assert told["ModelArn"] == f"arn:aws:sagemaker:us-east-1:123456789012:model/{model}"
    assert told["PrimaryContainer"]["Image"] == IMAGE
    assert told["ExecutionRoleArn"] == ROLE
    assert told["CreationTime"].tzinfo is not None
    tags = sagemaker.list_tags(ResourceArn=told["ModelArn"])["Tags"]
    assert tags == [{"Key": "stage", "Value": "test"}]


def test_the_same_name_twice_is_refused(sagemaker: Any, model: str) -> None:
    with pytest.raises(ClientError, match="Cannot create already existing model"):
        sagemaker.create_model(ModelName=model, PrimaryContainer={"Image": IMAGE})


def test_a_refused_tag_leaves_no_model_behind(sagemaker: Any, name: str) -> None:
    tags = [{"Key": f"k{n}", "Value": ""} for n in range(50)]
    sagemaker.create_model(ModelName=name, PrimaryContainer={"Image": IMAGE}, Tags=tags)
    arn = sagemaker.describe_model(ModelName=name)["ModelArn"]
    with pytest.raises(ClientError, match="at most 50 tags"):
        sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "one-more", "Value": ""}])
    assert len(sagemaker.list_tags(ResourceArn=arn)["Tags"]) == 50
    sagemaker.delete_model(ModelName=name)


def test_lists_are_paged_without_loss_or_repetition(sagemaker: Any, name: str) -> None:
    names = [f"{name}-{n:02}" for n in range(23)]
    for each in names:
        sagemaker.create_model(ModelName=each, PrimaryContainer={"Image": IMAGE})
    pages = sagemaker.get_paginator("list_models").paginate(
        NameContains=name, SortBy="Name", SortOrder="Ascending", MaxResults=5
    )
    found = [each["ModelName"] for page in pages for each in page["Models"]]
    assert found == names
    for each in names:
        sagemaker.delete_model(ModelName=each)


def test_a_forged_token_is_refused(sagemaker: Any) -> None:
    with pytest.raises(ClientError, match="NextToken"):
        sagemaker.list_models(NextToken="forged")


def test_an_endpoint_config_returns_its_variants_as_sent(
    sagemaker: Any, model: str, name: str
) -> None:
    variants = [
        {
            "VariantName": f"Variant{n}",
            "ModelName": model,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
            "InitialVariantWeight": float(n),
        }
        for n in (1, 3)
    ]
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    told = sagemaker.describe_endpoint_config(EndpointConfigName=name)["ProductionVariants"]
    assert [{key: each[key] for key in variants[0]} for each in told] == variants
    sagemaker.delete_endpoint_config(EndpointConfigName=name)


def test_versions_of_a_group_are_registered_listed_and_approved(sagemaker: Any, name: str) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    arns = [
        sagemaker.create_model_package(
            ModelPackageGroupName=name,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://somewhere/model.tar.gz"}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
            Domain="MACHINE_LEARNING",
            Task="CLASSIFICATION",
        )["ModelPackageArn"]
        for _ in range(2)
    ]
    assert [arn.rpartition("/")[2] for arn in arns] == ["1", "2"]
    sagemaker.update_model_package(ModelPackageArn=arns[1], ModelApprovalStatus="Approved")
    told = sagemaker.describe_model_package(ModelPackageName=arns[1])
    assert (told["ModelApprovalStatus"], told["Domain"]) == ("Approved", "MACHINE_LEARNING")
    listed = sagemaker.list_model_packages(ModelPackageGroupName=name)["ModelPackageSummaryList"]
    assert {each["ModelPackageVersion"] for each in listed} == {1, 2}
    with pytest.raises(ClientError, match="it has model packages"):
        sagemaker.delete_model_package_group(ModelPackageGroupName=name)
    for arn in arns:
        sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName=name)


@pytest.mark.parametrize("missing", ["describe_endpoint", "delete_endpoint"])
def test_the_endpoint_deleted_waiter_ends_on_a_missing_endpoint(
    sagemaker: Any, missing: str
) -> None:
    with pytest.raises(ClientError, match="Could not find endpoint"):
        getattr(sagemaker, missing)(EndpointName="was-never-there")
    sagemaker.get_waiter("endpoint_deleted").wait(
        EndpointName="was-never-there", WaiterConfig={"Delay": 1, "MaxAttempts": 2}
    )


def test_the_caller_is_the_team_s_account(aws: ClientOf) -> None:
    told = aws("sts").get_caller_identity()
    assert told["Account"] == "123456789012"
    assert told["Arn"].endswith(":assumed-role/console-admin/admin")


def test_a_role_is_made_found_and_given_a_policy(aws: ClientOf, name: str) -> None:
    iam = aws("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument='{"Version": "2012-10-17"}')
    assert made["Role"]["Arn"] == f"arn:aws:iam::123456789012:role/{name}"
    policy = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
    iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    found = iam.get_role(RoleName=name)["Role"]
    assert found["AssumeRolePolicyDocument"] == {"Version": "2012-10-17"}
    assert name in {each["RoleName"] for each in iam.list_roles()["Roles"]}
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert attached[0]["PolicyArn"] == policy
