"""SageMaker's ModelPackageGroup and ModelPackage operations."""

from typing import Any

from consoleapp.accounts import tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.aws.paging import filters, page
from endpoints import queries, services
from endpoints.models import ModelPackage, ModelPackageGroup

_NAMED = {"ModelPackageGroupName", "InferenceSpecification", "Tags"}


def create_model_package_group(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    group = services.create_package_group(
        actor,
        name=params["ModelPackageGroupName"],
        description=params.get("ModelPackageGroupDescription", ""),
    )
    tags.add(actor, group.arn, params.get("Tags", ()))
    return {"ModelPackageGroupArn": group.arn}


def describe_model_package_group(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    group = queries.group(actor, _last(params["ModelPackageGroupName"]))
    return {**_group(group), "CreatedBy": {}}


def list_model_package_groups(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    # Oldest first unless asked otherwise: other lists have it the other way round.
    rows = queries.groups(actor, **{"sort_order": "Ascending", **filters(params)})
    if params.get("CrossAccountFilterOption") == "CrossAccount":
        rows = rows.none()
    return page(rows, params, "ModelPackageGroupSummaryList", _group)


def delete_model_package_group(actor: Actor, params: dict[str, Any]) -> None:
    services.delete_package_group(actor, name=_last(params["ModelPackageGroupName"]))


def create_model_package(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    if "ModelPackageGroupName" not in params:
        raise ValidationFailed(
            "Name a ModelPackageGroupName: this console registers versioned model packages only."
        )
    package = services.create_package(
        actor,
        group_name=_last(params["ModelPackageGroupName"]),
        inference_specification=params.get("InferenceSpecification", {}),
        members={name: value for name, value in params.items() if name not in _NAMED},
    )
    tags.add(actor, package.arn, params.get("Tags", ()))
    return {"ModelPackageArn": package.arn}


def describe_model_package(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    package = queries.package(actor, params["ModelPackageName"])
    return {
        **package.other,
        **_package(package),
        "ModelPackageName": package.group.name,
        "InferenceSpecification": package.inference_specification,
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        "ApprovalDescription": package.approval_description or None,
        "Domain": package.domain or None,
        "Task": package.task or None,
        "SamplePayloadUrl": package.sample_payload_url or None,
        "LastModifiedTime": package.modified_at,
        "CreatedBy": {},
    }


def list_model_packages(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    rows = queries.packages(actor, group_name=_last(params.get("ModelPackageGroupName", "")))
    conditions = {
        "approval_status": params.get("ModelApprovalStatus"),
        "group__name__icontains": params.get("NameContains"),
        "created_at__gte": params.get("CreationTimeAfter"),
        "created_at__lt": params.get("CreationTimeBefore"),
    }
    rows = rows.filter(**{column: value for column, value in conditions.items() if value})
    if params.get("ModelPackageType") == "Unversioned":
        # Every package here is a version of a group.
        rows = rows.none()
    by_name = params.get("SortBy") == "Name"
    columns = ("group__name", "version") if by_name else ("created_at", "id")
    sign = "-" if params.get("SortOrder") == "Descending" else ""
    rows = rows.order_by(*(f"{sign}{column}" for column in columns))
    return page(rows, params, "ModelPackageSummaryList", _package)


def update_model_package(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    changes = {name: value for name, value in params.items() if name != "ModelPackageArn"}
    package = services.update_package(actor, arn=params["ModelPackageArn"], changes=changes)
    return {"ModelPackageArn": package.arn}


def delete_model_package(actor: Actor, params: dict[str, Any]) -> None:
    services.delete_package(actor, arn=params["ModelPackageName"])


def _last(name_or_arn: str) -> str:
    return name_or_arn.rpartition("/")[2]


def _group(group: ModelPackageGroup) -> dict[str, Any]:
    return {
        "ModelPackageGroupName": group.name,
        "ModelPackageGroupArn": group.arn,
        "ModelPackageGroupDescription": group.description or None,
        "CreationTime": group.created_at,
        "ModelPackageGroupStatus": group.status,
    }


def _package(package: ModelPackage) -> dict[str, Any]:
    return {
        "ModelPackageName": package.group.name,
        "ModelPackageGroupName": package.group.name,
        "ModelPackageVersion": package.version,
        "ModelPackageArn": package.arn,
        "ModelPackageDescription": package.description or None,
        "CreationTime": package.created_at,
        "ModelPackageStatus": package.status,
        "ModelApprovalStatus": package.approval_status,
    }
