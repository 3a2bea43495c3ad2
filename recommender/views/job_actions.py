"""What one does with a job: stop, clone, delete. The services decide; these only ask."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import CallerError, Forbidden, NotFound
from consoleapp.accounts.models import Role
from recommender import queries, services
from recommender.views import answers, drafts
from recommender.views.wizard_steps import Filled

CONFIRM = "delete"


@console_page("POST", role=Role.OPERATOR)
def stop(request: AuthedRequest, name: str) -> HttpResponse:
    try:
        services.stop_job(request.actor, name=name)
    except (NotFound, Forbidden):
        raise
    except CallerError as refused:
        messages.error(request, refused.message)
    else:
        messages.info(request, f"Stopping {name}: tests that have finished keep their results.")
    return redirect("recommender:job", name=name)


@console_page("POST", role=Role.OPERATOR)
def delete(request: AuthedRequest, name: str) -> HttpResponse:
    queries.job(request.actor, name)
    if request.POST.get("confirm") != CONFIRM:
        messages.error(request, f"The job was not deleted: type {CONFIRM} to confirm.")
        return redirect("recommender:job", name=name)
    try:
        services.delete_job(request.actor, name=name)
    except CallerError as refused:
        messages.error(request, refused.message)
        return redirect("recommender:job", name=name)
    messages.success(request, f"The job {name} was deleted. Its logs are kept.")
    return redirect("recommender:jobs")


@console_page("POST", role=Role.OPERATOR)
def clone(request: AuthedRequest, name: str) -> HttpResponse:
    """A draft with the job's answers, opened at its first step."""
    found = queries.job(request.actor, name)
    asked = queries.request_of(found)
    draft = drafts.begin_with(request.actor, answers.from_request(asked, found.options))
    if lost := answers.not_carried(asked, Filled(request.actor, draft).request()):
        messages.warning(
            request,
            f"The wizard cannot carry over {', '.join(lost)} of {name}. To start the very same"
            " request again, clone the job by REST.",
        )
    return redirect("recommender:wizard", draft=draft.pk, step="model")
