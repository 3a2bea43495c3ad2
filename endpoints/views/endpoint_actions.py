"""What the buttons of an endpoint's page do."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import CallerError, NotFound
from consoleapp.accounts.models import Role
from endpoints import queries, services
from endpoints.forms import VariantForm


@console_page("POST", role=Role.OPERATOR)
def delete(request: AuthedRequest, name: str) -> HttpResponse:
    if request.POST.get("confirm") != "delete":
        messages.error(request, f"Endpoint {name} was not deleted: type delete to confirm.")
        return redirect("endpoints:detail", name)
    services.delete_endpoint(request.actor, name=name)
    messages.success(request, f"Endpoint {name} is being deleted.")
    return redirect("endpoints:list")


@console_page("POST", role=Role.OPERATOR)
def weights(request: AuthedRequest, name: str) -> HttpResponse:
    """Weights and instance counts of all variants, as the table's form sends them."""
    found = queries.endpoint(request.actor, name)
    desired = []
    for variant in queries.variants(found):
        form = VariantForm(request.POST, prefix=variant.name)
        if not form.is_valid():
            messages.error(request, f"{variant.name}: {_first_error(form)}")
            return redirect("endpoints:detail", name)
        desired.append(form.change(variant.name))
    try:
        services.update_weights_and_capacities(request.actor, name=name, desired=desired)
    except NotFound:
        raise
    except CallerError as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, "The new weights hold; instances follow.")
    return redirect("endpoints:detail", name)


def _first_error(form: VariantForm) -> str:
    field, errors = next(iter(form.errors.items()))
    return f"{field.replace('_', ' ')}: {errors[0]}"
