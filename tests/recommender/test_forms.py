"""The wizard's forms: what may be typed, and what is said when it may not."""

from typing import Any

import pytest
from django.utils.datastructures import MultiValueDict

from consoleapp.accounts.quotas import DEFAULTS
from recommender.forms import Choices, InstancesForm, ModelForm, ParametersForm

LIMITS = {code: spec.default for code, spec in DEFAULTS.items()}
ROLE = "arn:aws:iam::123456789012:role/r"
CHOICES = Choices(
    limits=LIMITS,
    groups=["churn"],
    versions=[("arn:v1", "Version 1")],
    models=["plain"],
    roles=[(ROLE, "r")],
    endpoints=["live"],
    instance_types=[f"ml.c5.{n}xlarge" for n in range(1, 11)],
)
MODEL: dict[str, Any] = {
    "job_type": ["Advanced"],
    "use_registry": ["on"],
    "package_group": ["churn"],
    "package_version": ["arn:v1"],
    "role_arn": [ROLE],
    "traffic_type": ["PHASES"],
    "phase_users": ["1"],
    "phase_spawn": ["60"],
    "phase_seconds": ["120"],
}


def model_form(**changed: list[str]) -> ModelForm:
    return ModelForm(MultiValueDict({**MODEL, **changed}), CHOICES)


def test_a_registered_version_needs_no_model_name() -> None:
    form = model_form()
    assert form.is_valid(), form.errors
    assert form.cleaned_data["phases"] == [
        {"InitialNumberOfUsers": 1, "SpawnRate": 60, "DurationInSeconds": 120}
    ]


def test_with_the_registry_on_group_and_version_are_asked_for() -> None:
    form = model_form(package_group=[""], package_version=[""])
    assert set(form.errors) == {"package_group", "package_version"}


def test_with_the_registry_off_the_model_is_asked_for() -> None:
    form = model_form(use_registry=[])
    del form.data["use_registry"]
    assert form.errors["model_name"] == ["Choose the model."]


def test_an_existing_endpoint_stands_in_for_a_model() -> None:
    data = MultiValueDict({k: v for k, v in MODEL.items() if k != "use_registry"})
    data["endpoint_name"] = "live"
    assert ModelForm(data, CHOICES).is_valid()


def test_another_teams_model_is_no_choice() -> None:
    data = MultiValueDict({k: v for k, v in MODEL.items() if k != "use_registry"})
    data["model_name"] = "strangers"
    assert "model_name" in ModelForm(data, CHOICES).errors


def test_a_phase_that_is_no_number_is_marked_in_its_row() -> None:
    form = model_form(phase_seconds=["long"])
    assert form.errors["__all__"] == ["Correct the traffic pattern."]
    assert form.rows[0].errors == {"phase_seconds": ["Enter a whole number."]}


@pytest.mark.parametrize("typed", ["csv", "text/", "text/csv\nx", "a b/c", "text/csv, x"])
def test_what_is_no_media_type_is_refused(typed: str) -> None:
    form = model_form(content_type=[typed])
    assert form.errors["content_type"] == ["Enter a media type, such as text/csv."]


@pytest.mark.parametrize("typed", ["text/csv", "application/x-npy", "text/csv; charset=utf-8", ""])
def test_a_media_type_may_have_parameters(typed: str) -> None:
    assert "content_type" not in model_form(content_type=[typed]).errors


def test_a_default_job_is_not_asked_about_traffic() -> None:
    assert model_form(job_type=["Default"], phase_seconds=["long"]).is_valid()


def test_an_unopened_step_begins_with_a_phase_inside_the_teams_limits() -> None:
    narrow = {**LIMITS, "recommender.spawn_rate.max": 12.0, "recommender.phase_seconds.min": 10.0}
    form = ModelForm(None, Choices(limits=narrow))
    assert [list(row.values) for row in form.rows] == [["1", "12", "10"]]


def test_a_further_phase_begins_with_the_users_that_the_one_before_ended_with() -> None:
    form = model_form(phase_users=["2"], phase_spawn=["30"], phase_seconds=["180"])
    assert ModelForm.next_row(form.rows) == ["92", "30", "180"]
    unreadable = model_form(phase_users=["x"], phase_spawn=[""], phase_seconds=["180"])
    assert ModelForm.next_row(unreadable.rows) == ["1", "", "180"]
    assert ModelForm.next_row([]) == ["", "", ""]


def test_the_only_role_of_a_team_is_chosen_at_first() -> None:
    assert ModelForm(None, CHOICES)["role_arn"].value() == ROLE
    two = Choices(limits=LIMITS, roles=[(ROLE, "r"), (f"{ROLE}2", "r2")])
    assert ModelForm(None, two)["role_arn"].value() is None


def test_the_hints_name_the_teams_own_limits() -> None:
    narrow = {**LIMITS, "recommender.phase_seconds.min": 10.0}
    assert (
        "10 to 3,600" in ModelForm(None, Choices(limits=narrow)).fields["stairs_seconds"].help_text
    )


def test_what_was_typed_comes_back_without_complaints() -> None:
    typed = MultiValueDict({**MODEL, "phase_seconds": ["long"], "role_arn": [""]})
    del typed["use_registry"]
    form = ModelForm(None, CHOICES, initial=typed)
    assert not form.errors
    assert form["use_registry"].value() is False
    assert list(form.rows[0].values) == ["1", "60", "long"]


def test_eight_instance_types_are_the_most() -> None:
    nine = list(CHOICES.instance_types[:9])
    form = InstancesForm(MultiValueDict({"instance_types": nine}), CHOICES)
    assert form.errors["instance_types"] == ["Choose up to 8 instance types: 9 are chosen."]
    assert InstancesForm(MultiValueDict({"instance_types": nine[:8]}), CHOICES).is_valid()


def test_an_unknown_instance_type_is_no_choice() -> None:
    form = InstancesForm(MultiValueDict({"instance_types": ["ml.made.up"]}), CHOICES)
    assert "ml.made.up is not one of the available choices" in form.errors["instance_types"][0]


def test_environment_values_are_split_at_commas_and_empty_rows_left_out() -> None:
    data = MultiValueDict({"env_key": ["OMP_NUM_THREADS", ""], "env_values": ["1, 2,", ""]})
    form = InstancesForm(data, CHOICES)
    assert form.is_valid()
    assert form.cleaned_data["environment"] == [{"Name": "OMP_NUM_THREADS", "Value": ["1", "2"]}]


def test_a_serverless_configuration_can_be_entered_so_that_it_can_be_refused() -> None:
    data = MultiValueDict({"serverless_memory": ["2048"], "serverless_concurrency": ["5"]})
    form = InstancesForm(data, CHOICES)
    assert form.is_valid()
    assert form.cleaned_data["serverless_memory"] == 2048


@pytest.mark.parametrize("name", ["-begins", "ends-", "has space", "x" * 49])
def test_a_job_name_leaves_room_for_the_timestamp_and_keeps_to_awss_pattern(name: str) -> None:
    assert "name" in ParametersForm(MultiValueDict({"name": [name]}), CHOICES).errors


def test_every_parameter_may_be_left_empty() -> None:
    form = ParametersForm(MultiValueDict({}), CHOICES)
    assert form.is_valid()
    assert form.cleaned_data["max_invocations"] is None


def test_the_round_trip_has_bounds() -> None:
    for text, fine in (("0", True), ("1000", True), ("1001", False), ("-1", False)):
        form = ParametersForm(MultiValueDict({"round_trip_ms": [text]}), CHOICES)
        assert form.is_valid() is fine, text
