"""Forms of the team pages. The services decide; forms only read."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from consoleapp.accounts.errors import CallerError
from consoleapp.accounts.models import Role


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "The user name or the password is wrong.",
        "inactive": "This user is not active.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "User name"


class MemberForm(forms.Form):
    username = forms.CharField(
        max_length=150,
        label="User name",
        help_text="A new name makes a new user; their password is shown once.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(choices=Role.choices, initial=Role.OPERATOR.value)


class IamRoleForm(forms.Form):
    name = forms.CharField(
        max_length=64, label="Role name", help_text="Letters, digits and characters of +=,.@-_"
    )
    description = forms.CharField(max_length=1000, required=False)


class DescriptionForm(forms.Form):
    description = forms.CharField(
        max_length=128, required=False, help_text="What it is for, so that you know it later."
    )


class QuotaForm(forms.Form):
    code = forms.CharField(max_length=64)
    value = forms.FloatField(required=False, min_value=0, help_text="Empty: the default.")


def show_refusal(form: forms.Form, refused: CallerError) -> None:
    """Puts a service's refusal where the form shows it: at its field, else above all."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.message)
