"""Routes of /console/ that belong to alarms, metrics and logs."""

from django.urls import path

from consoleapp.metrics import alarm_views, views

app_name = "metrics"
urlpatterns = [
    path("alarms", alarm_views.index, name="alarms"),
    path("alarms/create", alarm_views.create, name="alarm-create"),
    # The name comes last: names of alarms may hold slashes.
    path("alarms/named/<path:name>", alarm_views.detail, name="alarm"),
    path("alarms/edit/<path:name>", alarm_views.edit, name="alarm-edit"),
    path("alarms/chart/<path:name>", alarm_views.chart, name="alarm-chart"),
    path("alarms/delete/<path:name>", alarm_views.delete, name="alarm-delete"),
    path("metrics", views.browse, name="browse"),
    path("metrics/chart", views.chart, name="chart"),
    path("logs", views.logs, name="logs"),
    path("logs/stream", views.log_stream, name="log-stream"),
]
