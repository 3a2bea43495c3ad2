"""How the guards of a shift or of an update look in REST."""

from typing import Any, Final

from rest_framework import serializers

from endpoints.shifting.guards import Guards, NoData

_DEFAULT: Final = Guards()


class GuardsOf(serializers.Serializer[Any]):
    """Each guard rolls back by itself while a step bakes."""

    max_error_rate = serializers.FloatField(
        required=False, allow_null=True, help_text="Part of the invocations answered 5XX, from 0"
    )
    max_latency_us = serializers.FloatField(required=False, allow_null=True)
    latency_percentile = serializers.CharField(default=_DEFAULT.latency_percentile)
    alarms = serializers.ListField(child=serializers.CharField(), default=list)
    minimum_samples = serializers.IntegerField(
        default=_DEFAULT.minimum_samples,
        help_text="Below so many invocations of a new variant, metrics say nothing",
    )
    no_data = serializers.ChoiceField(
        choices=[choice.value for choice in NoData],
        default=NoData.CONTINUE.value,
        help_text="What a step does whose wait is over without so many invocations",
    )
