"""The form of a test inference: what is sent, as what, and to which variant."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from endpoints.forms import offer
from endpoints.invocation_code import Call
from endpoints.invoking import BODY_LIMIT, Invocation
from endpoints.models import Endpoint

CONTENT_TYPES: Final = (
    "text/csv",
    "application/json",
    "application/jsonlines",
    "text/libsvm",
    "application/x-npy",
    "application/octet-stream",
)


class InferenceForm(forms.Form):
    """`variants`: names that a request may be sent to directly."""

    content_type = forms.CharField(
        label="Content type",
        initial="text/csv",
        max_length=1024,
        widget=forms.TextInput(attrs={"list": "content-types", "autocomplete": "off"}),
    )
    accept = forms.CharField(
        label="Accept",
        required=False,
        max_length=1024,
        widget=forms.TextInput(attrs={"list": "content-types", "autocomplete": "off"}),
    )
    target_variant = forms.ChoiceField(
        label="Target variant",
        required=False,
        help_text="A variant named here answers, whatever the weights are.",
    )
    body = forms.CharField(
        label="Request body",
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 6, "class": "code-input", "spellcheck": "false", "placeholder": "1,2,3"}
        ),
    )
    file = forms.FileField(
        label="or a file",
        required=False,
        allow_empty_file=True,
        help_text="Sent as it is, instead of the body above; at most 6 MiB.",
        widget=forms.FileInput(attrs={"data-name-in": "id_filename"}),
    )

    def __init__(self, *args: Any, variants: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "target_variant", [("", "By weights"), *((name, name) for name in variants)])

    def invocation(self) -> Invocation:
        given = self.cleaned_data
        file = given["file"]
        return Invocation(
            # Of a file, one byte over is enough to be told that it is too long. In a typed body, a
            # browser's line ends are not what a CSV has.
            body=file.read(BODY_LIMIT + 1)
            if file
            else given["body"].replace("\r\n", "\n").encode(),
            content_type=given["content_type"],
            accept=given["accept"],
            target_variant=given["target_variant"],
        )


def call_of(form: InferenceForm, endpoint: Endpoint, address: str) -> Call:
    """What the form shows as a call, sent or not, valid or not."""
    file = form.files.get("file") if form.is_bound else None

    def shown(name: str) -> str:
        return str(form[name].value() or "")

    return Call(
        address=address,
        region=endpoint.region,
        endpoint=endpoint.name,
        body=shown("body").replace("\r\n", "\n"),
        filename=(file.name or "") if file else form.data.get("filename", ""),
        content_type=shown("content_type"),
        accept=shown("accept"),
        target_variant=shown("target_variant"),
    )


#: Where a service's refusal of a member is shown.
FIELDS: Final = {
    "ContentType": "content_type",
    "Accept": "accept",
    "TargetVariant": "target_variant",
}
