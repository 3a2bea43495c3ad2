"""The wizard as data: its four steps, the forms of a draft, and what each step is checked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from consoleapp.accounts import quotas
from consoleapp.accounts import services as accounts
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound
from endpoints import instance_types
from endpoints import queries as endpoints
from endpoints.models import Endpoint
from endpoints.statuses import EndpointStatus
from recommender import validation
from recommender.errors import FieldError
from recommender.executor.temporary import PREFIX
from recommender.form_rows import Row
from recommender.forms import Choices, InstancesForm, ModelForm, ParametersForm, StepForm
from recommender.models import WizardDraft
from recommender.views import answers, drafts


@dataclass(frozen=True, slots=True)
class Step:
    slug: str
    title: str
    form: type[StepForm]
    sections: tuple[str, ...]

    @property
    def template(self) -> str:
        return f"recommender/wizard/{self.slug}.html"

    @property
    def number(self) -> int:
        return STEPS.index(self) + 1

    @property
    def previous(self) -> "Step | None":
        return STEPS[self.number - 2] if self.number > 1 else None

    @property
    def following(self) -> "Step | None":
        return STEPS[self.number] if self.number < len(STEPS) else None


STEPS: Final = (
    Step("model", "Model configuration", ModelForm, ("model", "traffic")),
    Step("instances", "Instances and environment parameters", InstancesForm, ("instances",)),
    Step("parameters", "Job parameters", ParametersForm, ("parameters",)),
    Step("review", "Review job", StepForm, validation.ALL),
)
ENTERED: Final = STEPS[:-1]
_CONSTRAINT: Final = re.compile(r"^Value .* at .* failed to satisfy constraint: Member must ")
_BOUND: Final = re.compile(r"Must have (length|value) (less|greater) than or equal to (\d+)")
_SIDES: Final = {"less": "most", "greater": "least"}
#: What the length of a list is the number of.
_COUNTED: Final = {"Value": "values", "CategoricalParameterRanges": "environment parameters"}
_PATH: Final = re.compile(r"^[\w.]+\.(?=\w+ is required\.$)")


def step_of(slug: str) -> Step:
    for step in STEPS:
        if step.slug == slug:
            return step
    raise NotFound("There is no such step.")


def first_open(draft: WizardDraft) -> Step:
    """The earliest step not yet accepted: nobody goes past it."""
    passed = drafts.passed(draft)
    return next((step for step in STEPS if step.slug not in passed), STEPS[-1])


def choices(actor: Actor, model: MultiValueDict[str, str] | None) -> Choices:
    """What the team has to choose from; versions are those of the group chosen in step 1."""
    group = (model.get("package_group") if model else "") or ""
    versions = endpoints.packages(actor, group_name=group) if group else []
    return Choices(
        limits=quotas.limits(actor.team),
        groups=sorted(row.name for row in endpoints.groups(actor)),
        versions=[(p.arn, f"Version {p.version} ({p.approval_status})") for p in versions],
        # Those of running tests come and go with them.
        models=[m.name for m in endpoints.models(actor) if not m.name.startswith(PREFIX)],
        roles=_roles(actor, (model.get("role_arn") if model else "") or ""),
        endpoints=[
            row.name
            for row in endpoints.endpoints(actor, status=EndpointStatus.IN_SERVICE)
            if row.purpose == Endpoint.Purpose.SERVING
        ],
        instance_types=[row.name for row in instance_types.all_types()],
    )


def _roles(actor: Actor, chosen: str) -> list[tuple[str, str]]:
    """The team's, and the one that a cloned job names: any role will do here."""
    own = [(role.arn, role.name) for role in accounts.iam_roles(actor)]
    foreign = [(chosen, chosen)] if chosen and chosen not in dict(own) else []
    return own + foreign


class Filled:
    """A draft with its forms: the entered ones bound, so that they can be checked and cleaned."""

    def __init__(self, actor: Actor, draft: WizardDraft, now: datetime | None = None) -> None:
        self.actor, self.draft = actor, draft
        #: What the job's name ends with.
        self.now = now or timezone.now()
        self.choices = choices(actor, drafts.data_of(draft, "model"))
        self.forms = {step.slug: self.bound(step) for step in ENTERED}
        self.answers: dict[str, Mapping[str, Any]] = {
            slug: form.cleaned_data if form.is_valid() or form.is_bound else {}
            for slug, form in self.forms.items()
        }

    def bound(self, step: Step) -> StepForm:
        return step.form(drafts.data_of(self.draft, step.slug), self.choices)

    def shown(self, step: Step) -> StepForm:
        """As typed, without complaints: for a step that is opened, not sent."""
        return step.form(None, self.choices, initial=drafts.data_of(self.draft, step.slug))

    @property
    def is_default(self) -> bool:
        return self.answers["model"].get("job_type") == "Default"

    def request(self) -> dict[str, Any]:
        return answers.as_request(self.answers, self.now)

    def problems(self, step: Step) -> list[FieldError]:
        return validation.problems(self.actor, self.request(), sections=step.sections)


def check(filled: Filled, step: Step) -> StepForm:
    """The step's form with everything that is wrong, each message where it belongs."""
    form = filled.forms[step.slug]
    sound = form.is_valid()
    readable = _readable(form)
    for problem in filled.problems(step):
        owner, name, *_ = answers.field_of(problem.field)
        # What cannot be read has its message, and is not in the request: no rule can judge it.
        if sound or (owner == step.slug and name in readable):
            place(form, step.slug, problem)
    return form


def _readable(form: StepForm) -> set[str]:
    """Fields that were entered and could be read; the rows go by the name ""."""
    names = {name for name, value in form.cleaned_data.items() if value not in (None, "", [])}
    return names if any(row.errors for row in form.rows) else names | {""}


def place(form: StepForm, slug: str, problem: FieldError) -> None:
    owner, name, row, member = answers.field_of(problem.field)
    message = _worded(problem)
    # The request has no empty rows, so its numbers count the others.
    rows = [one for one in form.rows if not one.is_empty]
    if owner != slug:
        form.add_error(None, problem.message)
    elif row is not None and row < len(rows):
        _place_in_row(form, rows[row], member, message)
    elif name in form.fields:
        form.add_error(name, message)
    elif message not in form.non_field_errors():
        form.add_error(None, message)


def _worded(problem: FieldError) -> str:
    """Beside its field, AWS's sentence need not name the member and repeat the value."""
    message = _PATH.sub("", _CONSTRAINT.sub("Must ", problem.message))
    if bound := _BOUND.fullmatch(message):
        what, side, most = bound.groups()
        counted = f" {_COUNTED.get(problem.field.rpartition('.')[2], 'characters')}"
        return f"At {_SIDES[side]} {most}{counted if what == 'length' else ''}."
    return message


def _place_in_row(form: StepForm, row: Row, member: str, message: str) -> None:
    columns = form.columns
    name = next((c.name for c in columns if c.member == member), columns[0].name)
    errors = row.errors.setdefault(name, [])
    if message not in errors:
        errors.append(message)
    if not form.non_field_errors():
        form.add_error(None, "Correct the rows marked below.")
