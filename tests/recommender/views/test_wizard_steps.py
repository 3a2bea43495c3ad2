"""The steps as data, what each may offer, and where a refusal lands in its form."""

import pytest
from django.utils.datastructures import MultiValueDict

from consoleapp.accounts import services as accounts
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound
from recommender import validation
from recommender.errors import FieldError
from recommender.forms import Choices, InstancesForm, ModelForm
from recommender.views import drafts
from recommender.views.wizard_steps import STEPS, choices, first_open, place, step_of
from tests.recommender.asked import make_model, make_package
from tests.recommender.test_forms import LIMITS, MODEL, model_form


def test_the_steps_are_four_and_check_every_section() -> None:
    assert [step.slug for step in STEPS] == ["model", "instances", "parameters", "review"]
    checked = {section for step in STEPS[:-1] for section in step.sections}
    assert checked == set(validation.ALL) == set(STEPS[-1].sections)
    assert [step.number for step in STEPS] == [1, 2, 3, 4]
    assert STEPS[0].previous is None
    assert STEPS[-1].following is None


def test_an_unknown_step_is_not_found() -> None:
    with pytest.raises(NotFound):
        step_of("neo")


def test_the_first_step_not_passed_is_open(actor: Actor) -> None:
    draft = drafts.begin(actor)
    assert first_open(draft).slug == "model"
    for slug in ("model", "parameters"):
        drafts.mark_passed(draft, slug)
    assert first_open(draft).slug == "instances"


def test_only_the_teams_own_things_are_offered(actor: Actor, charlie: Actor) -> None:
    package = make_package(actor)
    make_model(actor, "plain")
    make_model(actor, "sm-epc-of-a-running-test")
    accounts.create_iam_role(charlie, "theirs")
    model = drafts.entered(model_form().data)
    offered = choices(actor, model)
    # And the role that is chosen already.
    assert offered.roles == [(MODEL["role_arn"][0], MODEL["role_arn"][0])]
    del model["role_arn"]
    offered = choices(actor, model)
    assert offered.groups == ["churn"]
    assert [arn for arn, _ in offered.versions] == [package.arn]
    assert list(offered.models) == ["plain"]
    assert list(offered.roles) == []
    assert choices(actor, None).versions == []


def test_a_refusal_lands_at_its_field_without_awss_preamble() -> None:
    form = model_form()
    assert form.is_valid()
    message = "Value 'x' at 'roleArn' failed to satisfy constraint: Member must have length 20"
    place(form, "model", FieldError("RoleArn", message))
    assert form.errors["role_arn"] == ["Must have length 20"]


def test_a_refusal_of_a_row_lands_in_the_row() -> None:
    form = model_form()
    assert form.is_valid()
    place(form, "model", FieldError("InputConfig.TrafficPattern.Phases.0.SpawnRate", "Too fast."))
    assert form.rows[0].errors == {"phase_spawn": ["Too fast."]}
    assert not form.is_valid()


def test_a_refusal_of_another_step_or_row_is_told_at_the_top() -> None:
    form = ModelForm(model_form().data, Choices(limits=LIMITS))
    form.is_valid()
    place(form, "model", FieldError("JobName", "Taken."))
    place(form, "model", FieldError("InputConfig.TrafficPattern.Phases.7.SpawnRate", "Gone."))
    assert {"Taken.", "Gone."} <= set(form.non_field_errors())
    assert MODEL["job_type"] == ["Advanced"]


_CONFIGURATION = "InputConfig.EndpointConfigurations.{}"
RANGES = f"{_CONFIGURATION}.EnvironmentParameterRanges.CategoricalParameterRanges"
_CONSTRAINT = "Value '[1]' at 'x' failed to satisfy constraint: Member must have "
TOO_LONG = _CONSTRAINT + "length less than or equal to {}"


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        (".0.Value", "At most 3 values."),
        (".0.Value.2", "At most 3 characters."),
        (".0.Name", "At most 3 characters."),
    ],
)
def test_what_is_too_long_is_counted_in_its_own_unit(field: str, wanted: str) -> None:
    data = {"env_key": ["A"], "env_values": ["1, 2, 3, 4"]}
    form = InstancesForm(MultiValueDict(data), Choices(limits=LIMITS))
    assert form.is_valid()
    place(form, "instances", FieldError(RANGES.format(0) + field, TOO_LONG.format(3)))
    assert [wanted] in form.rows[0].errors.values()


def test_a_number_out_of_bounds_is_told_its_bound() -> None:
    form = model_form()
    assert form.is_valid()
    field = "InputConfig.TrafficPattern.Phases.0."
    for member, side, bound in (("SpawnRate", "greater", 0), ("DurationInSeconds", "less", 9)):
        said = f"{_CONSTRAINT}value {side} than or equal to {bound}"
        place(form, "model", FieldError(field + member, said))
    assert form.rows[0].errors == {
        "phase_spawn": ["At least 0."],
        "phase_seconds": ["At most 9."],
    }


def test_too_many_parameters_are_told_once_at_the_top() -> None:
    form = InstancesForm(MultiValueDict({}), Choices(limits=LIMITS))
    assert form.is_valid()
    for configuration in range(2):
        problem = FieldError(RANGES.format(configuration), TOO_LONG.format(5))
        place(form, "instances", problem)
    assert form.non_field_errors() == ["At most 5 environment parameters."]
