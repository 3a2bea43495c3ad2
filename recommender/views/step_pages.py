"""What each wizard step shows beside its form: the chosen model, the catalogue, the review."""

from typing import Any, Final

from consoleapp.accounts.actor import Actor
from endpoints import capacity, instance_types
from endpoints.stacks import table
from recommender import catalog, codegen
from recommender.estimate import Estimate, estimate, plan_of
from recommender.form_rows import Row
from recommender.forms import CONTENT_TYPES, FRAMEWORKS, NEAREST_MODELS, StepForm
from recommender.request import JobRequest
from recommender.rules.subject import Subject, resolve
from recommender.rules.traffic import total_seconds
from recommender.views import answers, review
from recommender.views.wizard_steps import Filled


def context(slug: str, filled: Filled, form: StepForm) -> dict[str, Any]:
    return _CONTEXTS[slug](filled, form)


def subject_of(actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
    """The chosen model for the page: what it is, and what this host says of it."""
    subject, missing = resolve(actor, JobRequest(request))
    served = sorted(table.SERVED.items())
    if subject is None:
        return {"subject": None, "missing": missing, "served": served}
    refusals = [reason for image in subject.images if (reason := table.refusal(image))]
    return {"subject": subject, "refusals": refusals, "images": subject.images, "served": served}


def _model(filled: Filled, form: StepForm) -> dict[str, Any]:
    actor = filled.actor
    return {
        **subject_of(actor, filled.request()),
        "content_types": CONTENT_TYPES,
        "frameworks": FRAMEWORKS,
        "nearest_models": NEAREST_MODELS,
        "bucket": f"sagemaker-{actor.region}-{actor.account_id}",
    }


def _instances(filled: Filled, form: StepForm) -> dict[str, Any]:
    subject, _ = resolve(filled.actor, JobRequest(filled.request()))
    supported = subject.supported_types if subject else ()
    chosen = set(form["instance_types"].value() or [])
    machine = capacity.machine()
    return {
        "supported": supported,
        "rows": [(row, row.type.name in chosen) for row in catalog.choices(supported=supported)],
        "chosen_count": len(chosen),
        "machine": machine,
        "measurable_cores": len(capacity.measurable_cores()),
        "priced": instance_types.instance_type("ml.c5.large"),
        **_default_plan(filled, subject),
        "env_rows": form.rows or [Row(form.columns, ["", ""])],
    }


def _default_plan(filled: Filled, subject: Subject | None) -> dict[str, Any]:
    if not filled.is_default:
        return {}
    plan = plan_of(filled.actor, JobRequest(filled.request()), subject)
    types = [instance_types.instance_type(c.instance_type) for c in plan.candidates]
    return {"default_types": types, "default_traffic": plan.traffic}


def _parameters(filled: Filled, form: StepForm) -> dict[str, Any]:
    request = JobRequest(filled.request())
    return {"traffic_seconds": total_seconds(request.traffic), "tests": _tests(filled)}


def _tests(filled: Filled) -> int:
    return _estimate(filled).tests


def _estimate(filled: Filled) -> Estimate:
    return estimate(filled.actor, filled.request())


def _review(filled: Filled, form: StepForm) -> dict[str, Any]:
    request = filled.request()
    subject, _ = resolve(filled.actor, JobRequest(request))
    return {
        "sections": review.sections(filled.answers, subject),
        "estimate": _estimate(filled),
        "problems": review.located(filled),
        "codes": codegen.all_of(
            request, region=filled.actor.region, options=answers.options(filled.answers)
        ),
        "job_name": request["JobName"],
        # Comes back with Submit: the job gets the name that the page tells.
        "at": filled.now.isoformat(timespec="seconds"),
    }


_CONTEXTS: Final = {
    "model": _model,
    "instances": _instances,
    "parameters": _parameters,
    "review": _review,
}
