"""The wizard, step by step: nothing is lost, nothing wrong gets past, the last step creates."""

import re
from typing import Any

import pytest
from django.test import Client

from consoleapp.accounts import quotas
from consoleapp.accounts.actor import Actor
from recommender.models import Job, WizardDraft
from tests.recommender.asked import IMAGE, PAYLOADS, make_model
from tests.recommender.views.walking import START, begin, messages_of, send, up_to_review

pytestmark = [pytest.mark.usefixtures("two_cores"), pytest.mark.django_db]

TWO_PHASES = {"phase_users": [1, 121], "phase_spawn": [60, 60], "phase_seconds": [120, 120]}


def test_four_steps_make_a_job(alice_client: Client, model: dict[str, Any]) -> None:
    draft = up_to_review(alice_client, model, max_invocations="3000", latency_ms="100")
    page = alice_client.get(f"{draft}/review").content.decode()
    for shown in ("ml.c5.large, ml.m5.large", "boto3.client", "aws sagemaker", "curl -X POST"):
        assert shown in page
    done = alice_client.post(f"{draft}/review")
    job = Job.objects.get()
    assert done["Location"] == f"/console/recommender/jobs/{job.name}"
    assert re.fullmatch(r"churn-\d{8}-\d{6}", job.name)
    assert job.request["StoppingConditions"]["MaxInvocations"] == 3000
    assert job.options["round_trip_ms"] == 10
    assert alice_client.get(f"{draft}/model")["Location"] == done["Location"]


def test_a_default_job_needs_neither_types_nor_traffic(
    alice_client: Client, model: dict[str, Any]
) -> None:
    draft = begin(alice_client)
    send(alice_client, f"{draft}/model", {**model, "job_type": "Default"})
    page = alice_client.get(f"{draft}/instances").content.decode()
    assert "Instance types of a Default job" in page
    assert 'name="instance_types"' not in page
    send(alice_client, f"{draft}/instances", {})
    assert 'name="max_tests"' not in alice_client.get(f"{draft}/parameters").content.decode()
    send(alice_client, f"{draft}/parameters", {})
    alice_client.post(f"{draft}/review")
    job = Job.objects.get()
    assert job.type == "Default"
    assert "TrafficPattern" not in job.request["InputConfig"]


def test_a_plain_model_works_with_its_container_configuration(
    actor: Actor, alice_client: Client, model: dict[str, Any]
) -> None:
    make_model(actor, "plain")
    answers = {k: v for k, v in model.items() if not k.startswith(("use_", "package_"))}
    answers |= {"model_name": "plain", "payload_url": PAYLOADS, "content_type": "text/csv"}
    draft = up_to_review(alice_client, {**answers, "domain": "MACHINE_LEARNING"})
    alice_client.post(f"{draft}/review")
    assert Job.objects.get().model_name == "plain"


def test_back_reload_and_a_closed_tab_lose_nothing(
    alice_client: Client, model: dict[str, Any]
) -> None:
    draft = begin(alice_client)
    half = {**model, "role_arn": "", "content_type": "text/x-typed"}
    saved = send(alice_client, f"{draft}/model", half, "save")
    assert "Draft saved" in saved.content.decode()
    alice_client.get("/console/recommender/jobs")
    again = alice_client.get(f"{draft}/model").content.decode()
    assert 'value="text/x-typed"' in again
    assert "field__error" not in again
    send(alice_client, f"{draft}/model", model)
    send(alice_client, f"{draft}/instances", {"instance_types": ["ml.c5.large"]}, "previous")
    assert 'value="ml.c5.large" id="type-ml.c5.large" aria-label="ml.c5.large" checked' in (
        alice_client.get(f"{draft}/instances").content.decode()
    )


def test_opening_the_wizard_twice_makes_one_draft(alice_client: Client) -> None:
    assert begin(alice_client) == begin(alice_client)
    assert WizardDraft.objects.count() == 1


def test_nobody_skips_a_step(alice_client: Client) -> None:
    draft = begin(alice_client)
    for step in ("instances", "parameters", "review"):
        assert alice_client.get(f"{draft}/{step}")["Location"] == f"{draft}/model"
    assert alice_client.post(f"{draft}/review")["Location"] == f"{draft}/model"


def test_rows_are_added_and_removed_without_javascript(
    alice_client: Client, model: dict[str, Any]
) -> None:
    draft = begin(alice_client)
    send(alice_client, f"{draft}/model", model, "row-add")
    page = alice_client.get(f"{draft}/model").content.decode()
    assert page.count('name="phase_users"') == 2
    assert 'id="phase_users-2" name="phase_users" value="121"' in page
    assert send(alice_client, f"{draft}/model", {**model, **TWO_PHASES}).status_code == 302
    assert send(alice_client, f"{draft}/model", model, "row-remove-²").status_code == 302
    two = {"phase_users": ["1", "3"], "phase_spawn": ["0", "0"], "phase_seconds": ["120", "300"]}
    send(alice_client, f"{draft}/model", {**model, **two}, "row-remove-0")
    page = alice_client.get(f"{draft}/model").content.decode()
    assert page.count('name="phase_users"') == 1
    assert 'value="300"' in page


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"role_arn": ""}, "This field is required."),
        ({"package_version": ""}, "Choose a version of the group."),
        ({"phase_users": ["9"]}, "InitialNumberOfUsers must be between 1 and 3; 9 was given."),
        ({"phase_spawn": ["61"]}, "SpawnRate must be between 0 and 60; 61 was given."),
        ({"phase_seconds": ["60"]}, "DurationInSeconds must be between 120 and 3600"),
        ({"phase_seconds": ["x"]}, "Enter a whole number."),
        (
            {"phase_users": ["1", "1"], "phase_spawn": ["60"] * 2, "phase_seconds": ["120"] * 2},
            "Users at the end of prev phase is 121 while initial users of current phase is 1.",
        ),
        (
            {"traffic_type": "STAIRS", "stairs_seconds": "240", "stairs_steps": "2",
             "stairs_users": "9"},
            "At most 3.",
        ),
        ({"payload_url": "ftp://x/p.tar.gz"}, "Enter an s3:// or https:// address."),
        ({"payload_url": "s3://nowhere/rows"}, "Could not find anything at s3://nowhere/rows."),
    ],
)  # fmt: skip
def test_a_wrong_model_step_says_so_at_the_field(
    alice_client: Client, model: dict[str, Any], changed: dict[str, Any], message: str
) -> None:
    answer = send(alice_client, f"{begin(alice_client)}/model", {**model, **changed})
    page = messages_of(answer)
    assert message in page.replace("&#x27;", "'")
    assert 'aria-invalid="true"' in page


def test_the_limits_are_the_teams_own(
    actor: Actor, alice_client: Client, model: dict[str, Any]
) -> None:
    quotas.set_limit(actor, code="recommender.phase_seconds.min", value=10)
    answer = send(alice_client, f"{begin(alice_client)}/model", {**model, "phase_seconds": ["10"]})
    assert answer.status_code == 302


def test_an_image_the_host_cannot_serve_is_said_in_the_first_step(
    actor: Actor, alice_client: Client, model: dict[str, Any]
) -> None:
    make_model(actor, "gpu", Image="example.com/pytorch:gpu")
    draft = begin(alice_client)
    fields = alice_client.get(f"{START}/model-fields", {"model_name": "gpu"}).content.decode()
    assert "The embedded host cannot serve this model" in fields
    answers = {k: v for k, v in model.items() if not k.startswith(("use_", "package_"))}
    answer = send(alice_client, f"{draft}/model", {**answers, "model_name": "gpu"})
    assert "example.com/pytorch:gpu" in messages_of(answer)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "Choose at least one instance type."),
        ({"instance_types": ["ml.t2.medium"]}, "Burstable instance type ml.t2.medium"),
        ({"instance_types": ["ml.g4dn.xlarge"]}, "GPU"),
        (
            {"serverless_memory": "2048", "serverless_concurrency": "5"},
            "Serverless endpoints are not available on this console yet",
        ),
        (
            {"instance_types": ["ml.c5.large"], "env_key": ["A", "A"], "env_values": ["1", "2"]},
            "A is listed twice.",
        ),
    ],
)
def test_a_wrong_instances_step_says_so(
    alice_client: Client, model: dict[str, Any], data: dict[str, Any], message: str
) -> None:
    draft = begin(alice_client)
    send(alice_client, f"{draft}/model", model)
    assert message in messages_of(send(alice_client, f"{draft}/instances", data))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"name": "-x"}, "Use letters, digits and hyphens"),
        ({"max_tests": "11"}, "MaxNumberOfTests must be between 1 and 10"),
        ({"max_tests": "1"}, "make 2 tests"),
        ({"max_parallel": "99"}, "MaxParallelOfTests must be between 1 and 10"),
        ({"max_duration": "60"}, "Total Traffic duration (across) should not be more than Job"),
        ({"max_duration": "99999"}, "JobDurationInSeconds must be between 1 and 18000"),
        ({"max_invocations": "30001"}, "MaxInvocations must be between 1 and 30000"),
        ({"latency_ms": "0"}, "ValueInMilliseconds must be at least 1"),
        ({"round_trip_ms": "1001"}, "less than or equal to 1000"),
    ],
)
def test_a_wrong_parameters_step_says_so(
    alice_client: Client, model: dict[str, Any], data: dict[str, Any], message: str
) -> None:
    draft = begin(alice_client)
    send(alice_client, f"{draft}/model", model)
    types = {"instance_types": ["ml.c5.large", "ml.m5.large"]}
    assert send(alice_client, f"{draft}/instances", types).status_code == 302
    assert message in messages_of(send(alice_client, f"{draft}/parameters", data))


def test_everything_wrong_with_a_step_is_said_at_once(
    alice_client: Client, model: dict[str, Any]
) -> None:
    draft = begin(alice_client)
    send(alice_client, f"{draft}/model", model)
    send(alice_client, f"{draft}/instances", {"instance_types": ["ml.c5.large"]})
    wrong = {"name": "-x", "round_trip_ms": "1001", "max_parallel": "99", "latency_ms": "0"}
    page = messages_of(send(alice_client, f"{draft}/parameters", wrong))
    for message in (
        "Use letters, digits and hyphens",
        "less than or equal to 1000",
        "MaxParallelOfTests must be between 1 and 10",
        "ValueInMilliseconds must be at least 1",
    ):
        assert page.count(message) == 1, message


def test_what_follows_from_a_field_that_cannot_be_read_is_not_said_beside_it(
    alice_client: Client, model: dict[str, Any]
) -> None:
    wrong = {**model, "payload_url": "ftp://x", "phase_users": ["many"], "package_version": ""}
    answer = send(alice_client, f"{begin(alice_client)}/model", wrong)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert set(form.errors) == {"payload_url", "package_version", "__all__"}
    assert form.non_field_errors() == ["Correct the traffic pattern."]
    assert form.rows[0].errors == {"phase_users": ["Enter a whole number."]}


def test_what_is_wrong_with_a_parameter_is_said_once_and_in_its_row(
    alice_client: Client, model: dict[str, Any]
) -> None:
    draft = begin(alice_client)
    send(alice_client, f"{draft}/model", model)
    types = ["ml.c5.large", "ml.m5.large"]
    data = {"instance_types": types, "env_key": ["", "A", ""], "env_values": ["", "1", "2"]}
    answer = send(alice_client, f"{draft}/instances", data)
    messages_of(answer)
    errors = [row.errors for row in answer.context["form"].rows]
    assert errors == [{}, {}, {"env_key": ["Name is required."]}]


def test_a_draft_can_be_discarded(alice_client: Client) -> None:
    draft = begin(alice_client)
    assert alice_client.post(f"{draft}/discard").status_code == 302
    assert not WizardDraft.objects.exists()


def test_a_viewer_may_not_begin(bob_client: Client) -> None:
    assert bob_client.get(START).status_code == 403


def test_a_strangers_draft_does_not_exist(
    alice_client: Client, charlie_client: Client, model: dict[str, Any]
) -> None:
    draft = begin(alice_client)
    for answer in (
        charlie_client.get(f"{draft}/model"),
        send(charlie_client, f"{draft}/model", model),
        charlie_client.post(f"{draft}/discard"),
    ):
        assert answer.status_code == 404


def test_the_served_image_is_named_in_the_first_step(
    alice_client: Client, model: dict[str, Any]
) -> None:
    shown = {k: model[k] for k in ("use_registry", "package_group", "package_version")}
    fields = alice_client.get(f"{START}/model-fields", shown).content.decode()
    assert "The embedded host serves this model" in fields
    assert IMAGE in fields
