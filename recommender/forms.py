"""The wizard's forms: what a person may type. Limits and rules between fields are validation's."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms

from recommender.form_rows import ENVIRONMENT, PHASES, Column, Data, Row, rows_of
from recommender.rules.traffic import users_at_end

MOST_INSTANCE_TYPES: Final = 8
DOMAINS: Final = ("COMPUTER_VISION", "NATURAL_LANGUAGE_PROCESSING", "MACHINE_LEARNING")
FRAMEWORKS: Final = ("XGBOOST", "SAGEMAKER-SCIKIT-LEARN", "ONNX", "TENSORFLOW", "PYTORCH")
TASKS: Final = (
    *("CLASSIFICATION", "REGRESSION", "IMAGE_CLASSIFICATION", "OBJECT_DETECTION"),
    *("IMAGE_SEGMENTATION", "TEXT_GENERATION", "FILL_MASK", "OTHER"),
)
NEAREST_MODELS: Final = ("xgboost", "sagemaker-scikit-learn", "resnet50", "bert-base-uncased")
_MEDIA_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+*-]+( *;[ -~]*)?", re.ASCII)
CONTENT_TYPES: Final = ("text/csv", "application/json", "text/libsvm", "application/x-npy")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the forms may offer to this team: read once for a page."""

    limits: Mapping[str, float]
    groups: Sequence[str] = ()
    #: (ARN, text) of each version of the chosen group.
    versions: Sequence[tuple[str, str]] = ()
    models: Sequence[str] = ()
    roles: Sequence[tuple[str, str]] = ()
    endpoints: Sequence[str] = ()
    instance_types: Sequence[str] = ()


def _pairs(values: Iterable[str], *, first: str = "") -> list[tuple[str, str]]:
    return [("", first), *((value, value) for value in values)]


def _titled(values: Iterable[str]) -> list[tuple[str, str]]:
    return [("", "-"), *((value, value.replace("_", " ").capitalize()) for value in values)]


class StepForm(forms.Form):
    """One step. `rows` are its repeated fields, as typed, with their own errors."""

    columns: ClassVar[Sequence[Column]] = ()
    required_css_class = "required"

    def __init__(self, data: Data | None, choices: Choices, initial: Data | None = None) -> None:
        self.choices = choices
        source = data if data is not None else initial
        self.rows = rows_of(source, self.columns) if source is not None else []
        super().__init__(data=data)
        self.first_time = source is None
        self.offer()
        if initial is not None:
            self._restore(initial)

    def offer(self) -> None:
        """Fills in choices, first values and what depends on the team's limits."""

    def limit(self, code: str) -> float:
        return self.choices.limits[f"recommender.{code}"]

    def _restore(self, initial: Data) -> None:
        for name, one in self.fields.items():
            if isinstance(one, forms.MultipleChoiceField):
                self.initial[name] = initial.getlist(name)
            elif isinstance(one, forms.BooleanField):
                self.initial[name] = name in initial
            else:
                self.initial[name] = initial.get(name, "")

    @classmethod
    def next_row(cls, rows: Sequence[Row]) -> list[str]:
        """What a row that is added below these holds at first."""
        return ["" for _ in cls.columns]

    def set_choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        one = self.fields[name]
        assert isinstance(one, forms.ChoiceField)
        one.choices = choices

    def suggest(self, name: str, list_id: str) -> None:
        self.fields[name].widget.attrs["list"] = list_id


class ModelForm(StepForm):
    columns = PHASES

    job_type = forms.ChoiceField(
        choices=[("Default", "Default"), ("Advanced", "Advanced")], initial="Advanced"
    )
    use_registry = forms.BooleanField(
        label="Choose model from model registry", required=False, initial=True
    )
    package_group = forms.ChoiceField(label="Model group", required=False)
    package_version = forms.ChoiceField(label="Model version", required=False)
    model_name = forms.ChoiceField(label="Model name", required=False)
    endpoint_name = forms.ChoiceField(
        label="Existing endpoint",
        required=False,
        help_text="Tested as it is, beside the instance types. It is never changed or removed.",
    )
    role_arn = forms.ChoiceField(label="IAM role")
    payload_url = forms.CharField(label="S3 path of the sample payload archive", required=False)
    content_type = forms.CharField(label="Payload content type", required=False)
    traffic_type = forms.ChoiceField(
        choices=[("PHASES", "Phases"), ("STAIRS", "Stairs")], initial="PHASES", required=False
    )
    stairs_seconds = forms.IntegerField(label="Duration (seconds)", required=False, initial=240)
    stairs_steps = forms.IntegerField(label="Number of steps", required=False, initial=4)
    stairs_users = forms.IntegerField(label="Users per step", required=False, initial=2)
    domain = forms.ChoiceField(label="Domain", required=False, choices=_titled(DOMAINS))
    framework = forms.CharField(label="Framework", required=False)
    framework_version = forms.CharField(label="Framework version", required=False)
    nearest_model = forms.CharField(label="Nearest model name", required=False)
    task = forms.ChoiceField(label="Task", required=False, choices=_titled(TASKS))
    data_input = forms.CharField(
        label="Data input configuration",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "code-input"}),
    )

    def offer(self) -> None:
        self.set_choices("package_group", _pairs(self.choices.groups, first="Choose a group"))
        versions = [("", "Choose a version"), *self.choices.versions]
        self.set_choices("package_version", versions)
        self.set_choices("model_name", _pairs(self.choices.models, first="Choose a model"))
        self.set_choices("endpoint_name", _pairs(self.choices.endpoints, first="None"))
        self.set_choices("role_arn", [("", "Choose a role"), *self.choices.roles])
        if len(self.choices.roles) == 1:
            self.initial["role_arn"] = self.choices.roles[0][0]
        for name in ("content_type", "framework", "nearest_model"):
            self.suggest(name, f"{name}-list")
        self.fields["payload_url"].widget.attrs["placeholder"] = "s3://bucket/prefix/payload.tar.gz"
        self._explain()
        if self.first_time:
            self.add_row()

    def add_row(self) -> None:
        """One user at first, then as many as the team may add, for the shortest time allowed."""
        spawn, seconds = self.limit("spawn_rate.max"), self.limit("phase_seconds.min")
        self.rows.append(Row(PHASES, ["1", f"{min(60, spawn):.0f}", f"{seconds:.0f}"]))

    @classmethod
    def next_row(cls, rows: Sequence[Row]) -> list[str]:
        """A phase that goes on with the users at the end of the one before."""
        if not rows:
            return super().next_row(rows)
        last = rows[-1].values
        users = users_at_end(Row(PHASES, last).numbers())
        return [str(max(1, users)), *last[1:]]

    def _explain(self) -> None:
        low, high = self.limit("phase_seconds.min"), self.limit("phase_seconds.max")
        texts = {
            "payload_url": "One .tar.gz of sample requests. Each request of the test picks one.",
            "content_type": "Sent with every request, such as text/csv.",
            "stairs_seconds": f"Of the whole staircase: {low:,.0f} to {high:,.0f}.",
            "stairs_steps": "Each step lasts the duration divided by this number.",
            "stairs_users": f"Added with each step: 1 to {self.limit('users_per_step.max'):.0f}.",
            "data_input": "The input's name and shape, such as {'input':[1,1024,1024,3]}.",
        }
        for name, text in texts.items():
            self.fields[name].help_text = text

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("use_registry"):
            self._require("package_group", "Choose the model group.")
            self._require("package_version", "Choose a version of the group.")
        elif not cleaned.get("endpoint_name"):
            self._require("model_name", "Choose the model.")
        if cleaned.get("job_type") == "Advanced" and cleaned.get("traffic_type") == "PHASES":
            cleaned["phases"] = [row.numbers() for row in self.rows]
            if any(row.errors for row in self.rows):
                self.add_error(None, "Correct the traffic pattern.")
        return cleaned

    def clean_payload_url(self) -> str:
        url = str(self.cleaned_data["payload_url"]).strip()
        if url and not url.startswith(("s3://", "https://")):
            raise forms.ValidationError("Enter an s3:// or https:// address.")
        return url

    def clean_content_type(self) -> str:
        content_type = str(self.cleaned_data["content_type"]).strip()
        if content_type and not _MEDIA_TYPE.fullmatch(content_type):
            raise forms.ValidationError("Enter a media type, such as text/csv.")
        return content_type

    def _require(self, name: str, message: str) -> None:
        if not self.cleaned_data.get(name) and not self.has_error(name):
            self.add_error(name, message)


class InstancesForm(StepForm):
    columns = ENVIRONMENT

    instance_types = forms.MultipleChoiceField(label="Instance types", required=False)
    serverless_memory = forms.TypedChoiceField(
        label="Memory size",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "None"), *((str(n), f"{n:,} MB") for n in range(1024, 6145, 1024))],
    )
    serverless_concurrency = forms.IntegerField(
        label="Maximum concurrency", required=False, min_value=1, max_value=200
    )

    def offer(self) -> None:
        self.set_choices("instance_types", [(name, name) for name in self.choices.instance_types])

    def clean_instance_types(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["instance_types"]
        if len(chosen) > MOST_INSTANCE_TYPES:
            raise forms.ValidationError(
                f"Choose up to {MOST_INSTANCE_TYPES} instance types: {len(chosen)} are chosen."
            )
        return chosen

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["environment"] = [
            {"Name": row.values[0].strip(), "Value": _values(row.values[1])}
            for row in self.rows
            if not row.is_empty
        ]
        return cleaned


def _values(text: str) -> list[str]:
    return [value.strip() for value in text.split(",") if value.strip()]


class ParametersForm(StepForm):
    name = forms.RegexField(
        label="Job name",
        required=False,
        regex=r"\A[a-zA-Z0-9](-*[a-zA-Z0-9])*\Z",
        max_length=48,
        error_messages={"invalid": "Use letters, digits and hyphens; begin and end without one."},
        help_text="A timestamp is appended. Empty: the model's name.",
    )
    description = forms.CharField(label="Job description", required=False, max_length=128)
    kms_key = forms.CharField(
        label="Encryption key",
        required=False,
        max_length=2048,
        help_text="Id or ARN of a KMS key. It is kept and passed on; the embedded host writes"
        " its results unencrypted.",
    )
    max_tests = forms.IntegerField(label="Maximum tests", required=False)
    max_parallel = forms.IntegerField(label="Maximum parallel tests", required=False)
    max_duration = forms.IntegerField(label="Maximum test duration (seconds)", required=False)
    max_invocations = forms.IntegerField(label="Maximum invocations per minute", required=False)
    latency_ms = forms.IntegerField(label="P99 model latency threshold (ms)", required=False)
    flat = forms.ChoiceField(
        label="When invocations flatten",
        choices=[("Stop", "Stop the test"), ("Continue", "Continue")],
        initial="Stop",
        required=False,
    )
    round_trip_ms = forms.IntegerField(
        label="Client round trip (ms)",
        required=False,
        initial=10,
        min_value=0,
        max_value=1000,
        help_text="The time each user waits before its next request, as a network would take it."
        " It is part of no latency. 0 is allowed: one or two users then saturate most models.",
    )

    def offer(self) -> None:
        texts = {
            "max_tests": f"1 to {self.limit('tests.max'):.0f}, which is what empty means. Each"
            " instance type with each combination of environment values is one test.",
            "max_parallel": f"1 to {self.limit('parallel_tests.max'):.0f}, which is what empty"
            " means. An upper bound: a test that finds no free cores waits for them.",
            "max_duration": f"Up to {self.limit('job_seconds.max'):,.0f}, which is what empty"
            " means. Each test's traffic must fit in it, and after it no new test begins.",
            "max_invocations": f"1 to {self.limit('max_invocations.max'):,.0f}. A test ends when"
            " it gets there. Empty: find the capacity.",
            "latency_ms": "A test ends when its model latency crosses this. Empty: none.",
        }
        for name, text in texts.items():
            self.fields[name].help_text = text
            self.fields[name].widget.attrs["min"] = 1
