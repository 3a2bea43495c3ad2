"""Forms of the endpoint pages. The services decide; forms only read what was typed."""

import re
from collections.abc import Iterable
from typing import Any, Final

from django import forms

from consoleapp.accounts.errors import CallerError
from endpoints.specs import WeightAndCapacity

_CONSTRAINT: Final = re.compile(
    r"^1 validation error detected: Value .* failed to satisfy constraint: Member must ", re.DOTALL
)
_NAME_RULE: Final = "pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$"
NO_NAME: Final = "Use letters, digits and hyphens; begin and end without a hyphen."


def offer(form: forms.Form, field: str, choices: Iterable[tuple[str, str]]) -> None:
    """What there is to choose from now: values and what they are shown as."""
    found = form.fields[field]
    assert isinstance(found, forms.ChoiceField)
    found.choices = list(choices)


def read_environment(text: str) -> dict[str, str]:
    """Of NAME=value lines. Raises ValidationError for a line that is none."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if not equals and name:
            raise forms.ValidationError(f"'{name}' is not of the form NAME=value.")
        if name:
            found[name] = value
    return found


class ModelForm(forms.Form):
    name = forms.CharField(
        label="Model name", max_length=63, help_text="Letters, digits and hyphens; at most 63."
    )
    image = forms.CharField(
        label="Container image",
        max_length=255,
        help_text="An image URI. The list offers those that this host serves.",
        widget=forms.TextInput(attrs={"list": "served-images", "autocomplete": "off"}),
    )
    model_data_url = forms.CharField(
        label="Model artifact",
        max_length=1024,
        required=False,
        help_text="s3://bucket/path/model.tar.gz",
    )
    execution_role_arn = forms.CharField(
        label="IAM role",
        max_length=2048,
        required=False,
        help_text="Kept and passed on: the embedded host has no IAM.",
    )
    environment = forms.CharField(
        label="Environment variables",
        required=False,
        help_text="One NAME=value a line.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_environment(self) -> dict[str, str]:
        return read_environment(str(self.cleaned_data["environment"]))

    def container(self) -> dict[str, Any]:
        """A ContainerDefinition as AWS has it."""
        given = self.cleaned_data
        found = {"Image": given["image"], "Environment": given["environment"]}
        if given["model_data_url"]:
            found["ModelDataUrl"] = given["model_data_url"]
        return found


#: Where a service's refusal of a member is shown.
MODEL_FIELDS = {
    "ModelName": "name",
    "PrimaryContainer.Image": "image",
    "PrimaryContainer.ModelDataUrl": "model_data_url",
    "PrimaryContainer.Environment": "environment",
}


class VariantForm(forms.Form):
    """Weight and count of one variant; its prefix is the variant's name."""

    weight = forms.FloatField(
        label="Weight",
        min_value=0,
        widget=forms.NumberInput(attrs={"data-weight": "", "step": "any"}),
    )
    instance_count = forms.IntegerField(label="Instances", min_value=1, max_value=1000)

    def change(self, variant: str) -> WeightAndCapacity:
        given = self.cleaned_data
        return WeightAndCapacity(
            variant=variant, weight=given["weight"], instance_count=given["instance_count"]
        )


def in_full(number: float) -> str:
    """As a person types it, with all its digits: what a form offers comes back unchanged."""
    return f"{number:.15g}"


def show_refusal(form: forms.Form, refused: CallerError, fields: dict[str, str]) -> None:
    """Puts a service's refusal where the form shows it: at its field, else above all."""
    field = fields.get(refused.field)
    form.add_error(field, _beside_field(refused.message) if field else refused.message)


def _beside_field(message: str) -> str:
    """AWS's sentence names the member and repeats the value, which both stand there already."""
    if message.endswith(_NAME_RULE):
        return NO_NAME
    return _CONSTRAINT.sub("Must ", message)
