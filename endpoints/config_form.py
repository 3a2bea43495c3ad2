"""The form of an endpoint configuration: its name, its variants as rows, data capture.

Rows are added and removed by the server, so that it works without JavaScript.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.http import QueryDict

from endpoints import instance_types
from endpoints.forms import NO_NAME, in_full
from endpoints.models import EndpointConfig
from endpoints.specs import VariantSpec

_SEARCHED: Final = {"autocomplete": "off", "spellcheck": "false"}
PREFIX: Final = "variant"
MOST_ROWS: Final = 20
PRODUCTION: Final = "production"
SHADOW: Final = "shadow"


class ConfigForm(forms.Form):
    # It may stand on a page beside another way, hidden: a browser must not insist on it then.
    use_required_attribute = False

    name = forms.CharField(
        label="Endpoint configuration name",
        max_length=63,
        help_text="Letters, digits and hyphens; at most 63.",
        widget=forms.TextInput(attrs=_SEARCHED),
    )
    kms_key_id = forms.CharField(
        label="Encryption key",
        max_length=2048,
        required=False,
        help_text="Kept and returned: the embedded host does not encrypt its volumes.",
    )
    capture = forms.BooleanField(
        label="Enable data capture",
        required=False,
        help_text="A sample of requests and responses is written to S3, as JSON lines.",
    )
    capture_percent = forms.IntegerField(
        label="Sampling percentage", min_value=0, max_value=100, required=False, initial=100
    )
    capture_uri = forms.CharField(
        label="S3 location of captured data",
        max_length=512,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "s3://bucket/prefix", **_SEARCHED}),
    )
    capture_modes = forms.MultipleChoiceField(
        label="What to capture",
        choices=[("Input", "Requests"), ("Output", "Responses")],
        required=False,
        initial=["Input", "Output"],
        widget=forms.CheckboxSelectMultiple,
    )

    capture_csv = forms.CharField(
        label="Content types kept as CSV",
        max_length=512,
        required=False,
        initial="text/csv",
        help_text="Separated by commas. What is in neither list is kept as Base64.",
    )
    capture_json = forms.CharField(
        label="Content types kept as JSON",
        max_length=512,
        required=False,
        initial="application/json",
        help_text="Separated by commas.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("capture"):
            if not str(given.get("capture_uri", "")).startswith("s3://"):
                self.add_error("capture_uri", "Name an s3:// location.")
            if not given.get("capture_modes"):
                self.add_error("capture_modes", "Choose requests, responses or both.")
        return given

    def members(self) -> dict[str, Any]:
        """The other members of CreateEndpointConfig, in AWS's names."""
        given = self.cleaned_data
        found: dict[str, Any] = {}
        if given["kms_key_id"]:
            found["KmsKeyId"] = given["kms_key_id"]
        if given["capture"]:
            percent = given["capture_percent"]
            found["DataCaptureConfig"] = {
                "EnableCapture": True,
                "InitialSamplingPercentage": 100 if percent is None else percent,
                "DestinationS3Uri": given["capture_uri"],
                "CaptureOptions": [{"CaptureMode": mode} for mode in given["capture_modes"]],
                **self._content_types(),
            }
        return found

    def _content_types(self) -> dict[str, Any]:
        lists = {"CsvContentTypes": "capture_csv", "JsonContentTypes": "capture_json"}
        named = {
            member: [each.strip() for each in self.cleaned_data[name].split(",") if each.strip()]
            for member, name in lists.items()
        }
        given = {member: types for member, types in named.items() if types}
        return {"CaptureContentTypeHeader": given} if given else {}


class VariantRow(forms.Form):
    name = forms.RegexField(
        label="Variant name",
        max_length=63,
        regex=r"\A[a-zA-Z0-9](-*[a-zA-Z0-9])*\Z",
        error_messages={"invalid": NO_NAME},
    )
    model_name = forms.CharField(
        label="Model",
        max_length=63,
        widget=forms.TextInput(attrs={"list": "models", "data-hint-from": "models", **_SEARCHED}),
    )
    instance_type = forms.CharField(
        label="Instance type",
        max_length=32,
        widget=forms.TextInput(
            attrs={
                "list": "instance-types",
                "data-hint-from": "instance-types",
                "placeholder": "ml.c5.large",
                **_SEARCHED,
            }
        ),
    )
    instance_count = forms.IntegerField(label="Instances", min_value=1, max_value=1000, initial=1)
    weight = forms.FloatField(
        label="Weight",
        min_value=0,
        initial=1,
        widget=forms.NumberInput(attrs={"data-weight": "", "step": "any"}),
    )
    kind = forms.ChoiceField(
        label="Gets",
        choices=[(PRODUCTION, "Traffic"), (SHADOW, "A copy")],
        initial=PRODUCTION,
        widget=forms.Select(attrs={"data-kind": ""}),
    )

    def clean_instance_type(self) -> str:
        name = str(self.cleaned_data["instance_type"]).strip()
        refused = instance_types.refusal(name)
        if refused:
            raise forms.ValidationError(refused)
        return name

    def spec(self) -> VariantSpec:
        given = self.cleaned_data
        return VariantSpec(
            name=given["name"],
            model_name=given["model_name"],
            instance_type=given["instance_type"],
            instance_count=given["instance_count"],
            weight=given["weight"],
            shadow=given["kind"] == SHADOW,
        )


if TYPE_CHECKING:
    _FormSet = forms.BaseFormSet[VariantRow]
else:
    _FormSet = forms.BaseFormSet


class VariantRows(_FormSet):
    """Row by row as typed; `with_rows` makes one of plain values."""

    def specs(self) -> list[VariantSpec]:
        return [row.spec() for row in self.forms]

    def raw(self) -> list[dict[str, Any]]:
        """What the fields show, valid or not."""
        return [{name: row[name].value() for name in row.fields} for row in self.forms]


_Rows: Final = forms.formset_factory(
    VariantRow,
    formset=VariantRows,
    extra=0,
    min_num=1,
    max_num=MOST_ROWS,
    absolute_max=MOST_ROWS,
    validate_min=True,
    validate_max=True,
)


def as_typed(data: QueryDict) -> dict[str, Any]:
    """Initial values of forms that are shown once more as they were left, sent or not."""
    return {**data.dict(), "capture_modes": data.getlist("capture_modes")}


def rows_of(data: QueryDict) -> VariantRows:
    return cast(VariantRows, _Rows(data, prefix=PREFIX))


def with_rows(values: Sequence[Mapping[str, Any]]) -> VariantRows:
    return cast(VariantRows, _Rows(initial=[dict(value) for value in values], prefix=PREFIX))


def changed(rows: VariantRows, action: str) -> VariantRows:
    """One row more, or without the row of that number; nothing typed in others is lost."""
    values = rows.raw()
    if action == "add-variant":
        values = [*values, next_row(values)][:MOST_ROWS]
    else:
        number = action.removeprefix("remove-variant-")
        if number.isdecimal() and len(values) > 1:
            values = [value for at, value in enumerate(values) if at != int(number)]
    return with_rows(values)


def next_row(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Named on from those there are, on the instances of the last."""
    taken = {value.get("name") for value in values}
    number = next(n for n in range(1, MOST_ROWS + 2) if f"Variant{n}" not in taken)
    last = values[-1] if values else {}
    return {
        "name": f"Variant{number}",
        "model_name": "",
        "instance_type": last.get("instance_type", ""),
        "instance_count": 1,
        "weight": 1,
        "kind": PRODUCTION,
    }


def shares(values: Iterable[Mapping[str, Any]]) -> list[float | None]:
    """Each row's part of the traffic; None for a copy, and where no weight can be read."""
    weights = [None if value.get("kind") == SHADOW else _weight(value) for value in values]
    whole = sum(weight for weight in weights if weight)
    return [None if weight is None or not whole else weight / whole for weight in weights]


def _weight(value: Mapping[str, Any]) -> float | None:
    try:
        weight = float(value.get("weight") or 0)
    except (TypeError, ValueError):
        return None
    return weight if 0 <= weight < float("inf") else None


def values_of(config: EndpointConfig) -> list[dict[str, Any]]:
    """The rows of a configuration that is there, to make another like it."""
    return [
        {
            "name": variant.name,
            "model_name": variant.model.name,
            "instance_type": variant.instance_type,
            "instance_count": variant.initial_instance_count,
            "weight": in_full(variant.initial_weight),
            "kind": SHADOW if variant.shadow else PRODUCTION,
        }
        for variant in config.variants.all()
    ]


#: Where a service's refusal of a member is shown.
CONFIG_FIELDS: Final = {
    "EndpointConfigName": "name",
    "DataCaptureConfig.DestinationS3Uri": "capture_uri",
    "DataCaptureConfig.CaptureContentTypeHeader.CsvContentTypes": "capture_csv",
    "DataCaptureConfig.CaptureContentTypeHeader.JsonContentTypes": "capture_json",
}
