"""Admin of what is measured, logged and watched: written by ingest and evaluation alone."""

from django.contrib import admin

from consoleapp.accounts.read_only import ReadOnlyAdmin, register_others
from consoleapp.metrics.models import (
    Alarm,
    AlarmHistory,
    LogEvent,
    LogStream,
    MinuteSample,
    Sample,
    Series,
)


@admin.register(Series)
class SeriesAdmin(ReadOnlyAdmin):
    list_display = ["namespace", "name", "dimensions", "account", "region", "unit"]
    list_filter = ["namespace", "account", "region"]
    search_fields = ["name", "dimensions"]


@admin.register(Sample, MinuteSample)
class SampleAdmin(ReadOnlyAdmin):
    list_display = ["key", "count", "total", "minimum", "maximum"]
    exclude = ["sketch"]


@admin.register(LogStream)
class LogStreamAdmin(ReadOnlyAdmin):
    list_display = ["group", "name", "account", "region", "created_at"]
    list_filter = ["account", "region"]
    search_fields = ["group", "name"]


@admin.register(LogEvent)
class LogEventAdmin(ReadOnlyAdmin):
    list_display = ["stream", "timestamp_ms", "message"]
    list_select_related = ["stream"]
    search_fields = ["message"]


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin):
    list_display = ["name", "account", "region", "state"]
    list_filter = ["account", "region"]
    search_fields = ["name"]


@admin.register(AlarmHistory)
class AlarmHistoryAdmin(ReadOnlyAdmin):
    list_display = ["alarm_name", "at", "kind", "summary"]


register_others("metrics")
