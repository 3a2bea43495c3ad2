"""Pages of models: list, create, detail. They say early what the embedded host cannot serve."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import CallerError
from consoleapp.accounts.models import Role
from endpoints import queries, services
from endpoints.forms import MODEL_FIELDS, ModelForm, show_refusal
from endpoints.models import Model, ProductionVariant
from endpoints.stacks import table
from endpoints.views.listing import listed


@console_page("GET")
def models(request: AuthedRequest) -> HttpResponse:
    context = listed(request, queries.models(request.actor))
    context["rows"] = [_row(model) for model in context["rows"]]
    return render(request, "endpoints/models.html", context | _may(request))


@console_page("GET", "POST", role=Role.PUBLISHER)
def create(request: AuthedRequest) -> HttpResponse:
    form = ModelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            model = services.create_model(
                request.actor,
                name=form.cleaned_data["name"],
                primary_container=form.container(),
                execution_role_arn=form.cleaned_data["execution_role_arn"],
            )
        except CallerError as refused:
            show_refusal(form, refused, MODEL_FIELDS)
        else:
            messages.success(request, f"Model {model.name} was created.")
            return redirect("endpoints:model", model.name)
    context = {"form": form, "images": table.images()}
    status = 422 if request.method == "POST" else 200
    return render(request, "endpoints/create_model.html", context, status=status)


@console_page("GET")
def model(request: AuthedRequest, name: str) -> HttpResponse:
    found = queries.model(request.actor, name)
    image = str(found.container.get("Image", ""))
    used = ProductionVariant.objects.filter(model=found, config__deleted_at=None)
    context = {
        "model": found,
        "settings": _settings(found),
        "environment": found.container.get("Environment") or {},
        "refusal": table.refusal(image),
        "note": table.note(image),
        "variants": used.select_related("config").order_by("-id")[:20],
    }
    return render(request, "endpoints/model.html", context | _may(request))


@console_page("POST", role=Role.PUBLISHER)
def delete(request: AuthedRequest, name: str) -> HttpResponse:
    if request.POST.get("confirm") != "delete":
        messages.error(request, f"Model {name} was not deleted: type delete to confirm.")
        return redirect("endpoints:model", name)
    services.delete_model(request.actor, name=name)
    messages.success(request, f"Model {name} was deleted.")
    return redirect("endpoints:models")


def _may(request: AuthedRequest) -> dict[str, bool]:
    return {"may_publish": request.actor.may(Role.PUBLISHER)}


def _row(model: Model) -> dict[str, Any]:
    image = str(model.container.get("Image", ""))
    return {"model": model, "image": image, "refusal": table.refusal(image)}


def _settings(model: Model) -> list[dict[str, Any]]:
    container = model.container
    package = model.package
    return [
        {"label": "ARN", "value": model.arn, "copy": True},
        {"label": "Creation time", "value": f"{model.created_at:%b %d, %Y, %H:%M:%S} UTC"},
        {"label": "Container image", "value": container.get("Image"), "copy": True},
        {"label": "Model artifact", "value": container.get("ModelDataUrl"), "copy": True},
        {"label": "IAM role", "value": model.execution_role_arn},
        {"label": "Model package", "value": package.arn if package else ""},
    ]
