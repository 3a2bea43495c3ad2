"""The form that starts an evaluation. The service decides; the form only reads what was typed."""

from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile

from endpoints.evaluation import labelled
from endpoints.evaluation.plan import MAX_ROWS_PER_INVOCATION, Plan
from endpoints.forms import offer
from endpoints.models import Variant

UPLOAD: Final = "upload"
ADDRESS: Final = "s3"


class EvaluationForm(forms.Form):
    source = forms.ChoiceField(
        label="Test set",
        choices=[(UPLOAD, "Upload a CSV file"), (ADDRESS, "Use a CSV in S3")],
        initial=UPLOAD,
        widget=forms.RadioSelect,
    )
    file = forms.FileField(
        label="CSV file",
        required=False,
        help_text="Kept in the team's default bucket.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    test_set_uri = forms.CharField(
        label="S3 address",
        required=False,
        max_length=1100,
        help_text="s3://bucket/path/test.csv, in a bucket of the team.",
    )
    has_header = forms.BooleanField(
        label="The first line is a header", required=False, help_text="It is not sent."
    )
    label_column = forms.CharField(
        label="Label column",
        initial="0",
        help_text="Its name in the header, or its number: 0 is the first column, -1 the last.",
    )
    positive_label = forms.CharField(
        label="Positive label", initial="1", help_text="The label of the class to be found."
    )
    threshold = forms.FloatField(
        initial=0.5,
        help_text="A row is called positive when its score is this or more.",
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    rows_per_invocation = forms.IntegerField(
        label="Rows per invocation",
        initial=1,
        min_value=1,
        max_value=MAX_ROWS_PER_INVOCATION,
        help_text="1 keeps rows apart: more is faster, but a row that fails takes its batch along.",
    )
    variants = forms.MultipleChoiceField(
        label="Variants", widget=forms.CheckboxSelectMultiple, help_text="Two or more are compared."
    )

    def __init__(self, *given: Any, choices: list[Variant], **named: Any) -> None:
        super().__init__(*given, **named)
        offer(self, "variants", ((one.name, f"{one.name} ({one.model.name})") for one in choices))
        self.fields["variants"].initial = [variant.name for variant in choices]

    def clean_file(self) -> "UploadedFile[bytes] | None":
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        # Before it is read: it may be larger than the memory.
        if file and (file.size or 0) > labelled.MAX_BYTES:
            most_mib = labelled.MAX_BYTES // 2**20
            raise forms.ValidationError(f"The file is larger than {most_mib} MiB.")
        return file

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("source") == UPLOAD and not given.get("file"):
            self.add_error("file", "Choose a CSV file.")
        if given.get("source") == ADDRESS and not given.get("test_set_uri"):
            self.add_error("test_set_uri", "Give the address of a CSV.")
        return given

    def uploaded(self) -> "UploadedFile[bytes] | None":
        if self.cleaned_data["source"] != UPLOAD:
            return None
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        return file

    def plan(self, uri: str) -> Plan:
        given = self.cleaned_data
        return Plan(
            test_set_uri=uri,
            label_column=given["label_column"],
            has_header=given["has_header"],
            positive_label=given["positive_label"],
            threshold=given["threshold"],
            rows_per_invocation=given["rows_per_invocation"],
        )
