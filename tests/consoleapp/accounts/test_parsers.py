"""JSON bodies of REST that could be read and not be kept."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

MODELS = "/api/v1/models"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ('"\\ud800"', "character that cannot be stored"),
        ('"\\u0000"', "character that cannot be stored"),
        ("1e999", "number is too large"),
        ("[" * 100 + "]" * 100, "nested too deeply"),
        ("[" * 200_000 + "]" * 200_000, "nested too deeply"),
    ],
)
def test_a_body_that_could_not_be_kept_is_refused_and_nothing_is_made(
    alice_client: Client, value: str, why: str
) -> None:
    body = f'{{"name": "m", "primary_container": {{"Image": "i", "Other": {value}}}}}'
    answer = alice_client.post(MODELS, body, content_type="application/json")
    assert answer.status_code == 400
    assert why in answer.json()["message"]
    assert alice_client.get(MODELS).json()["count"] == 0


def test_any_other_text_is_taken_as_it_is(alice_client: Client) -> None:
    body = '{"name": "g", "description": "\\ud83d\\ude00 \\t"}'
    answer = alice_client.post(
        "/api/v1/model-package-groups", body, content_type="application/json"
    )
    assert answer.json()["description"] == "\N{GRINNING FACE}"
