"""The form of an alarm: what people type becomes an AlarmSpec."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms

from consoleapp.accounts.errors import CallerError
from consoleapp.metrics.alarm_rule import WORDS
from consoleapp.metrics.alarms import AlarmSpec
from consoleapp.metrics.models import Alarm
from consoleapp.metrics.queries import SeriesInfo
from consoleapp.metrics.statistics import NAMES, percent_of

STATISTICS: Final = (*NAMES, "p50", "p90", "p95", "p99", "p99.9")
_PERIODS: Final = (
    (10, "10 seconds"),
    (30, "30 seconds"),
    (60, "1 minute"),
    (300, "5 minutes"),
    (900, "15 minutes"),
    (3_600, "1 hour"),
    (21_600, "6 hours"),
    (86_400, "1 day"),
)
_TREATMENTS: Final = (
    ("missing", "missing: no data at all makes the state unknown"),
    ("ignore", "ignore: keep the current state"),
    ("breaching", "breaching: as if beyond the threshold"),
    ("notBreaching", "notBreaching: as if within the threshold"),
)
#: What names a metric, in an AlarmSpec as here.
_METRIC: Final = ("namespace", "metric_name", "dimensions")
# AWS's member at fault -> the field that holds it here.
_FIELDS: Final = {
    "AlarmName": "name",
    "AlarmDescription": "description",
    "Namespace": "namespace",
    "MetricName": "metric_name",
    "Dimensions": "dimensions",
    "Statistic": "statistic",
    "Period": "period_s",
    "EvaluationPeriods": "evaluation_periods",
    "DatapointsToAlarm": "datapoints_to_alarm",
    "Threshold": "threshold",
    "ComparisonOperator": "comparison_operator",
    "TreatMissingData": "treat_missing_data",
}


class AlarmForm(forms.Form):
    """`series`: what there is to watch. A metric that has no samples yet is typed in."""

    metric = forms.ChoiceField(required=False, label="Metric")
    namespace = forms.CharField(required=False, max_length=255)
    metric_name = forms.CharField(required=False, max_length=255, label="Metric name")
    dimensions = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "EndpointName=my-endpoint"}),
        help_text="One a line, as Name=value.",
    )
    statistic = forms.ChoiceField(initial="Average")
    period_s = forms.TypedChoiceField(
        coerce=int, choices=_PERIODS, initial=60, label="Period", help_text="Length of a datapoint."
    )
    comparison_operator = forms.ChoiceField(
        choices=[(name, text.capitalize()) for name, text in WORDS.items()],
        initial="GreaterThanThreshold",
        label="Alarm when it is",
    )
    threshold = forms.FloatField(help_text="In the metric's unit; latencies are in microseconds.")
    datapoints_to_alarm = forms.IntegerField(
        min_value=1, initial=1, help_text="How many must be beyond the threshold."
    )
    evaluation_periods = forms.IntegerField(
        min_value=1, initial=1, help_text="Out of how many of the newest."
    )
    treat_missing_data = forms.ChoiceField(choices=_TREATMENTS, label="Treat missing data as")
    name = forms.CharField(max_length=255, label="Alarm name")
    description = forms.CharField(required=False, max_length=1024)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        series: Iterable[SeriesInfo],
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        own = [(key_of(s.namespace, s.name, s.dimensions), title_of(s)) for s in series]
        _choices(self, "metric", [*own, ("", "Another metric: type it in below")])
        known = self.initial.get("statistic", "Average")
        _choices(self, "statistic", [(s, s) for s in dict.fromkeys((*STATISTICS, known))])
        if self.initial.get("metric") not in dict(own):
            self.initial["metric"] = own[0][0] if own and "namespace" not in self.initial else ""

    def clean_dimensions(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in self.cleaned_data["dimensions"].split("\n"):
            name, equals, value = line.strip().partition("=")
            if line.strip() and not (equals and name.strip() and value.strip()):
                raise forms.ValidationError(f"{line.strip()!r} is not of the form Name=value.")
            if line.strip():
                found[name.strip()] = value.strip()
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("metric"):
            cleaned.update(zip(_METRIC, json.loads(cleaned["metric"]), strict=True))
        elif not (cleaned.get("namespace") and cleaned.get("metric_name")):
            self.add_error("metric", "Choose a metric, or type its namespace and name.")
        return cleaned

    def spec(self, alarm: Alarm | None = None) -> AlarmSpec:
        """What the form says; the rest (actions) stays as the alarm has it."""
        # The form's fields are named after the spec's.
        asked = {n: self.cleaned_data[n] for n in AlarmSpec.__slots__ if n in self.cleaned_data}
        kept = (
            {n: getattr(alarm, n) for n in AlarmSpec.__slots__ if n not in asked} if alarm else {}
        )
        if percent_of(asked["statistic"]) is None:
            # It says something of percentiles only, and the form does not ask for it.
            kept["low_samples"] = ""
        if alarm is not None and any(getattr(alarm, name) != asked[name] for name in _METRIC):
            # It was said of the metric before.
            kept["unit"] = ""
        return AlarmSpec(**asked, **kept)

    def refuse(self, error: CallerError) -> None:
        """Shows what the service refused at the field that holds it."""
        self.add_error(_FIELDS.get(error.field), error.message)


def key_of(namespace: str, name: str, dimensions: Mapping[str, str]) -> str:
    return json.dumps([namespace, name, dict(sorted(dimensions.items()))])


def title_of(series: SeriesInfo) -> str:
    dimensions = ", ".join(f"{name}={value}" for name, value in sorted(series.dimensions.items()))
    return f"{series.name} · {dimensions or 'no dimensions'} · {series.namespace}"


def initial_of(alarm: Alarm) -> dict[str, Any]:
    """The form filled with an alarm's configuration."""
    fields = {name: getattr(alarm, name) for name in AlarmSpec.__slots__ if name != "dimensions"}
    written = "\n".join(f"{name}={value}" for name, value in sorted(alarm.dimensions.items()))
    metric = key_of(alarm.namespace, alarm.metric_name, alarm.dimensions)
    return fields | {"name": alarm.name, "dimensions": written, "metric": metric}


def _choices(form: forms.Form, field: str, choices: list[tuple[str, str]]) -> None:
    choice = form.fields[field]
    assert isinstance(choice, forms.ChoiceField)
    choice.choices = choices
