from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "consoleapp.accounts"
    label = "accounts"
    verbose_name = "Teams and access"
