"""Routes of /api/v1/ that belong to metrics, logs and alarms."""

from django.urls import path

from consoleapp.metrics import alarm_api, api

urlpatterns = [
    path("metrics", api.metrics, name="api-metrics"),
    path("metrics/data", api.data, name="api-metric-data"),
    path("logs/streams", api.streams, name="api-log-streams"),
    path("logs/events", api.events, name="api-log-events"),
    path("alarms", alarm_api.collection, name="api-alarms"),
    # Names of alarms may hold slashes, as those of scaling policies do.
    path("alarms/<path:name>/history", alarm_api.history, name="api-alarm-history"),
    path("alarms/<path:name>/state", alarm_api.state, name="api-alarm-state"),
    path("alarms/<path:name>", alarm_api.alarm, name="api-alarm"),
]
