from importlib import import_module

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "consoleapp.notifications"
    label = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        signals = import_module("consoleapp.metrics.signals")
        alarms = import_module("consoleapp.notifications.alarms")
        signals.alarm_moved.connect(alarms.tell, dispatch_uid="tell-topics-of-alarms")
