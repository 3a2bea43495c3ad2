"""The form that starts a traffic shift. The service decides; the form only reads what was typed."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from endpoints.forms import offer
from endpoints.models import Variant
from endpoints.shift import Policy, Routing, Size, SizeKind
from endpoints.shifting.guards import Guards, NoData

_ROUTINGS: Final = [
    (Routing.ALL_AT_ONCE.value, "All at once"),
    (Routing.CANARY.value, "Canary"),
    (Routing.LINEAR.value, "Linear"),
]
HINTS: Final = {
    Routing.ALL_AT_ONCE.value: "One step, then it bakes.",
    Routing.CANARY.value: "A small part first; the rest when that part has baked well.",
    Routing.LINEAR.value: "Equal steps, each of them bakes.",
}
_NO_DATA: Final = [
    (NoData.CONTINUE.value, "Continue, as at AWS"),
    (NoData.WAIT.value, "Wait for more"),
    (NoData.ROLL_BACK.value, "Roll back"),
]
#: Where a service's refusal of a member is shown.
FIELDS: Final = {
    "to": "to",
    "routing": "routing",
    "DeploymentConfig": "routing",
    "remove": "remove_others",
    "max_error_rate": "max_error_percent",
    "max_latency_us": "max_latency_ms",
    "latency_percentile": "latency_percentile",
    "minimum_samples": "minimum_samples",
    "alarms": "alarms",
}


class ShiftForm(forms.Form):
    to = forms.ChoiceField(
        label="Shift traffic to", help_text="The variant that takes over what the others have."
    )
    routing = forms.ChoiceField(
        label="How", choices=_ROUTINGS, initial=Routing.CANARY.value, widget=forms.RadioSelect
    )
    canary_percent = forms.IntegerField(
        label="Canary size (percent)",
        initial=10,
        min_value=1,
        max_value=50,
        required=False,
        help_text="Of the traffic that is to move, 1 to 50.",
    )
    linear_percent = forms.IntegerField(
        label="Step size (percent)",
        initial=50,
        min_value=10,
        max_value=50,
        required=False,
        help_text="Of the traffic that is to move, 10 to 50.",
    )
    wait_s = forms.IntegerField(
        label="Bake time (seconds)",
        initial=60,
        min_value=0,
        max_value=3600,
        help_text="How long each step is watched before the next, 0 to 3600.",
    )
    remove_others = forms.BooleanField(
        label="Remove the variants that are left without traffic",
        required=False,
        help_text="At the end: their instances drain and stop.",
    )
    max_error_percent = forms.FloatField(
        label="5XX rate above (percent)",
        initial=1,
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
        label="Percentile", choices=[(p, p) for p in ("p50", "p90", "p95", "p99")], initial="p99"
    )
    minimum_samples = forms.IntegerField(
        label="Least invocations",
        initial=Guards().minimum_samples,
        min_value=1,
        help_text="With fewer, rate and latency say nothing.",
    )
    no_data = forms.ChoiceField(label="With fewer when a step ends", choices=_NO_DATA)
    alarms = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Any of them in state ALARM rolls back; without data it does not.",
    )

    def __init__(
        self, *given: Any, variants: Sequence[Variant], alarms: Sequence[str], **named: Any
    ) -> None:
        super().__init__(*given, **named)
        self._variants = [variant for variant in variants if not variant.shadow]
        offer(self, "to", ((one.name, f"{one.name} ({one.model.name})") for one in self._variants))
        offer(self, "alarms", ((name, name) for name in alarms))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for routing, name in (("CANARY", "canary_percent"), ("LINEAR", "linear_percent")):
            wanted = given.get("routing") == routing and name not in self.errors
            if wanted and given.get(name) is None:
                self.add_error(name, "How many percent?")
        return given

    def policy(self) -> Policy:
        given = self.cleaned_data
        routing = Routing(given["routing"])
        percent = {
            Routing.CANARY: given.get("canary_percent"),
            Routing.LINEAR: given.get("linear_percent"),
        }.get(routing)
        size = Size(SizeKind.CAPACITY_PERCENT, percent) if percent else None
        return Policy(routing=routing, size=size, wait_s=given["wait_s"])

    def guards(self) -> Guards:
        given = self.cleaned_data
        percent, latency_ms = given["max_error_percent"], given["max_latency_ms"]
        return Guards(
            max_error_rate=None if percent is None else percent / 100,
            max_latency_us=None if latency_ms is None else latency_ms * 1000,
            latency_percentile=given["latency_percentile"],
            alarms=tuple(given["alarms"]),
            minimum_samples=given["minimum_samples"],
            no_data=NoData(given["no_data"]),
        )

    def remove(self) -> list[str]:
        """All but the one that takes over: nobody else has weight at the end."""
        to = self.cleaned_data["to"]
        others = [one.name for one in self._variants if one.name != to]
        return others if self.cleaned_data["remove_others"] else []
