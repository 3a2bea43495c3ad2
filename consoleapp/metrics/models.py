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
