"""Services for models and the model registry. Registering is a role: a host runs it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import CharField, Max
from django.utils import timezone

from consoleapp.accounts import audit, quotas, tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import InUse, ValidationFailed
from consoleapp.accounts.locks import lock_team
from consoleapp.accounts.models import Role
from endpoints import queries, rules, shapes
from endpoints.errors import already_existing, over_limit
from endpoints.models import Model, ModelPackage, ModelPackageGroup
from endpoints.package_members import merged

_PACKAGE_COLUMNS = {
    "ModelPackageDescription": "description",
    "ModelApprovalStatus": "approval_status",
    "ApprovalDescription": "approval_description",
    "Domain": "domain",
    "Task": "task",
    "SamplePayloadUrl": "sample_payload_url",
}
_CONTAINER_COLUMNS = {
    "Framework": "framework",
    "FrameworkVersion": "framework_version",
    "NearestModelName": "nearest_model_name",
}


def create_model(
    actor: Actor,
    *,
    name: str,
    primary_container: Mapping[str, Any] | None = None,
    execution_role_arn: str = "",
    containers: Sequence[Mapping[str, Any]] = (),
    package: ModelPackage | None = None,
    other: Mapping[str, Any] | None = None,
) -> Model:
    """As CreateModel. A container that names a model package gets its image and data from it.

    `other`: VpcConfig, EnableNetworkIsolation and InferenceExecutionConfig as AWS sends them.
    """
    actor.must(Role.PUBLISHER)
    rules.name(name, "ModelName")
    first = dict(primary_container or {})
    if not first and not containers and package is None:
        raise ValidationFailed(
            "A model needs a PrimaryContainer, Containers or a model package.",
            field="PrimaryContainer",
        )
    first, package = _resolved(actor, first, package)
    others = [_resolved(actor, each) for each in containers]
    _check_containers(first, [container for container, _ in others])
    more = dict(other or {})
    model = Model(
        team=actor.team,
        region=actor.region,
        name=name,
        primary_container=first,
        containers=[container for container, _ in others],
        execution_role_arn=execution_role_arn,
        package=package or (others[0][1] if others else None),
        vpc_config=more.get("VpcConfig"),
        enable_network_isolation=bool(more.get("EnableNetworkIsolation", False)),
        inference_execution_config=more.get("InferenceExecutionConfig"),
    )
    _insert(actor, model)
    return model


def _insert(actor: Actor, model: Model) -> None:
    """The constraint tells of a taken name: to ask first would be one query more."""
    try:
        with transaction.atomic():
            lock_team(actor)
            _check_model_quota(actor)
            model.save(force_insert=True)
            audit.record(actor, "CreateModel", model.arn, image=model.container.get("Image", ""))
    except IntegrityError:
        if queries.models(actor).filter(name=model.name).exists():
            raise already_existing("model", model.arn) from None
        raise


def delete_model(actor: Actor, *, name: str) -> None:
    """Gone from sight at once; endpoints that run it keep running, as at AWS."""
    actor.must(Role.PUBLISHER)
    model = queries.model(actor, name)
    with transaction.atomic():
        Model.objects.filter(pk=model.pk).update(deleted_at=timezone.now())
        audit.record(actor, "DeleteModel", model.arn)
        tags.forget(actor, model.arn)


def create_package_group(actor: Actor, *, name: str, description: str = "") -> ModelPackageGroup:
    actor.must(Role.PUBLISHER)
    rules.name(name, "ModelPackageGroupName")
    with transaction.atomic():
        lock_team(actor)
        if queries.groups(actor).filter(name=name).exists():
            raise already_existing(
                "model package group", queries.arn(actor, ModelPackageGroup.arn_kind, name)
            )
        group = ModelPackageGroup.objects.create(
            team=actor.team, region=actor.region, name=name, description=description
        )
        audit.record(actor, "CreateModelPackageGroup", group.arn)
    return group


def delete_package_group(actor: Actor, *, name: str) -> None:
    actor.must(Role.PUBLISHER)
    with transaction.atomic():
        lock_team(actor)
        group = queries.group(actor, name)
        if group.versions.exists():
            raise InUse(f"ModelPackageGroup {group.arn} cannot be deleted: it has model packages.")
        audit.record(actor, "DeleteModelPackageGroup", group.arn)
        tags.forget(actor, group.arn)
        group.delete()


def create_package(
    actor: Actor,
    *,
    group_name: str,
    inference_specification: Mapping[str, Any],
    members: Mapping[str, Any] | None = None,
) -> ModelPackage:
    """Registers the next version of a group. `members`: the other members of CreateModelPackage
    in AWS's names (Domain, Task, SamplePayloadUrl, ModelApprovalStatus, ...)."""
    actor.must(Role.PUBLISHER)
    group = queries.group(actor, group_name)
    framework = _framework(inference_specification)
    given = dict(members or {})
    _check_approval(str(given.get("ModelApprovalStatus") or ModelPackage.Approval.PENDING))
    columns = _taken(given, _PACKAGE_COLUMNS)
    shapes.check(given, "CreateModelPackageInput", "members")
    with transaction.atomic():
        lock_team(actor)
        _check_model_quota(actor)
        last = group.versions.aggregate(last=Max("version"))["last"] or 0
        package = ModelPackage.objects.create(
            group=group,
            version=last + 1,
            inference_specification=dict(inference_specification),
            other=given,
            **framework,
            **columns,
        )
        audit.record(
            actor,
            "CreateModelPackage",
            package.arn,
            image=inference_specification["Containers"][0]["Image"],
        )
    return package


def approve_package(actor: Actor, *, arn: str, status: str, description: str = "") -> ModelPackage:
    """Sets ModelApprovalStatus, as UpdateModelPackage does."""
    changes = {"ModelApprovalStatus": status, "ApprovalDescription": description}
    return update_package(actor, arn=arn, changes=changes)


def update_package(actor: Actor, *, arn: str, changes: Mapping[str, Any]) -> ModelPackage:
    """`changes`: the members of UpdateModelPackage but for its ARN, in AWS's names."""
    actor.must(Role.PUBLISHER)
    given = dict(changes)
    if "ModelApprovalStatus" in given:
        _check_approval(str(given["ModelApprovalStatus"]))
    with transaction.atomic():
        lock_team(actor)
        package = queries.package(actor, arn)
        _change(package, given)
        audit.record(actor, "UpdateModelPackage", package.arn, changed=sorted(changes))
    return package


def _change(package: ModelPackage, given: dict[str, Any]) -> None:
    given.pop("ClientToken", None)
    columns = _taken(given, _PACKAGE_COLUMNS)
    if "InferenceSpecification" in given:
        specification = dict(given.pop("InferenceSpecification"))
        columns |= {"inference_specification": specification, **_framework(specification)}
    columns |= {"other": merged(package.other, given), "modified_at": timezone.now()}
    for name, value in columns.items():
        setattr(package, name, value)
    package.save(update_fields=list(columns))


def delete_package(actor: Actor, *, arn: str) -> None:
    """Models made from it keep their own copy of its container."""
    actor.must(Role.PUBLISHER)
    package = queries.package(actor, arn)
    with transaction.atomic():
        audit.record(actor, "DeleteModelPackage", package.arn)
        tags.forget(actor, package.arn)
        package.delete()


def _resolved(
    actor: Actor, sent: Mapping[str, Any], package: ModelPackage | None = None
) -> tuple[dict[str, Any], ModelPackage | None]:
    """The container with what its model package gives it. Raises NotFound when it names one that
    is not there."""
    name = sent.get("ModelPackageName")
    if package is None and name:
        package = queries.package(actor, str(name))
    return (dict(sent) if package is None else _from_package(package, sent)), package


def _from_package(package: ModelPackage, sent: Mapping[str, Any]) -> dict[str, Any]:
    container = (package.inference_specification.get("Containers") or [{}])[0]
    own = {key: container[key] for key in ("Image", "ModelDataUrl") if container.get(key)}
    rules.environment(sent.get("Environment") or {}, "Environment")
    environment = {**(container.get("Environment") or {}), **(sent.get("Environment") or {})}
    return {**own, **sent, "Environment": environment, "ModelPackageName": package.arn}


def _framework(specification: Mapping[str, Any]) -> dict[str, Any]:
    """What its first container says of itself. Raises ValidationFailed when none may be served."""
    containers = specification.get("Containers")
    if not isinstance(containers, list) or not containers:
        raise ValidationFailed(
            "InferenceSpecification needs Containers.", field="InferenceSpecification.Containers"
        )
    for container in containers:
        rules.container(container, "InferenceSpecification.Containers")
    # A version that is changed to another container loses what the one before said of itself.
    unsaid = dict.fromkeys(_CONTAINER_COLUMNS.values(), "")
    said = unsaid | _taken(dict(containers[0]), _CONTAINER_COLUMNS)
    shapes.check(specification, "InferenceSpecification", "InferenceSpecification")
    return said


def _taken(given: dict[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """Takes the members that have columns out of `given`. Raises ValidationFailed for one that
    does not fit."""
    found = {column: given.pop(key) for key, column in columns.items() if key in given}
    for key, column in columns.items():
        field = ModelPackage._meta.get_field(column)
        assert isinstance(field, CharField)
        rules.text(found.get(column, ""), field.max_length or 0, key)
    return found


def _check_containers(first: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> None:
    if first:
        _check_container(first, "PrimaryContainer")
    for container in others:
        _check_container(container, "Containers")


def _check_container(container: Mapping[str, Any], member: str) -> None:
    rules.container(container, member)
    shapes.check(container, "ContainerDefinition", member)


def _check_model_quota(actor: Actor) -> None:
    most = quotas.limit(actor.team, "models.max")
    used = queries.model_count(actor)
    if used >= most:
        raise over_limit("Models, and versions in the model registry", most, used, 1)


def _check_approval(status: str) -> None:
    if status not in ModelPackage.Approval.values:
        raise ValidationFailed(
            f"ModelApprovalStatus is one of {', '.join(ModelPackage.Approval.values)}.",
            field="ModelApprovalStatus",
        )
