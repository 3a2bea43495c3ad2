"""The model registry through boto3: every member that UpdateModelPackage changes."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

IMAGE = "inference-console/xgboost:3.2"


@pytest.fixture
def arn(sagemaker: Any) -> Iterator[str]:
    group = f"g-{uuid.uuid4().hex[:10]}"
    sagemaker.create_model_package_group(ModelPackageGroupName=group)
    made = sagemaker.create_model_package(
        ModelPackageGroupName=group,
        InferenceSpecification={"Containers": [{"Image": IMAGE, "Framework": "XGBOOST"}]},
        CustomerMetadataProperties={"team": "red", "stage": "one"},
    )["ModelPackageArn"]
    yield made
    sagemaker.delete_model_package(ModelPackageName=made)
    sagemaker.delete_model_package_group(ModelPackageGroupName=group)


def test_an_approval_comes_with_its_reason(sagemaker: Any, arn: str) -> None:
    sagemaker.update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="it is fast"
    )
    told = sagemaker.describe_model_package(ModelPackageName=arn)
    assert told["ModelApprovalStatus"] == "Approved"
    assert told["ApprovalDescription"] == "it is fast"


def test_properties_are_set_and_removed_one_by_one(sagemaker: Any, arn: str) -> None:
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        CustomerMetadataProperties={"stage": "two", "owner": "ann"},
        CustomerMetadataPropertiesToRemove=["team"],
    )
    told = sagemaker.describe_model_package(ModelPackageName=arn)
    assert told["CustomerMetadataProperties"] == {"stage": "two", "owner": "ann"}
    assert told["ModelApprovalStatus"] == "PendingManualApproval"


def test_specifications_are_added_and_replaced(sagemaker: Any, arn: str) -> None:
    more = {"Name": "large", "Containers": [{"Image": IMAGE}]}
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        AdditionalInferenceSpecificationsToAdd=[more],
        InferenceSpecification={"Containers": [{"Image": IMAGE, "Framework": "SKLEARN"}]},
        SourceUri="s3://somewhere/source",
        ModelLifeCycle={"Stage": "Development", "StageStatus": "PendingApproval"},
    )
    told = sagemaker.describe_model_package(ModelPackageName=arn)
    assert told["AdditionalInferenceSpecifications"] == [more]
    assert told["InferenceSpecification"]["Containers"][0]["Framework"] == "SKLEARN"
    assert told["SourceUri"] == "s3://somewhere/source"
    assert told["ModelLifeCycle"]["Stage"] == "Development"


def test_a_refused_change_changes_nothing(sagemaker: Any, arn: str) -> None:
    before = sagemaker.describe_model_package(ModelPackageName=arn)
    with pytest.raises(ClientError):
        sagemaker.update_model_package(
            ModelPackageArn=arn,
            ModelApprovalStatus="Approved",
            InferenceSpecification={"Containers": [{"ModelDataUrl": "s3://no/image"}]},
        )
    after = sagemaker.describe_model_package(ModelPackageName=arn)
    assert before["ModelApprovalStatus"] == after["ModelApprovalStatus"]
    assert before["LastModifiedTime"] == after["LastModifiedTime"]


def test_a_model_tells_which_instance_types_to_try(sagemaker: Any) -> None:
    name = f"m-{uuid.uuid4().hex[:10]}"
    sagemaker.create_model(ModelName=name, PrimaryContainer={"Image": IMAGE})
    told = sagemaker.describe_model(ModelName=name)["DeploymentRecommendation"]
    assert told["RecommendationStatus"] == "COMPLETED"
    types = [each["InstanceType"] for each in told["RealTimeInferenceRecommendations"]]
    assert 1 <= len(types) <= 3
    assert all(each.startswith("ml.") for each in types)
    sagemaker.delete_model(ModelName=name)


def test_a_model_that_nothing_here_serves_gets_no_recommendation(sagemaker: Any) -> None:
    name = f"m-{uuid.uuid4().hex[:10]}"
    sagemaker.create_model(ModelName=name, PrimaryContainer={"Image": "example.com/mine:1"})
    told = sagemaker.describe_model(ModelName=name)["DeploymentRecommendation"]
    assert told == {
        "RecommendationStatus": "NOT_APPLICABLE",
        "RealTimeInferenceRecommendations": [],
    }
    sagemaker.delete_model(ModelName=name)
