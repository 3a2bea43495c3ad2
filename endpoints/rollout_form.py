"""The form of a DeploymentConfig and of guards: how traffic moves to the new fleet, and what rolls
it back.

The service decides; the form only reads what was typed.
"""

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from endpoints.guards_form import GUARD_FIELDS, GuardsForm
from endpoints.shift import Routing, SizeKind

_ROUTINGS: Final = [
    (Routing.ALL_AT_ONCE.value, "All at once"),
    (Routing.CANARY.value, "Canary"),
    (Routing.LINEAR.value, "Linear"),
    (Routing.ROLLING.value, "Rolling"),
]
HINTS: Final = {
    Routing.ALL_AT_ONCE.value: "Blue/green: all traffic moves in one step.",
    Routing.CANARY.value: "Blue/green: a small part first, then the rest.",
    Routing.LINEAR.value: "Blue/green: equal steps.",
    Routing.ROLLING.value: "Instances are replaced batch by batch: no second full fleet.",
}
_SIZES: Final = [
    (SizeKind.CAPACITY_PERCENT.value, "Percent of the fleet"),
    (SizeKind.INSTANCE_COUNT.value, "Instances"),
]
#: Where AWS keeps the size of a step.
_SIZE_MEMBERS: Final = {
    Routing.CANARY: "CanarySize",
    Routing.LINEAR: "LinearStepSize",
    Routing.ROLLING: "MaximumBatchSize",
}
#: Where a service's refusal of a member is shown.
FIELDS: Final = {"DeploymentConfig": "routing", **GUARD_FIELDS}


class RolloutForm(GuardsForm):
    """What is left out is as AWS has it without a DeploymentConfig: all traffic at once."""

    use_required_attribute = False

    routing = forms.ChoiceField(
        label="How",
        choices=_ROUTINGS,
        initial=Routing.ALL_AT_ONCE.value,
        required=False,
        widget=forms.RadioSelect,
    )
    size = forms.IntegerField(
        label="Step size",
        initial=50,
        min_value=1,
        max_value=1000,
        required=False,
        help_text="Canary: 1 to 50 percent. Linear: 10 to 50. Rolling: 5 to 50.",
    )
    size_type = forms.ChoiceField(label="Measured in", choices=_SIZES, required=False)
    wait_s = forms.IntegerField(
        label="Bake time (seconds)",
        initial=0,
        min_value=0,
        max_value=3600,
        required=False,
        help_text="How long each step is watched before the next, 0 to 3600.",
    )
    termination_wait_s = forms.IntegerField(
        label="Termination wait (seconds)",
        initial=0,
        min_value=0,
        max_value=3600,
        required=False,
        help_text="How long the old fleet stays, ready to take over again, 0 to 3600.",
    )
    rollback_size = forms.IntegerField(
        label="Rollback batch size",
        min_value=1,
        max_value=1000,
        required=False,
        help_text="Empty: a rollback moves everything at once.",
    )
    timeout_s = forms.IntegerField(
        label="At the latest after (seconds)",
        min_value=600,
        max_value=28_800,
        required=False,
        help_text="600 to 28800: a longer update is rolled back. Empty: no limit of its own.",
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        stepped = given.get("routing") in {routing.value for routing in _SIZE_MEMBERS}
        if stepped and given.get("size") is None and "size" not in self.errors:
            self.add_error("size", "How large is a step?")
        return given

    def deployment_config(self) -> dict[str, Any] | None:
        """AWS's DeploymentConfig; None where its defaults are all that was asked for."""
        given = self.cleaned_data
        routing = Routing(given["routing"] or Routing.ALL_AT_ONCE)
        found = self._rolling() if routing is Routing.ROLLING else self._blue_green(routing)
        if given["alarms"]:
            named = [{"AlarmName": name} for name in given["alarms"]]
            found["AutoRollbackConfiguration"] = {"Alarms": named}
        return None if found == _DEFAULT else found

    def _blue_green(self, routing: Routing) -> dict[str, Any]:
        given = self.cleaned_data
        traffic = {"Type": routing.value, "WaitIntervalInSeconds": given["wait_s"] or 0}
        if routing in _SIZE_MEMBERS:
            traffic[_SIZE_MEMBERS[routing]] = self._size(given["size"])
        policy = {
            "TrafficRoutingConfiguration": traffic,
            "TerminationWaitInSeconds": given["termination_wait_s"] or 0,
            **self._timeout(),
        }
        return {"BlueGreenUpdatePolicy": policy}

    def _rolling(self) -> dict[str, Any]:
        given = self.cleaned_data
        policy = {
            "MaximumBatchSize": self._size(given["size"]),
            "WaitIntervalInSeconds": given["wait_s"] or 0,
            **self._timeout(),
        }
        if given["rollback_size"]:
            policy["RollbackMaximumBatchSize"] = self._size(given["rollback_size"])
        return {"RollingUpdatePolicy": policy}

    def _size(self, value: int) -> Mapping[str, Any]:
        kind = self.cleaned_data["size_type"] or SizeKind.CAPACITY_PERCENT.value
        return {"Type": kind, "Value": value}

    def _timeout(self) -> dict[str, int]:
        seconds = self.cleaned_data["timeout_s"]
        return {"MaximumExecutionTimeoutInSeconds": seconds} if seconds else {}


_DEFAULT: Final = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": Routing.ALL_AT_ONCE.value,
            "WaitIntervalInSeconds": 0,
        },
        "TerminationWaitInSeconds": 0,
    }
}
