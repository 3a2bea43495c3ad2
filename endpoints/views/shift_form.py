"""The form that starts a traffic shift. The service decides; the form only reads what was typed."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from endpoints.forms import offer
from endpoints.guards_form import GUARD_FIELDS, GuardsForm
from endpoints.models import Variant
from endpoints.shift import Policy, Routing, Size, SizeKind

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
#: Where a service's refusal of a member is shown.
FIELDS: Final = {
    "to": "to",
    "routing": "routing",
    "DeploymentConfig": "routing",
    "remove": "remove_others",
    **GUARD_FIELDS,
}


class ShiftForm(GuardsForm):
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

    def __init__(
        self, *given: Any, variants: Sequence[Variant], alarms: Sequence[str], **named: Any
    ) -> None:
        super().__init__(*given, alarms=alarms, **named)
        self.fields["max_error_percent"].initial = 1
        self._variants = [variant for variant in variants if not variant.shadow]
        offer(self, "to", ((one.name, f"{one.name} ({one.model.name})") for one in self._variants))

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

    def remove(self) -> list[str]:
        """All but the one that takes over: nobody else has weight at the end."""
        to = self.cleaned_data["to"]
        others = [one.name for one in self._variants if one.name != to]
        return others if self.cleaned_data["remove_others"] else []
