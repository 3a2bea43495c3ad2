"""The forms that make an endpoint, move it to another configuration, or ask it something."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils import timezone

from endpoints.deploying import NewModel
from endpoints.forms import offer, read_environment

EXISTING: Final = "existing"
NEW: Final = "new"
_LONGEST_NAME: Final = 63


class EndpointForm(forms.Form):
    """`configs`: names to choose from."""

    endpoint_name = forms.CharField(
        label="Endpoint name",
        max_length=_LONGEST_NAME,
        help_text="Letters, digits and hyphens; at most 63.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    attach = forms.ChoiceField(
        choices=[(EXISTING, "Use an existing one"), (NEW, "Create a new one")], initial=NEW
    )
    config_name = forms.ChoiceField(label="Endpoint configuration", required=False)

    def __init__(self, *args: Any, configs: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "config_name", _to_choose(configs))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        missing = given.get("attach") == EXISTING and not given.get("config_name")
        if missing and "config_name" not in self.errors:
            self.add_error("config_name", "Choose an endpoint configuration.")
        return given


class NewModelForm(forms.Form):
    """The model that a recommendation needs: a registered version, or a model like another."""

    new_model_name = forms.CharField(label="Model name", max_length=_LONGEST_NAME)
    package = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2048)
    like = forms.CharField(widget=forms.HiddenInput, required=False, max_length=63)
    environment = forms.CharField(
        label="Environment variables",
        required=False,
        help_text="One NAME=value a line, on top of what the container has.",
        widget=forms.Textarea(attrs={"rows": 3, "class": "code-input"}),
    )

    def clean_environment(self) -> dict[str, str]:
        return read_environment(str(self.cleaned_data["environment"]))

    def wanted(self) -> NewModel:
        given = self.cleaned_data
        return NewModel(
            name=given["new_model_name"],
            package=given["package"],
            like=given["like"],
            environment=given["environment"],
        )


class UpdateForm(forms.Form):
    """`configs`: names to choose from."""

    config_name = forms.ChoiceField(label="Endpoint configuration")
    retain = forms.BooleanField(
        label="Retain weights and instance counts",
        required=False,
        help_text="Variants that both configurations have keep what they have now; otherwise the"
        " new configuration's initial values hold.",
    )

    def __init__(self, *args: Any, configs: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "config_name", _to_choose(configs))


def _to_choose(configs: list[str]) -> list[tuple[str, str]]:
    return [("", "Choose a configuration"), *((name, name) for name in configs)]


def prefill(asked: Mapping[str, str]) -> dict[str, Any]:
    """What a link such as "Deploy" of a recommendation fills in: package or model, instance_type,
    instance_count and env.NAME; or `config`, to attach one that is there."""
    package, like = asked.get("package", ""), asked.get("model", "")
    environment = {
        key.removeprefix("env."): value for key, value in asked.items() if key.startswith("env.")
    }
    base = _word(package) if package else like
    stamp = f"{timezone.now():%m%d-%H%M%S}"
    named = f"{base or 'endpoint'}"[: _LONGEST_NAME - len(stamp) - 8].rstrip("-")
    makes_model = bool(package or (like and environment))
    model_name = f"{named}-{stamp}" if makes_model else like
    count = asked.get("instance_count", "")
    return {
        "endpoint_name": f"{named}-{stamp}" if base else "",
        "attach": EXISTING if asked.get("config") else NEW,
        "config_name": asked.get("config", ""),
        "name": f"{named}-{stamp}-config" if base else "",
        "model": {
            "new_model_name": model_name,
            "package": package,
            "like": like,
            "environment": "\n".join(f"{key}={value}" for key, value in environment.items()),
        }
        if makes_model
        else None,
        "row": {
            "name": "AllTraffic" if base else "Variant1",
            "model_name": model_name,
            "instance_type": asked.get("instance_type", ""),
            "instance_count": count if count.isdecimal() else 1,
            "weight": 1,
        },
    }


def _word(package: str) -> str:
    """group/3 of an ARN -> group-v3."""
    return "-v".join(package.rpartition("model-package/")[2].rsplit("/", 1))
