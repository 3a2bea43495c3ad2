"""The CloudWatch of the console, in a database of its own: series, samples, logs, alarms.

No foreign key leaves this database: teams are named by their account id.
"""

from django.db import models
from django.utils import timezone


class Series(models.Model):
    """One metric with one set of dimensions. `dimensions` is canonical JSON, sorted by name."""

    account = models.CharField(max_length=12)
    region = models.CharField(max_length=32)
    namespace = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    dimensions = models.CharField(max_length=2048)
    unit = models.CharField(max_length=32, default="None")
    last_second = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "region", "namespace", "name", "dimensions"], name="one_series"
            )
        ]

    def __str__(self) -> str:
        return f"{self.namespace} {self.name} {self.dimensions}"


class SampleBase(models.Model):
    """`key` = series << 32 | second: rows of one series lie together, in time order."""

    key = models.BigIntegerField(primary_key=True)
    count = models.BigIntegerField()
    total = models.FloatField()
    minimum = models.FloatField()
    maximum = models.FloatField()
    sketch = models.BinaryField(null=True)

    class Meta:
        abstract = True


class Sample(SampleBase):
    """One second of one series."""

    def __str__(self) -> str:
        return f"series {self.key >> 32} second {self.key & 0xFFFFFFFF}"


class MinuteSample(SampleBase):
    """One minute of one series: what remains after roll-up."""

    def __str__(self) -> str:
        return f"series {self.key >> 32} minute {self.key & 0xFFFFFFFF}"


class LogStream(models.Model):
    account = models.CharField(max_length=12)
    region = models.CharField(max_length=32)
    group = models.CharField(max_length=512)
    name = models.CharField(max_length=512)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "region", "group", "name"], name="one_log_stream"
            )
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.name}"


class TailedFile(models.Model):
    """How far a file that feeds a stream has been read. `name` is the file's own, not its path."""

    name = models.CharField(max_length=32, primary_key=True)
    stream = models.ForeignKey(LogStream, on_delete=models.CASCADE, related_name="files")
    offset = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.stream}: {self.offset} bytes"


class LogEvent(models.Model):
    stream = models.ForeignKey(LogStream, on_delete=models.CASCADE, related_name="events")
    #: Unix time in milliseconds.
    timestamp_ms = models.BigIntegerField()
    message = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["stream", "timestamp_ms", "id"])]

    def __str__(self) -> str:
        return self.message[:80]


class Alarm(models.Model):
    """A CloudWatch metric alarm. Its configuration is put whole; transitions.py alone moves it."""

    class State(models.TextChoices):
        OK = "OK"
        ALARM = "ALARM"
        INSUFFICIENT_DATA = "INSUFFICIENT_DATA"

    account = models.CharField(max_length=12)
    region = models.CharField(max_length=32)
    name = models.CharField(max_length=255)
    description = models.CharField(max_length=1024, blank=True)
    namespace = models.CharField(max_length=255)
    metric_name = models.CharField(max_length=255)
    dimensions = models.JSONField(default=dict)
    #: Nothing where any will do.
    unit = models.CharField(max_length=32, blank=True)
    #: A plain statistic or a percentile: Average, p99.
    statistic = models.CharField(max_length=32)
    #: Instead of a metric: MetricDataQuery members, one of which is what is watched.
    metrics = models.JSONField(default=list, blank=True)
    period_s = models.PositiveIntegerField()
    evaluation_periods = models.PositiveIntegerField()
    datapoints_to_alarm = models.PositiveIntegerField()
    threshold = models.FloatField()
    comparison_operator = models.CharField(max_length=64)
    treat_missing_data = models.CharField(max_length=16, default="missing")
    #: evaluate, ignore, or nothing where the statistic is no percentile.
    low_samples = models.CharField(max_length=8, blank=True)
    #: State -> ARNs of the topics that are told when the alarm gets there.
    actions = models.JSONField(default=dict, blank=True)
    actions_enabled = models.BooleanField(default=True)
    state = models.CharField(max_length=32, choices=State.choices, default=State.INSUFFICIENT_DATA)
    state_reason = models.CharField(max_length=1023, default="Unchecked: Initial alarm creation")
    state_since = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    configured_at = models.DateTimeField(default=timezone.now)
    #: Unix time of the last look, so that long alarms are looked at less often.
    evaluated_second = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "region", "name"], name="one_alarm_name")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        return f"arn:aws:cloudwatch:{self.region}:{self.account}:alarm:{self.name}"


class AlarmHistory(models.Model):
    """What happened to an alarm. Written with the deed, never changed; outlives the alarm."""

    class Kind(models.TextChoices):
        CONFIGURATION = "ConfigurationUpdate", "Configuration update"
        STATE = "StateUpdate", "State update"

    account = models.CharField(max_length=12)
    region = models.CharField(max_length=32)
    alarm_name = models.CharField(max_length=255)
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=32, choices=Kind.choices)
    summary = models.CharField(max_length=255)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "alarm history"
        indexes = [models.Index(fields=["account", "region", "alarm_name", "-at"])]

    def __str__(self) -> str:
        return f"{self.alarm_name}: {self.summary}"
