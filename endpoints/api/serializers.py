"""How models, configurations and endpoints look in REST. Containers keep AWS's member names."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from endpoints import queries
from endpoints.api.guards import GuardsOf
from endpoints.capture import state
from endpoints.models import (
    Endpoint,
    EndpointConfig,
    EndpointEvent,
    Instance,
    Model,
    ModelPackage,
    ModelPackageGroup,
    ProductionVariant,
    Variant,
)
from endpoints.specs import DOWNLOAD_S, HEALTH_CHECK_S

_CONTAINER = "A ContainerDefinition: Image, ModelDataUrl, Environment, ..."


class CreateModel(serializers.Serializer[Any]):
    name = serializers.CharField()
    primary_container = serializers.DictField(required=False, help_text=_CONTAINER)
    containers = serializers.ListField(child=serializers.DictField(), required=False)
    execution_role_arn = serializers.CharField(max_length=2048, required=False, allow_blank=True)


class ModelRow(serializers.ModelSerializer[Model]):
    arn = serializers.CharField(read_only=True)
    package_arn = serializers.CharField(source="package.arn", default="", read_only=True)

    class Meta:
        model = Model
        fields = (
            *("name", "arn", "primary_container", "containers", "execution_role_arn"),
            *("package_arn", "created_at"),
        )


class CreateGroup(serializers.Serializer[Any]):
    name = serializers.CharField()
    description = serializers.CharField(max_length=1024, required=False, allow_blank=True)


class GroupRow(serializers.ModelSerializer[ModelPackageGroup]):
    arn = serializers.CharField(read_only=True)

    class Meta:
        model = ModelPackageGroup
        fields = ("name", "arn", "description", "status", "created_at")


class CreatePackage(serializers.Serializer[Any]):
    group_name = serializers.CharField()
    inference_specification = serializers.DictField(
        help_text="As CreateModelPackage sends it: Containers, SupportedContentTypes, ..."
    )
    members = serializers.DictField(
        required=False, help_text="CreateModelPackage's other members, in AWS's names"
    )


class ApprovePackage(serializers.Serializer[Any]):
    approval_status = serializers.ChoiceField(choices=ModelPackage.Approval.choices)
    description = serializers.CharField(max_length=1024, required=False, allow_blank=True)


class PackageRow(serializers.ModelSerializer[ModelPackage]):
    arn = serializers.CharField(read_only=True)
    group_name = serializers.CharField(source="group.name", read_only=True)

    class Meta:
        model = ModelPackage
        fields = (
            *("arn", "group_name", "version", "description", "status", "approval_status"),
            *("inference_specification", "domain", "task", "framework", "framework_version"),
            *("nearest_model_name", "sample_payload_url", "created_at"),
        )


class VariantOfConfig(serializers.Serializer[Any]):
    name = serializers.CharField()
    model_name = serializers.CharField()
    instance_type = serializers.CharField()
    instance_count = serializers.IntegerField(default=1)
    weight = serializers.FloatField(default=1.0)
    shadow = serializers.BooleanField(default=False)
    environment = serializers.DictField(child=serializers.CharField(), required=False)
    health_check_timeout_s = serializers.IntegerField(default=HEALTH_CHECK_S)
    download_timeout_s = serializers.IntegerField(default=DOWNLOAD_S)


class CreateConfig(serializers.Serializer[Any]):
    name = serializers.CharField()
    variants = VariantOfConfig(many=True)
    data_capture_config = serializers.DictField(
        required=False, help_text="AWS's DataCaptureConfig: a sample of the traffic goes to S3"
    )


class ConfigVariantRow(serializers.ModelSerializer[ProductionVariant]):
    model_name = serializers.CharField(source="model.name", read_only=True)
    instance_count = serializers.IntegerField(source="initial_instance_count", read_only=True)
    weight = serializers.FloatField(source="initial_weight", read_only=True)

    class Meta:
        model = ProductionVariant
        fields = (
            *("name", "model_name", "instance_type", "instance_count", "weight", "shadow"),
            *("environment", "health_check_timeout_s", "download_timeout_s"),
        )


class ConfigRow(serializers.ModelSerializer[EndpointConfig]):
    arn = serializers.CharField(read_only=True)
    variants = ConfigVariantRow(many=True, read_only=True)

    class Meta:
        model = EndpointConfig
        fields = ("name", "arn", "variants", "data_capture_config", "created_at")


class CreateEndpoint(serializers.Serializer[Any]):
    name = serializers.CharField()
    config_name = serializers.CharField()


class UpdateEndpoint(serializers.Serializer[Any]):
    config_name = serializers.CharField()
    retain_variant_properties = serializers.BooleanField(default=False)
    deployment_config = serializers.DictField(
        required=False,
        help_text="AWS's DeploymentConfig: BlueGreenUpdatePolicy or RollingUpdatePolicy,"
        " AutoRollbackConfiguration. All traffic at once without one.",
    )
    guards = GuardsOf(required=False)


class DesiredVariant(serializers.Serializer[Any]):
    variant = serializers.CharField()
    weight = serializers.FloatField(required=False, allow_null=True)
    instance_count = serializers.IntegerField(required=False, allow_null=True)


class UpdateWeights(serializers.Serializer[Any]):
    desired = DesiredVariant(many=True)


class VariantRow(serializers.ModelSerializer[Variant]):
    model_name = serializers.CharField(source="model.name", read_only=True)

    class Meta:
        model = Variant
        fields = (
            *("name", "model_name", "instance_type", "current_count", "desired_count"),
            *("current_weight", "desired_weight", "shadow", "environment"),
        )


class EndpointRow(serializers.ModelSerializer[Endpoint]):
    arn = serializers.CharField(read_only=True)
    config_name = serializers.CharField(source="config.name", read_only=True)

    class Meta:
        model = Endpoint
        fields: tuple[str, ...] = (
            *("name", "arn", "config_name", "status", "failure_reason", "purpose", "host"),
            *("scale", "revision", "created_at", "modified_at"),
        )


class DataCapture(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=[state.STARTED, state.STOPPED])
    config = serializers.DictField(help_text="AWS's DataCaptureConfig")
    captured = serializers.IntegerField(help_text="Records in S3, of the last 24 hours")
    dropped = serializers.IntegerField(help_text="Records lost, of the last 24 hours")
    problem = serializers.CharField(help_text="Why records were dropped last", allow_blank=True)


class EndpointDetail(EndpointRow):
    variants = serializers.SerializerMethodField()
    data_capture = serializers.SerializerMethodField()

    class Meta(EndpointRow.Meta):
        fields = (*EndpointRow.Meta.fields, "variants", "data_capture")

    @extend_schema_field(DataCapture(allow_null=True))
    def get_data_capture(self, endpoint: Endpoint) -> dict[str, Any] | None:
        found = state.shown(endpoint)
        return None if found is None else dict(DataCapture(found).data)

    def get_variants(self, endpoint: Endpoint) -> list[dict[str, Any]]:
        return list(VariantRow(queries.variants(endpoint), many=True).data)


class EventRow(serializers.ModelSerializer[EndpointEvent]):
    class Meta:
        model = EndpointEvent
        fields = ("at", "from_status", "to_status", "message")


class InstanceRow(serializers.ModelSerializer[Instance]):
    variant = serializers.CharField(source="variant.name", read_only=True)
    log_lines = serializers.SerializerMethodField(help_text="Its last log lines")

    class Meta:
        model = Instance
        fields = (
            *("name", "variant", "ordinal", "status", "address", "cores", "cpu_granted"),
            *("memory_mib", "restarts", "failure_reason", "launched_at", "log_lines"),
        )

    def get_log_lines(self, instance: Instance) -> list[str]:
        return queries.log_lines(instance, int(self.context.get("lines", 20)))
