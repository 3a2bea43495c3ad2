"""The fields of a form that say what rolls a shift of traffic back by itself."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from endpoints.forms import offer
from endpoints.shifting.guards import Guards, NoData

_DEFAULT: Final = Guards()
_NO_DATA: Final = [
    (NoData.CONTINUE.value, "Continue, as at AWS"),
    (NoData.WAIT.value, "Wait for more"),
    (NoData.ROLL_BACK.value, "Roll back"),
]
#: Where a service's refusal of a guard is shown.
GUARD_FIELDS: Final = {
    "max_error_rate": "max_error_percent",
    "max_latency_us": "max_latency_ms",
    "latency_percentile": "latency_percentile",
    "minimum_samples": "minimum_samples",
    "alarms": "alarms",
}


class GuardsForm(forms.Form):
    """`alarms`: names to choose from. What is left out is as `Guards` has it."""

    max_error_percent = forms.FloatField(
        label="5XX rate above (percent)",
        min_value=0,
        max_value=99.99,
        required=False,
        help_text="Empty: errors do not roll back.",
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    max_latency_ms = forms.FloatField(
        label="ModelLatency above (ms)",
        min_value=0.001,
        required=False,
        help_text="Empty: latency does not roll back.",
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    latency_percentile = forms.ChoiceField(
        label="Percentile",
        choices=[(p, p) for p in ("p50", "p90", "p95", "p99")],
        initial=_DEFAULT.latency_percentile,
        required=False,
    )
    minimum_samples = forms.IntegerField(
        label="Least invocations",
        initial=_DEFAULT.minimum_samples,
        min_value=1,
        required=False,
        help_text="With fewer, rate and latency say nothing.",
    )
    no_data = forms.ChoiceField(
        label="With fewer when a step ends", choices=_NO_DATA, required=False
    )
    alarms = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Any of them in state ALARM rolls back; without data it does not.",
    )

    def __init__(self, *given: Any, alarms: Sequence[str], **named: Any) -> None:
        super().__init__(*given, **named)
        offer(self, "alarms", ((name, name) for name in alarms))

    def guards(self) -> Guards:
        given = self.cleaned_data
        percent, latency_ms = given["max_error_percent"], given["max_latency_ms"]
        return Guards(
            max_error_rate=None if percent is None else percent / 100,
            max_latency_us=None if latency_ms is None else latency_ms * 1000,
            latency_percentile=given["latency_percentile"] or _DEFAULT.latency_percentile,
            alarms=tuple(given["alarms"]),
            minimum_samples=given["minimum_samples"] or _DEFAULT.minimum_samples,
            no_data=NoData(given["no_data"] or _DEFAULT.no_data),
        )
