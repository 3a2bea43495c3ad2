"""What a step shows beside its form."""

from typing import Any

import pytest
from django.test import Client
from django.utils.datastructures import MultiValueDict

from consoleapp.accounts.actor import Actor
from recommender.views import drafts, step_pages
from recommender.views.wizard_steps import STEPS, Filled
from tests.recommender.asked import make_package
from tests.recommender.views.walking import begin, send

pytestmark = pytest.mark.usefixtures("two_cores")


def filled(actor: Actor, **model: str) -> Filled:
    package = make_package(
        actor,
        specification={"SupportedRealtimeInferenceInstanceTypes": ["ml.c5.large", "ml.g5.xlarge"]},
    )
    draft = drafts.begin(actor)
    answers = {"job_type": "Advanced", "use_registry": "on", "package_group": "churn", **model}
    answers["package_version"] = package.arn
    drafts.save(draft, "model", MultiValueDict({k: [v] for k, v in answers.items()}))
    return Filled(actor, draft)


def context_of(given: Filled, slug: str) -> dict:
    step = next(step for step in STEPS if step.slug == slug)
    return step_pages.context(slug, given, given.shown(step))


def test_the_model_step_names_the_chosen_model_and_what_is_served(actor: Actor) -> None:
    shown = context_of(filled(actor), "model")
    assert shown["subject"].package.version == 1
    assert shown["refusals"] == []
    assert any(repository == "sagemaker-xgboost" for repository, _ in shown["served"])


def test_types_the_package_does_not_support_are_shown_with_the_reason(actor: Actor) -> None:
    rows = {row.type.name: row for row, _ in context_of(filled(actor), "instances")["rows"]}
    assert rows["ml.c5.large"].measurable
    assert rows["ml.c5.large"].scale == 0.5
    assert "does not list it" in rows["ml.m5.large"].reason
    assert "GPU" in rows["ml.g5.xlarge"].reason


def test_a_default_job_shows_the_types_it_would_try(actor: Actor) -> None:
    shown = context_of(filled(actor, job_type="Default"), "instances")
    assert [one.name for one in shown["default_types"]] == ["ml.c5.large"]
    assert shown["default_traffic"]["TrafficType"] == "PHASES"


def test_a_default_job_shows_the_traffic_it_would_send_and_sizes_as_they_are(
    actor: Actor, alice_client: Client, model: dict[str, Any]
) -> None:
    types = {"SupportedRealtimeInferenceInstanceTypes": ["ml.c4.large"]}
    package = make_package(actor, group="old", specification=types)
    old = {**model, "package_group": "old", "package_version": package.arn}
    draft = begin(alice_client)
    send(alice_client, f"{draft}/model", {**old, "job_type": "Default"})
    page = alice_client.get(f"{draft}/instances").content.decode()
    assert "from 1 user, 60 more a minute, for 120 seconds at most" in page
    assert "3.75 GiB" in page


def test_the_review_holds_estimate_problems_and_code(actor: Actor) -> None:
    shown = context_of(filled(actor), "review")
    assert shown["estimate"].tests == 0
    assert {problem["step"] for problem in shown["problems"]} == {"model"}
    assert [code.label for code in shown["codes"]][2] == "REST"
