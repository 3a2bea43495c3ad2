"""What the pages with variant rows share: what can be chosen, hints beside it, and row changes."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from consoleapp.accounts.access import AuthedRequest
from endpoints import instance_types, queries
from endpoints.config_form import VariantRows, shares
from endpoints.instance_types import InstanceType
from endpoints.stacks import table


def context(request: AuthedRequest, rows: VariantRows, *, new_model: str = "") -> dict[str, Any]:
    """`new_model`: the name of one that is about to be made, to choose beside those there are."""
    models = model_choices(request, new_model)
    types = type_choices()
    known_models = {choice["value"]: choice for choice in models}
    known_types = {choice["value"]: choice for choice in types}
    raw = rows.raw()
    return {
        "rows": rows,
        "variant_rows": [
            {
                "form": form,
                "share": share,
                "model_hint": known_models.get(str(values["model_name"])),
                "type_hint": known_types.get(str(values["instance_type"])),
            }
            for form, values, share in zip(rows.forms, raw, shares(raw), strict=True)
        ],
        "models": models,
        "types": types,
    }


def fragment(request: AuthedRequest, rows: VariantRows, new_model: str = "") -> HttpResponse:
    found = context(request, rows, new_model=new_model)
    return render(request, "endpoints/_variant_rows.html", found)


def asks_for_rows(request: AuthedRequest) -> str:
    """The action of a button that adds or removes a row; empty for the form's own."""
    action = request.POST.get("action", "")
    return action if action.startswith(("add-variant", "remove-variant-")) else ""


def model_choices(request: AuthedRequest, new_model: str) -> list[dict[str, str]]:
    made = [{"value": new_model, "text": "made with this endpoint", "refused": ""}]
    choices = [] if not new_model else made
    for model in queries.models(request.actor):
        image = str(model.container.get("Image", ""))
        refused = table.refusal(image) or ""
        choices.append(
            {
                "value": model.name,
                "text": refused or image.rpartition("/")[2],
                "refused": "yes" if refused else "",
            }
        )
    return choices


def type_choices() -> list[dict[str, str]]:
    """Those that this host can run first; then the others, with the reason why not."""
    found = [
        {
            "value": each.name,
            "text": instance_types.refusal(each.name) or _size(each),
            "refused": "yes" if instance_types.refusal(each.name) else "",
        }
        for each in instance_types.all_types()
    ]
    return sorted(found, key=lambda choice: choice["refused"])


def _size(each: InstanceType) -> str:
    price = each.price_usd_per_hour
    per_hour = "price unknown" if price is None else f"${price:.4g} an hour"
    return f"{each.vcpus:g} vCPU, {each.memory_gib:g} GiB, {per_hour}"
