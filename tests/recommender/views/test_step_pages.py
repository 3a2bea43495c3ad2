"""What a step shows beside its form."""

import pytest
from django.utils.datastructures import MultiValueDict

from consoleapp.accounts.actor import Actor
from recommender.views import drafts, step_pages
from recommender.views.wizard_steps import STEPS, Filled
from tests.recommender.asked import make_package

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


def test_the_review_holds_estimate_problems_and_code(actor: Actor) -> None:
    shown = context_of(filled(actor), "review")
    assert shown["estimate"].tests == 0
    assert {problem["step"] for problem in shown["problems"]} == {"model"}
    assert [code.label for code in shown["codes"]][2] == "REST"
