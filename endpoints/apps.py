"""The endpoints app: listens to changes of the access keys that its gateways verify with."""

from importlib import import_module

from django.apps import AppConfig


class EndpointsConfig(AppConfig):
    name = "endpoints"
    verbose_name = "Endpoints"

    def ready(self) -> None:
        publish = import_module("endpoints.publish")
        signals = import_module("consoleapp.accounts.signals")
        signals.access_keys_changed.connect(
            publish.access_keys_quietly, dispatch_uid="publish-access-keys"
        )
