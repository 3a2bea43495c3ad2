"""Blue and green, and what a shadow gets, on the pages."""

import re
import time

import pytest
from django.test import Client
from django.urls import reverse

from consoleapp.accounts.actor import Actor
from endpoints import services
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint, Variant
from endpoints.specs import VariantSpec
from tests.consoleapp.metrics.samples import make_sample, store
from tests.endpoints.build import IMAGE, make_config, serve, settle

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "metrics"])


def page(client: Client, name: str = "endpoints:detail", of: str = "e") -> str:
    answer = client.get(reverse(name, args=[of]))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def updating(actor: Actor, *, share: float) -> None:
    serve(actor, "e", variants=2)
    make_config(actor, "next")
    services.update_endpoint(actor, name="e", config_name="next")
    Endpoint.objects.update(pending_share=share)


def invoked(*variants: str) -> None:
    for name in variants:
        store(
            make_sample(
                [1.0] * 6,
                name="Invocations",
                second=int(time.time()) - 20,
                dimensions={"EndpointName": "e", "VariantName": name},
            )
        )


def test_while_two_fleets_serve_each_says_its_part_of_the_traffic(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    updating(actor, share=0.1)
    shown = page(alice_client)
    assert "e-c has 90% of the traffic." in shown
    assert "next has 10% of the traffic." in shown
    assert shown.count("Blue fleet") == shown.count("Green fleet") == 1
    # Two blue variants of equal weight, and one green one.
    assert re.findall(r"</meter><span>([\d.]+%)</span>", shown) == ["45%", "45%", "10%"]


def test_a_fleet_that_waits_for_its_termination_has_no_traffic_any_more(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    updating(actor, share=1.0)
    shown = page(alice_client)
    assert "e-c has 0% of the traffic." in shown
    assert "next has 100% of the traffic." in shown


def test_a_fleet_that_comes_up_has_no_traffic_yet(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    updating(actor, share=0.0)
    shown = page(alice_client)
    assert "e-c has 100% of the traffic." in shown
    assert "These variants get no traffic before their instances answer." in shown


def test_an_endpoint_of_one_fleet_names_no_colours(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor, "e")
    assert "fleet" not in page(alice_client).replace("fleets", "")


def test_a_shadow_says_how_much_is_copied_to_it(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    services.create_model(actor, name="m", primary_container={"Image": IMAGE})
    services.create_endpoint_config(
        actor,
        name="c",
        variants=[
            VariantSpec(name="p", model_name="m", instance_type="ml.c5.large", weight=2),
            VariantSpec(
                name="s", model_name="m", instance_type="ml.c5.large", weight=0.5, shadow=True
            ),
        ],
    )
    services.create_endpoint(actor, name="e", config_name="c")
    Variant.objects.filter(name="s").update(current_weight=0.5)
    assert "a copy of 25%" in page(alice_client)
    assert "copy of 25%" in page(alice_client, "endpoints:config", "c")


def test_copies_are_no_part_of_the_observed_shares(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor, "e", variants=2)
    Variant.objects.filter(name="v2").update(shadow=True)
    invoked("v1", "v2")
    url = reverse("endpoints:chart", args=["e", "share"])
    (only,) = alice_client.get(url).json()["data"]
    assert only["name"] == "v1"
    assert {value for value in only["y"] if value is not None} == {100.0}
    counted = alice_client.get(reverse("endpoints:chart", args=["e", "invocations"])).json()
    assert {trace["name"] for trace in counted["data"]} == {"v1", "v2"}


def test_copies_stay_no_part_of_the_shares_once_their_shadow_is_gone(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, "e", variants=2)
    Variant.objects.filter(name="v2").update(shadow=True)
    invoked("v1", "v2")
    make_config(actor, "next")
    services.update_endpoint(actor, name="e", config_name="next")
    settle(endpoint)
    assert [variant.name for variant in endpoint.variants.all()] == ["v1"]
    url = reverse("endpoints:chart", args=["e", "share"])
    assert [trace["name"] for trace in alice_client.get(url).json()["data"]] == ["v1"]


def test_no_weights_are_filled_in_between_production_and_its_shadow(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor, "e", variants=2)
    assert "All to v2" in page(alice_client)
    Variant.objects.filter(name="v2").update(shadow=True)
    assert "All to v2" not in page(alice_client)
