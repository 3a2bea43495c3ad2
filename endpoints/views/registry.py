"""Pages of the model registry: groups, their versions, one version and its approval."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Max
from django.http import HttpResponse
from django.shortcuts import redirect, render

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import CallerError
from consoleapp.accounts.models import Role
from endpoints import queries, services
from endpoints.models import ModelPackage
from endpoints.stacks import table
from endpoints.views.listing import listed


@console_page("GET")
def groups(request: AuthedRequest) -> HttpResponse:
    rows = queries.groups(request.actor)
    rows = rows.annotate(version_count=Count("versions"), newest=Max("versions__version"))
    return render(request, "endpoints/groups.html", listed(request, rows))


@console_page("GET")
def group(request: AuthedRequest, name: str) -> HttpResponse:
    found = queries.group(request.actor, name)
    context = {"group": found, "versions": queries.packages(request.actor, group_name=name)}
    return render(request, "endpoints/group.html", context)


@console_page("GET")
def package(request: AuthedRequest, name: str, version: int) -> HttpResponse:
    found = queries.package(request.actor, f"{name}/{version}")
    containers = found.inference_specification.get("Containers") or [{}]
    image = str(containers[0].get("Image", ""))
    context = {
        "package": found,
        "settings": _settings(found, containers[0]),
        "content_types": found.inference_specification.get("SupportedContentTypes") or [],
        "instance_types": found.inference_specification.get(
            "SupportedRealtimeInferenceInstanceTypes"
        )
        or [],
        "refusal": table.refusal(image),
        "note": table.note(image),
        "approvals": ModelPackage.Approval.choices,
        "may_publish": request.actor.may(Role.PUBLISHER),
    }
    return render(request, "endpoints/package.html", context)


@console_page("POST", role=Role.PUBLISHER)
def approve(request: AuthedRequest, name: str, version: int) -> HttpResponse:
    found = queries.package(request.actor, f"{name}/{version}")
    status = request.POST.get("status", "")
    try:
        services.approve_package(request.actor, arn=found.arn, status=status)
    except CallerError as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"Version {version} of {name} is now: {status}.")
    return redirect("endpoints:package", name, version)


def _settings(package: ModelPackage, container: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"label": "Approval", "value": package.approval_status, "status": True},
        {"label": "ARN", "value": package.arn, "copy": True},
        {"label": "Creation time", "value": f"{package.created_at:%b %d, %Y, %H:%M:%S} UTC"},
        {"label": "Container image", "value": container.get("Image"), "copy": True},
        {"label": "Model artifact", "value": container.get("ModelDataUrl"), "copy": True},
        {"label": "Domain", "value": package.domain},
        {"label": "Task", "value": package.task},
        {
            "label": "Framework",
            "value": f"{package.framework} {package.framework_version}".strip(),
        },
        {"label": "Nearest model", "value": package.nearest_model_name},
        {"label": "Sample payload", "value": package.sample_payload_url, "copy": True},
    ]
