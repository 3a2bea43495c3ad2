"""The wiring app: makes the Celery app current wherever Django runs."""

from importlib import import_module

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "consoleapp"
    verbose_name = "Console"

    def ready(self) -> None:
        # Tasks are sent by name from the web process too: they need the broker's address.
        import_module("consoleapp.celery")
