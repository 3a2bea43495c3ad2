"""EndpointConfig: which models, on which instances, with which weights."""

from django.db import models

from endpoints.models.base import Deletable
from endpoints.models.model import Model


class EndpointConfig(Deletable):
    arn_kind = "endpoint-config"

    kms_key_id = models.CharField(max_length=2048, blank=True)
    data_capture_config = models.JSONField(null=True, blank=True)
    async_inference_config = models.JSONField(null=True, blank=True)
    #: Every other member of CreateEndpointConfig, returned as it came.
    other = models.JSONField(default=dict, blank=True)


class ProductionVariant(models.Model):
    """One entry of ProductionVariants or ShadowProductionVariants."""

    config = models.ForeignKey(EndpointConfig, on_delete=models.CASCADE, related_name="variants")
    name = models.CharField(max_length=63)
    model = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="+")
    instance_type = models.CharField(max_length=32, blank=True)
    initial_instance_count = models.PositiveIntegerField(default=1)
    initial_weight = models.FloatField(default=1.0)
    serverless_config = models.JSONField(null=True, blank=True)
    shadow = models.BooleanField(default=False)
    #: Container environment on top of the model's, as the recommender's benchmarks set it.
    environment = models.JSONField(default=dict, blank=True)
    health_check_timeout_s = models.PositiveIntegerField(default=240)
    download_timeout_s = models.PositiveIntegerField(default=600)
    other = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["config", "name"], name="one_variant_name")]
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
