"""Every list: its filters, its orders and its pages, through boto3."""

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

IMAGE = "inference-console/xgboost:3.2"
NAMES = ("a", "b", "c", "d", "e")
#: Operation, member that lists, member with the name, whether the newest comes first by default.
LISTS = [
    ("list_models", "Models", "ModelName", True),
    ("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName", True),
    ("list_model_package_groups", "ModelPackageGroupSummaryList", "ModelPackageGroupName", False),
]
IDS = [each[0] for each in LISTS]


@pytest.fixture(scope="module")
def prefix(sagemaker: Any) -> Iterator[str]:
    """Five of each kind, made in the order of their names."""
    start = f"l{uuid.uuid4().hex[:8]}"
    for each in NAMES:
        name = f"{start}-{each}"
        sagemaker.create_model(ModelName=name, PrimaryContainer={"Image": IMAGE})
        sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[
                {
                    "VariantName": "v",
                    "ModelName": name,
                    "InstanceType": "ml.c5.large",
                    "InitialInstanceCount": 1,
                }
            ],
        )
        sagemaker.create_model_package_group(ModelPackageGroupName=name)
        # Told in milliseconds: the next one is made in another.
        time.sleep(0.002)
    yield start
    for each in NAMES:
        name = f"{start}-{each}"
        sagemaker.delete_endpoint_config(EndpointConfigName=name)
        sagemaker.delete_model(ModelName=name)
        sagemaker.delete_model_package_group(ModelPackageGroupName=name)


@pytest.mark.parametrize(("operation", "member", "name", "newest_first"), LISTS, ids=IDS)
def test_a_list_is_filtered_sorted_and_paged(
    sagemaker: Any, prefix: str, operation: str, member: str, name: str, newest_first: bool
) -> None:
    def listed(**params: Any) -> list[str]:
        pages = sagemaker.get_paginator(operation).paginate(
            NameContains=prefix, PaginationConfig={"PageSize": 2}, **params
        )
        return [each[name].removeprefix(f"{prefix}-") for page in pages for each in page[member]]

    oldest_first = list(NAMES)
    default = listed()
    assert default == (oldest_first[::-1] if newest_first else oldest_first)
    assert listed(SortBy="Name", SortOrder="Descending") == oldest_first[::-1]
    assert listed(SortBy="CreationTime", SortOrder="Ascending") == oldest_first
    rows = getattr(sagemaker, operation)(
        NameContains=prefix, SortBy="Name", SortOrder="Ascending", MaxResults=100
    )[member]
    middle = rows[2]["CreationTime"]
    after = listed(CreationTimeAfter=middle, SortBy="Name", SortOrder="Ascending")
    assert after == ["c", "d", "e"]
    before = listed(CreationTimeBefore=middle, SortBy="Name", SortOrder="Ascending")
    assert before == ["a", "b"]


@pytest.mark.parametrize(("operation", "member", "name", "newest_first"), LISTS, ids=IDS)
def test_the_token_of_another_list_is_refused(
    sagemaker: Any, prefix: str, operation: str, member: str, name: str, newest_first: bool
) -> None:
    call = getattr(sagemaker, operation)
    token = call(NameContains=prefix, MaxResults=1)["NextToken"]
    other = {"SortBy": "Name", "SortOrder": "Ascending"}
    with pytest.raises(ClientError, match="NextToken"):
        call(NameContains=prefix, MaxResults=1, NextToken=token, **other)


def test_versions_are_listed_by_approval_time_and_group(sagemaker: Any, prefix: str) -> None:
    group = f"{prefix}-versions"
    sagemaker.create_model_package_group(ModelPackageGroupName=group)
    arns = [
        sagemaker.create_model_package(
            ModelPackageGroupName=group,
            ModelApprovalStatus=status,
            InferenceSpecification={"Containers": [{"Image": IMAGE}]},
        )["ModelPackageArn"]
        for status in ("Approved", "Rejected", "Approved")
    ]

    def versions(**params: Any) -> list[int]:
        pages = sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=group, PaginationConfig={"PageSize": 1}, **params
        )
        return [
            each["ModelPackageVersion"]
            for page in pages
            for each in page["ModelPackageSummaryList"]
        ]

    assert versions() == [1, 2, 3]
    assert versions(SortOrder="Descending") == [3, 2, 1]
    assert versions(SortBy="Name", SortOrder="Descending") == [3, 2, 1]
    assert versions(ModelApprovalStatus="Approved") == [1, 3]
    assert versions(ModelPackageType="Unversioned") == []
    assert versions(ModelPackageType="Both", NameContains=prefix) == [1, 2, 3]
    assert versions(CreationTimeAfter=datetime.now(UTC) + timedelta(hours=1)) == []
    for arn in arns:
        sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName=group)


def test_endpoints_are_filtered_by_status_and_by_when_they_changed(
    sagemaker: Any, prefix: str
) -> None:
    """No instance has to come up for this: the image is one that nothing here serves."""
    name = f"{prefix}-ep"
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{prefix}-a")
    now = datetime.now(UTC)
    hour = timedelta(hours=1)

    def listed(**params: Any) -> list[str]:
        found = sagemaker.list_endpoints(NameContains=name, **params)["Endpoints"]
        return [each["EndpointName"] for each in found]

    assert listed(LastModifiedTimeAfter=now - hour) == [name]
    assert listed(LastModifiedTimeAfter=now + hour) == []
    assert listed(LastModifiedTimeBefore=now + hour) == [name]
    assert listed(LastModifiedTimeBefore=now - hour) == []
    assert listed(CreationTimeAfter=now - hour, CreationTimeBefore=now + hour) == [name]
    assert listed(StatusEquals="RollingBack") == []
    assert listed(SortBy="Status") == [name]
    sagemaker.delete_endpoint(EndpointName=name)
