"""Admin of models and endpoints: services and lifecycle write these rows, nobody else does."""

from django.contrib import admin

from consoleapp.accounts.read_only import ReadOnlyAdmin, register_others
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


@admin.register(Model, ModelPackageGroup, EndpointConfig)
class ResourceAdmin(ReadOnlyAdmin):
    list_display = ["name", "team", "region", "created_at"]
    list_filter = ["team", "region"]
    list_select_related = ["team"]
    search_fields = ["name"]


@admin.register(ModelPackage)
class ModelPackageAdmin(ReadOnlyAdmin):
    list_display = ["group", "version", "status", "approval_status", "created_at"]
    list_filter = ["approval_status", "group"]
    list_select_related = ["group"]


@admin.register(ProductionVariant)
class ProductionVariantAdmin(ReadOnlyAdmin):
    list_display = ["config", "name", "model", "instance_type", "initial_instance_count", "shadow"]
    list_select_related = ["config", "model"]


@admin.register(Endpoint)
class EndpointAdmin(ResourceAdmin):
    list_display = ["name", "team", "region", "status", "purpose", "host", "modified_at"]
    list_filter = ["status", "purpose", "team", "region"]


@admin.register(Variant)
class VariantAdmin(ReadOnlyAdmin):
    list_display = ["endpoint", "name", "instance_type", "current_count", "desired_count"]
    list_select_related = ["endpoint"]


@admin.register(Instance)
class InstanceAdmin(ReadOnlyAdmin):
    list_display = ["name", "variant", "status", "address", "cpu_granted", "restarts"]
    list_filter = ["status"]
    list_select_related = ["variant__endpoint"]
    search_fields = ["name"]


@admin.register(EndpointEvent)
class EndpointEventAdmin(ReadOnlyAdmin):
    list_display = ["endpoint", "at", "from_status", "to_status", "message"]
    list_select_related = ["endpoint"]


register_others("endpoints")
