from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "consoleapp.metrics"
    label = "metrics"
    verbose_name = "Metrics and logs"
