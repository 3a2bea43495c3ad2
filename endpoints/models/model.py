"""Model: an image, an artifact and an environment, ready to be served."""

from typing import Any

from django.db import models

from endpoints.models.base import Deletable
from endpoints.models.registry import ModelPackage


class Model(Deletable):
    """As CreateModel keeps it. `primary_container` is a ContainerDefinition as sent."""

    arn_kind = "model"

    execution_role_arn = models.CharField(max_length=2048, blank=True)
    primary_container = models.JSONField(default=dict)
    containers = models.JSONField(default=list, blank=True)
    vpc_config = models.JSONField(null=True, blank=True)
    enable_network_isolation = models.BooleanField(default=False)
    inference_execution_config = models.JSONField(null=True, blank=True)
    #: The registered version it was made from, where it was.
    package = models.ForeignKey(
        ModelPackage, on_delete=models.SET_NULL, null=True, blank=True, related_name="models"
    )

    @property
    def container(self) -> dict[str, Any]:
        """The container to run: the primary one, else the first of a pipeline."""
        container: dict[str, Any] = self.primary_container or (self.containers or [{}])[0]
        return container
