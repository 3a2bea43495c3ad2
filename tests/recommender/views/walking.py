"""Walks through the wizard as a browser does."""

from typing import Any

from django.test import Client

START = "/console/recommender/create-job"


def begin(client: Client) -> str:
    """The draft's address, without the step."""
    return str(client.get(START)["Location"]).removesuffix("/model")


def send(client: Client, path: str, data: dict[str, Any], action: str = "next") -> Any:
    return client.post(path, {**data, "action": action})


def up_to_review(client: Client, model: dict[str, Any], **parameters: Any) -> str:
    draft = begin(client)
    for step, data in (
        ("model", model),
        ("instances", {"instance_types": ["ml.c5.large", "ml.m5.large"]}),
        ("parameters", {"name": "churn", "flat": "Stop", "round_trip_ms": "10", **parameters}),
    ):
        answer = send(client, f"{draft}/{step}", data)
        assert answer.status_code == 302, answer.context["form"].errors
    return draft


def messages_of(answer: Any) -> str:
    assert answer.status_code == 422, answer
    return answer.content.decode()
