"""The review: every answer in words, under the step that can change it."""

from typing import Any

from recommender.views import review
from tests.recommender.views.test_answers import GIVEN, MODEL


def words(given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Step slug -> label -> value."""
    return {
        section["step"].slug: {
            pair["label"]: pair["value"]
            for container in section["containers"]
            for pair in container["pairs"]
        }
        for section in review.sections(given, None)
    }


def test_every_step_has_its_answers() -> None:
    shown = words(GIVEN)
    assert shown["model"]["Model"] == "churn-v2"
    assert shown["model"]["Phase 1"] == "From 1 at first, 60 more a minute, for 120 s"
    assert shown["instances"]["Instance types"] == "ml.c5.large, ml.m5.large"
    assert shown["instances"]["OMP_NUM_THREADS"] == "1, 2"
    assert shown["parameters"]["P99 model latency threshold"] == "100 ms"
    assert shown["parameters"]["When invocations flatten"] == "Continue"


def test_a_default_job_shows_only_what_it_was_asked() -> None:
    shown = words({**GIVEN, "model": {**MODEL, "job_type": "Default"}})
    assert "Phase 1" not in shown["model"]
    assert shown["instances"]["Instance types"].startswith("Chosen by the job")
    assert "Maximum tests" not in shown["parameters"]


def test_stairs_and_serverless_are_told() -> None:
    stairs = {"traffic_type": "STAIRS", "stairs_steps": 2, "stairs_users": 3}
    model = {**MODEL, **stairs, "stairs_seconds": 240}
    instances = {"serverless_memory": 2048, "serverless_concurrency": 5}
    shown = words({**GIVEN, "model": model, "instances": instances})
    assert shown["model"]["Stairs"] == "2 steps over 240 s, users added with each: 3"
    assert shown["instances"]["Serverless configuration"] == "2048 MB, 5 at once"


def test_an_empty_draft_can_be_reviewed() -> None:
    assert words({})["model"]["Model"] == "job"
