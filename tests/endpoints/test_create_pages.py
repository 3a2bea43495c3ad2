"""The pages that make configurations and endpoints, row by row, and from a recommendation."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consoleapp.accounts.actor import Actor
from endpoints import queries, services
from endpoints.hosts.fake import FakeRunner
from endpoints.models import EndpointConfig
from tests.endpoints.build import IMAGE, make_config, serve

pytestmark = pytest.mark.django_db(databases=["default", "metrics"], transaction=True)

CONFIG = "endpoints:create-config"
ENDPOINT = "endpoints:create"


@pytest.fixture(autouse=True)
def _models(actor: Actor, fake: FakeRunner) -> None:
    for name in ("small", "large"):
        services.create_model(actor, name=name, primary_container={"Image": IMAGE})


def rows(*variants: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {
        "variant-TOTAL_FORMS": len(variants),
        "variant-INITIAL_FORMS": 0,
    }
    for number, variant in enumerate(variants):
        whole = {
            "name": f"Variant{number + 1}",
            "model_name": "small",
            "instance_type": "ml.c5.large",
            "instance_count": 1,
            "weight": 1,
            "kind": "production",
            **variant,
        }
        given |= {f"variant-{number}-{key}": value for key, value in whole.items()}
    return given


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_configuration_of_two_variants_and_a_shadow_is_made(
    alice_client: Client, actor: Actor
) -> None:
    given = rows({"weight": 1}, {"model_name": "large", "weight": 3}, {"kind": "shadow"})
    answer = alice_client.post(reverse(CONFIG), {"name": "ab", **given})
    assert answer.status_code == 302
    made = queries.endpoint_config(actor, "ab")
    found = [(v.name, v.model.name, v.initial_weight, v.shadow) for v in made.variants.all()]
    assert found == [
        ("Variant1", "small", 1.0, False),
        ("Variant2", "large", 3.0, False),
        ("Variant3", "small", 1.0, True),
    ]
    page = text_of(alice_client, reverse("endpoints:config", args=["ab"]))
    assert "75%" in page


def test_data_capture_is_kept_in_awss_shape_and_shown(alice_client: Client, actor: Actor) -> None:
    given = {
        "capture": "on",
        "capture_percent": "20",
        "capture_uri": "s3://bucket/captured",
        "capture_modes": ["Input"],
        "capture_csv": "text/csv, text/plain",
        "capture_json": "",
    }
    alice_client.post(reverse(CONFIG), {"name": "c", **rows({}), **given})
    assert queries.endpoint_config(actor, "c").data_capture_config == {
        "EnableCapture": True,
        "InitialSamplingPercentage": 20,
        "DestinationS3Uri": "s3://bucket/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv", "text/plain"]},
    }
    page = text_of(alice_client, reverse("endpoints:config", args=["c"]))
    assert "20% to s3://bucket/captured" in page
    assert "Input" in page


CAPTURE = {"capture": "on", "capture_uri": "s3://bucket/captured", "capture_modes": ["Input"]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"variant-0-instance_type": "ml.g4dn.xlarge"}, "has 1 GPU"),
        ({"variant-0-instance_type": "ml.none.large"}, "not an instance type of the catalogue"),
        ({"variant-0-model_name": "nobody"}, "Could not find model"),
        ({"variant-0-weight": "-1"}, "greater than or equal to 0"),
        ({"variant-0-name": "no name!"}, "Use letters, digits and hyphens"),
        ({"name": "no name!"}, "Use letters, digits and hyphens"),
        ({"capture": "on"}, "Name an s3:// location."),
        ({**CAPTURE, "capture_uri": "s3://No/x"}, "is no bucket name"),
        ({**CAPTURE, "capture_csv": "text/csv; charset=utf-8"}, "without parameters"),
        ({"variant-TOTAL_FORMS": "21"}, "at most 20 forms"),
    ],
)
def test_what_is_wrong_is_shown_and_nothing_is_made(
    alice_client: Client, given: dict[str, str], message: str
) -> None:
    answer = alice_client.post(reverse(CONFIG), {"name": "c", **rows({}), **given})
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not EndpointConfig.objects.exists()


def test_two_variants_of_one_name_are_refused_above_the_form(alice_client: Client) -> None:
    answer = alice_client.post(reverse(CONFIG), {"name": "c", **rows({"name": "A"}, {"name": "A"})})
    assert "Each production variant needs a name of its own." in answer.content.decode()


def test_a_row_is_added_without_losing_what_was_typed(alice_client: Client) -> None:
    given = {"name": "c", **rows({"weight": "7"}), "action": "add-variant"}
    answer = alice_client.post(reverse(CONFIG), given)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert 'name="variant-1-name" value="Variant2"' in page
    assert 'name="variant-0-weight" value="7"' in page
    assert 'name="name" value="c"' in page
    assert not EndpointConfig.objects.exists()


def test_a_row_is_removed_by_its_own_button_and_shares_follow(alice_client: Client) -> None:
    given = {**rows({"name": "A"}, {"name": "B"}, {"name": "C"}), "action": "remove-variant-1"}
    answer = alice_client.post(reverse(CONFIG), given, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert "<html" not in page
    assert 'id="variant-rows"' in page
    assert [name for name in "ABC" if f'value="{name}"' in page] == ["A", "C"]
    assert page.count("50%") == 2


def test_the_last_row_stays(alice_client: Client) -> None:
    given = {**rows({"name": "A"}), "action": "remove-variant-0"}
    assert 'value="A"' in alice_client.post(reverse(CONFIG), given).content.decode()


def test_sizes_prices_and_refusals_are_offered_beside_the_names(alice_client: Client) -> None:
    page = text_of(alice_client, reverse(CONFIG))
    assert 'value="ml.c5.large" label="2 vCPU, 4 GiB, $0.1' in page
    assert "ml.g4dn.xlarge has 1 GPU (NVIDIA T4); this host has none." in page
    assert 'value="small" label="xgboost:3.2"' in page


def test_a_configuration_like_another_begins_with_its_variants(
    alice_client: Client, actor: Actor
) -> None:
    make_config(actor, "first", variants=2, weight=1234567.5)
    page = text_of(alice_client, f"{reverse(CONFIG)}?from=first")
    assert page.count('value="1234567.5"') == 2
    assert 'value="first-m1"' in page
    assert 'value="first-m2"' in page


def test_an_endpoint_of_an_existing_configuration_is_made(
    alice_client: Client, actor: Actor
) -> None:
    make_config(actor, "c")
    given = {"endpoint_name": "e", "attach": "existing", "config_name": "c"}
    answer = alice_client.post(reverse(ENDPOINT), given)
    assert answer["Location"] == reverse("endpoints:detail", args=["e"])
    assert queries.endpoint(actor, "e").config.name == "c"


def test_an_endpoint_and_its_configuration_are_made_together(
    alice_client: Client, actor: Actor
) -> None:
    given = {"endpoint_name": "e", "attach": "new", "name": "e-config", **rows({}, {})}
    assert alice_client.post(reverse(ENDPOINT), given).status_code == 302
    endpoint = queries.endpoint(actor, "e")
    assert endpoint.config.name == "e-config"
    assert [variant.name for variant in queries.variants(endpoint)] == ["Variant1", "Variant2"]


def test_a_name_that_is_taken_leaves_no_configuration_behind(
    alice_client: Client, actor: Actor
) -> None:
    serve(actor, "e")
    given = {"endpoint_name": "e", "attach": "new", "name": "other", **rows({})}
    answer = alice_client.post(reverse(ENDPOINT), given)
    assert answer.status_code == 422
    assert "Cannot create already existing endpoint" in answer.content.decode()
    assert not EndpointConfig.objects.filter(name="other").exists()


def test_an_endpoint_moves_to_another_configuration_and_may_keep_its_weights(
    alice_client: Client, actor: Actor
) -> None:
    serve(actor, "e", variants=2)
    make_config(actor, "next", variants=2)
    url = reverse("endpoints:update", args=["e"])
    assert "e-c-m1" in text_of(alice_client, url)
    preview = alice_client.get(url, {"config_name": "next"}, headers={"HX-Request": "true"})
    assert "next-m2" in preview.content.decode()
    answer = alice_client.post(url, {"config_name": "next", "retain": "on"})
    assert answer.status_code == 302
    endpoint = queries.endpoint(actor, "e")
    assert endpoint.status == "Updating"
    assert endpoint.pending_config is not None
    assert endpoint.pending_config.name == "next"
    page = text_of(alice_client, reverse("endpoints:detail", args=["e"]))
    assert "Coming up: next" in page


def test_a_busy_endpoint_says_that_it_cannot_be_updated(alice_client: Client, actor: Actor) -> None:
    serve(actor, "e")
    make_config(actor, "next")
    url = reverse("endpoints:update", args=["e"])
    alice_client.post(url, {"config_name": "next"})
    make_config(actor, "third")
    answer = alice_client.post(url, {"config_name": "third"})
    assert answer.status_code == 422
    assert "Cannot update in-progress endpoint" in answer.content.decode()


@pytest.mark.parametrize("name", [CONFIG, ENDPOINT])
def test_a_viewer_may_not_and_a_stranger_is_offered_nothing_of_the_team(
    bob_client: Client, charlie_client: Client, actor: Actor, name: str
) -> None:
    make_config(actor, "of-the-team")
    assert bob_client.get(reverse(name)).status_code == 403
    assert bob_client.post(reverse(name), rows({})).status_code == 403
    page = text_of(charlie_client, reverse(name))
    assert 'value="small"' not in page
    assert "of-the-team" not in page
    assert charlie_client.get(reverse(CONFIG), {"from": "of-the-team"}).status_code == 404


def test_a_stranger_finds_no_endpoint_to_update(charlie_client: Client, actor: Actor) -> None:
    serve(actor, "e")
    assert charlie_client.get(reverse("endpoints:update", args=["e"])).status_code == 404
