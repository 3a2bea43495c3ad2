"""Forms of the storage pages. The services decide; forms only read."""

from django import forms


class BucketForm(forms.Form):
    name = forms.CharField(
        max_length=63,
        label="Bucket name",
        help_text="3 to 63 lower-case letters, digits, dots and hyphens. Names are global.",
    )


class UploadForm(forms.Form):
    file = forms.FileField(label="File")
    folder = forms.CharField(
        required=False,
        max_length=900,
        help_text="Within the bucket, for example models/v1. Empty: the top.",
    )
