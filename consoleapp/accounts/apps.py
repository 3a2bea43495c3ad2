from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "consoleapp.accounts"
    label = "accounts"
    verbose_name = "Teams and access"

    def ready(self) -> None:
        # Both know models or DRF, which exist only once the apps are loaded.
        import_module("consoleapp.accounts.signals").connect()
        import_module("consoleapp.accounts.schema")
