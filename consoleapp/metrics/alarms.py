"""Alarms of a team: put, delete, describe, set. Every door calls these."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from consoleapp.accounts import audit, tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound, ValidationFailed
from consoleapp.accounts.models import Role
from consoleapp.metrics import alarm_metrics
from consoleapp.metrics.alarm_rule import COMPARISONS, LOW_SAMPLES, TREATMENTS
from consoleapp.metrics.models import Alarm, AlarmHistory
from consoleapp.metrics.statistics import percent_of, reading
from consoleapp.metrics.transitions import move, record

_WEEK_S: Final = 7 * 86_400
_SHORT_PERIODS_S: Final = (10, 20, 30)


@dataclass(frozen=True, slots=True)
class AlarmSpec:
    """The configuration of an alarm, whole."""

    namespace: str
    metric_name: str
    dimensions: Mapping[str, str]
    statistic: str
    period_s: int
    evaluation_periods: int
    datapoints_to_alarm: int
    threshold: float
    comparison_operator: str
    treat_missing_data: str = "missing"
    description: str = ""
    #: State -> ARNs of topics to tell.
    actions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    actions_enabled: bool = True
    #: MetricDataQuery members instead of a metric; its four fields are empty then.
    metrics: Sequence[Mapping[str, Any]] = ()
    #: What a percentile of few samples does: evaluate, ignore; empty for other statistics.
    low_samples: str = ""
    #: What the metric must be recorded in to be seen; empty: anything.
    unit: str = ""

    def check(self) -> None:
        """Raises ValidationFailed with the AWS member at fault."""
        self._check_watched()
        _within("AlarmDescription", len(self.description), 0, 1024)
        _within("EvaluationPeriods", self.evaluation_periods, 1, 1_440)
        if not 1 <= self.datapoints_to_alarm <= self.evaluation_periods:
            raise ValidationFailed(
                f"Datapoints to alarm must be between 1 and the {self.evaluation_periods}"
                f" evaluation periods, but are {self.datapoints_to_alarm}.",
                field="DatapointsToAlarm",
            )
        _one_of("ComparisonOperator", self.comparison_operator, tuple(COMPARISONS))
        _one_of("TreatMissingData", self.treat_missing_data, TREATMENTS)
        if not math.isfinite(self.threshold):
            raise ValidationFailed("The threshold must be a number.", field="Threshold")
        self._check_period()

    def _check_watched(self) -> None:
        if self.metrics:
            alarm_metrics.check(self.metrics)
            return
        _within("Namespace", len(self.namespace), 1, 255)
        _within("MetricName", len(self.metric_name), 1, 255)
        _within("Dimensions", len(self.dimensions), 0, 30)
        _within("Unit", len(self.unit), 0, 32)
        reading(self.statistic, field="Statistic")
        if self.low_samples:
            _one_of("EvaluateLowSampleCountPercentile", self.low_samples, LOW_SAMPLES)
            if percent_of(self.statistic) is None:
                raise ValidationFailed(
                    "EvaluateLowSampleCountPercentile is for percentiles only.",
                    field="EvaluateLowSampleCountPercentile",
                )

    def _check_period(self) -> None:
        if self.period_s not in _SHORT_PERIODS_S and (self.period_s < 1 or self.period_s % 60):
            raise ValidationFailed(
                "A period is 10, 20 or 30 seconds, or a multiple of 60.", field="Period"
            )
        if self.period_s * self.evaluation_periods > _WEEK_S:
            raise ValidationFailed(
                "Period times evaluation periods must not exceed 7 days.", field="EvaluationPeriods"
            )


def put_alarm(actor: Actor, *, name: str, spec: AlarmSpec) -> Alarm:
    """Creates an alarm or overwrites its configuration; an existing one keeps its state."""
    actor.must(Role.OPERATOR)
    _within("AlarmName", len(name), 1, 255)
    spec.check()
    with transaction.atomic(using="metrics"):
        alarm, created = Alarm.objects.update_or_create(
            account=actor.account_id,
            region=actor.region,
            name=name,
            # Looked at by the next evaluation, however long ago the last one was.
            defaults=asdict(spec) | {"configured_at": timezone.now(), "evaluated_second": 0},
        )
        record(
            alarm, AlarmHistory.Kind.CONFIGURATION, _summary(name, created=created), asdict(spec)
        )
    audit.record(actor, "PutMetricAlarm", alarm.arn)
    return alarm


def delete_alarm(actor: Actor, *, name: str) -> None:
    """Raises NotFound. The history stays."""
    actor.must(Role.OPERATOR)
    found = alarm(actor, name)
    with transaction.atomic(using="metrics"):
        record(found, AlarmHistory.Kind.CONFIGURATION, f'Alarm "{name}" deleted')
        found.delete()
    tags.forget(actor, found.arn)
    audit.record(actor, "DeleteAlarms", found.arn)


def set_alarm_state(actor: Actor, *, name: str, state: str, reason: str) -> Alarm:
    """Puts an alarm into a state, to try what follows from it: the next look corrects it."""
    actor.must(Role.OPERATOR)
    _one_of("StateValue", state, tuple(Alarm.State.values))
    _within("StateReason", len(reason), 0, 1023)
    found = alarm(actor, name)
    move(found, state, reason or "Set by hand", {})
    audit.record(actor, "SetAlarmState", found.arn, state=state)
    return found


def switch_actions(actor: Actor, *, names: Sequence[str], enabled: bool) -> None:
    """Whether alarms tell anybody when they move. Names that are not there are passed over."""
    actor.must(Role.OPERATOR)
    word = "enabled" if enabled else "disabled"
    with transaction.atomic(using="metrics"):
        for found in alarms(actor, names=names).exclude(actions_enabled=enabled):
            Alarm.objects.filter(pk=found.pk).update(actions_enabled=enabled)
            kind = AlarmHistory.Kind.CONFIGURATION
            record(found, kind, f'Alarm actions of "{found.name}" {word}')
            audit.record(actor, "SetAlarmActions", found.arn, enabled=enabled)


def alarm(actor: Actor, name: str) -> Alarm:
    found = alarms(actor).filter(name=name).first()
    if found is None:
        raise NotFound(f"There is no alarm {name!r} in this team and region.")
    return found


def alarms(
    actor: Actor,
    *,
    names: Sequence[str] | None = None,
    prefix: str = "",
    state: str | None = None,
) -> QuerySet[Alarm]:
    """The team's alarms by name; those that are not there are simply not in the answer."""
    found = Alarm.objects.filter(
        account=actor.account_id, region=actor.region, name__startswith=prefix
    )
    if names is not None:
        found = found.filter(name__in=names)
    if state:
        found = found.filter(state=state)
    return found.order_by("name")


def alarms_on(actor: Actor, dimensions: Mapping[str, str]) -> list[Alarm]:
    """Alarms on metrics that have at least these dimensions, alone or within an expression, as an
    endpoint's page lists them."""
    wanted = dimensions.items()
    return [
        found
        for found in alarms(actor)
        if any(
            wanted <= each.items()
            for each in (found.dimensions, *alarm_metrics.dimensions_in(found.metrics))
        )
    ]


def naming(account: str, region: str, arn: str) -> list[Alarm]:
    """Alarms one of whose actions is this resource."""
    found = Alarm.objects.filter(account=account, region=region).exclude(actions={})
    return [each for each in found if any(arn in arns for arns in each.actions.values())]


def history(actor: Actor, name: str) -> QuerySet[AlarmHistory]:
    """Newest first."""
    return AlarmHistory.objects.filter(
        account=actor.account_id, region=actor.region, alarm_name=name
    ).order_by("-at", "-id")


def _summary(name: str, *, created: bool) -> str:
    return f'Alarm "{name}" {"created" if created else "updated"}'


def _within(member: str, value: int, least: int, most: int) -> None:
    """For numbers, and for the lengths of texts."""
    if not least <= value <= most:
        raise ValidationFailed(
            f"{member} must be between {least} and {most}, but is {value}.", field=member
        )


def _one_of(member: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValidationFailed(
            f"{member} must be one of {', '.join(choices)}, but is {value!r}.", field=member
        )
