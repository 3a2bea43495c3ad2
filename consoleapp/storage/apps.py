from django.apps import AppConfig


class StorageConfig(AppConfig):
    name = "consoleapp.storage"
    label = "storage"
    verbose_name = "Object storage"
