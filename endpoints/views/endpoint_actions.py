"""What the buttons of an endpoint's page do."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import CallerError, NotFound
from consoleapp.accounts.models import Role
from endpoints import queries, services
from endpoints.forms import VariantForm
from endpoints.views import endpoint_shown as shown

_HOLD: Final = "The new weights hold; instances follow."


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
    rows = shown.variant_rows(list(queries.variants(found)))
    for row in rows:
        row["form"] = VariantForm(request.POST, prefix=row["variant"].name)
    refusal = _change(request, name, rows)
    if request.headers.get("HX-Request") == "true":
        return _weights_fragment(request, name, rows, refusal)
    if refusal:
        messages.error(request, refusal)
    else:
        messages.success(request, _HOLD)
    return redirect("endpoints:detail", name)


def _change(request: AuthedRequest, name: str, rows: list[dict[str, Any]]) -> str:
    """Why not; empty when the weights hold."""
    wrong = [row for row in rows if not row["form"].is_valid()]
    if wrong:
        return f"{wrong[0]['variant'].name}: {_first_error(wrong[0]['form'])}"
    desired = [row["form"].change(row["variant"].name) for row in rows]
    try:
        services.update_weights_and_capacities(request.actor, name=name, desired=desired)
    except NotFound:
        raise
    except CallerError as refused:
        return refused.message
    return ""


def _weights_fragment(
    request: AuthedRequest, name: str, rows: list[dict[str, Any]], refusal: str
) -> HttpResponse:
    found = queries.endpoint(request.actor, name)
    context = {**shown.permissions(request, found), "endpoint": found, "refusal": refusal}
    if refusal:
        # As typed, with what is wrong marked; a busy endpoint must not lose it either.
        context |= {"variants": rows, "changeable": True}
    else:
        context |= {"variants": shown.variant_rows(list(queries.variants(found))), "said": _HOLD}
    answer = render(request, "endpoints/_weights.html", context, status=422 if refusal else 200)
    if not refusal:
        answer["HX-Trigger-After-Swap"] = "endpoint-changed"
    return answer


def _first_error(form: VariantForm) -> str:
    field, errors = next(iter(form.errors.items()))
    return f"{field.replace('_', ' ')}: {errors[0]}"
