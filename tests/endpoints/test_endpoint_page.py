"""One endpoint's page: what it shows while things change, its charts and weights."""

import re
import time
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consoleapp.accounts.actor import Actor
from endpoints import lifecycle, services
from endpoints.charts import CHARTS, SPANS
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint
from endpoints.reconcile import reconcile
from endpoints.specs import WeightAndCapacity
from tests.consoleapp.metrics.samples import make_sample, store
from tests.endpoints.build import instances, make_config, make_endpoint, serve, settle

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "metrics"])
HX = {"HX-Request": "true"}


def url(name: str, *arguments: str) -> str:
    return reverse(f"endpoints:{name}", args=["e", *arguments])


def shown(client: Client, name: str = "detail") -> str:
    answer = client.get(url(name))
    assert answer.status_code == 200
    return answer.content.decode()


def seen(variant: str, values: list[float], *, name: str = "Invocations", ago_s: int = 20) -> Any:
    return make_sample(
        values,
        name=name,
        second=int(time.time()) - ago_s,
        dimensions={"EndpointName": "e", "VariantName": variant},
    )


def figure(client: Client, slug: str, span: str = "15m") -> Any:
    answer = client.get(url("chart", slug), {"span": span})
    assert answer.status_code == 200
    return answer.json()


# While it changes


def test_a_new_endpoint_says_how_far_it_is(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    make_endpoint(actor, instances=2)
    page = shown(alice_client)
    assert "Bringing up instances: 0 of 2 in service" in page
    assert "Weights can be changed while the endpoint is InService." in page


def test_a_change_of_status_lets_the_other_parts_fetch_themselves(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    polled = alice_client.get(f"{url('detail')}?revision=0&status=Creating", headers=HX)
    assert polled["HX-Trigger"] == "endpoint-status"
    same = alice_client.get(f"{url('detail')}?revision=0&status={endpoint.status}", headers=HX)
    assert "HX-Trigger" not in same


@pytest.mark.parametrize("part", ["header", "weights"])
def test_a_part_fetched_alone_shows_a_viewer_no_buttons(
    alice_client: Client, bob_client: Client, actor: Actor, fake: FakeRunner, part: str
) -> None:
    serve(actor)
    alone = url("part", part)
    assert "<button" in alice_client.get(alone).content.decode()
    assert "<button" not in bob_client.get(alone).content.decode()


def test_activity_answers_204_until_something_changes_and_286_at_the_end(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    polled = f"{url('activity')}?revision={endpoint.revision}"
    assert alice_client.get(polled, headers=HX).status_code == 204
    lifecycle.tell(endpoint, "Something is told")
    answer = alice_client.get(polled, headers=HX)
    assert answer.status_code == 200
    assert "Something is told" in answer.content.decode()
    Endpoint.objects.update(status="Failed")
    assert alice_client.get(f"{url('activity')}?revision=0", headers=HX).status_code == 286


def test_restarts_and_their_reason_are_shown(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    (instance,) = instances(endpoint)
    fake.end(instance.name, 137)
    reconcile(endpoint.pk)
    page = shown(alice_client)
    assert "Starting anew. Instance 0 of variant v1: The model server ended with exit" in page
    assert '<span class="badge badge--warning">1</span>' in page


def test_each_instance_leads_to_its_log_stream(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    (instance,) = instances(serve(actor))
    page = shown(alice_client)
    assert f"stream=v1%2F{instance.name}" in page
    assert "group=%2Faws%2Fsagemaker%2FEndpoints%2Fe" in page


def test_no_two_parts_of_the_page_have_one_id_while_two_fleets_are_there(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    """What is open, and where the focus is, is known again by it."""
    endpoint = serve(actor)
    make_config(actor, "green", behaviour="waits")
    services.update_endpoint(actor, name="e", config_name="green")
    reconcile(endpoint.pk)
    assert len(instances(endpoint)) == 2
    ids = re.findall(r'\sid="([^"]+)"', shown(alice_client))
    assert [one for one, count in Counter(ids).items() if count > 1] == []


def test_queries_of_the_page_do_not_grow_with_variants_instances_or_events(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    counts = {"detail": [], "activity": []}
    for variants, told in ((1, 1), (4, 30)):
        endpoint = serve(actor, variants=variants, instances=variants)
        for number in range(told):
            lifecycle.tell(endpoint, f"event {number}")
        for name, found in counts.items():
            with CaptureQueriesContext(connection) as captured:
                assert alice_client.get(url(name)).status_code == 200
            found.append(len(captured))
        services.delete_endpoint(actor, name="e")
        settle(endpoint)
        services.delete_endpoint_config(actor, name="e-c")
        for number in range(1, variants + 1):
            services.delete_model(actor, name=f"e-c-m{number}")
    assert counts["detail"][0] == counts["detail"][1]
    assert counts["activity"][0] == counts["activity"][1]


# Charts


def test_every_chart_and_span_is_drawn(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor)
    for slug in CHARTS:
        assert figure(alice_client, slug)["live"] is True
    for span in SPANS:
        assert len(figure(alice_client, "invocations", span)["layout"]["xaxis"]["range"]) == 2


def test_shares_are_what_was_observed_in_each_period(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor, variants=2)
    store(seen("v1", [1.0] * 30), seen("v2", [1.0] * 10))
    one, two = figure(alice_client, "share")["data"]
    assert (one["name"], two["name"]) == ("v1", "v2")
    assert one["y"] == [75.0]
    assert two["y"] == [25.0]


def test_a_pause_breaks_the_lines_of_shares(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor, variants=2)
    store(seen("v1", [1.0], ago_s=200), seen("v1", [1.0], ago_s=20), seen("v2", [1.0], ago_s=20))
    one, two = figure(alice_client, "share")["data"]
    assert one["y"] == [100.0, None, 50.0]
    assert two["y"] == [0.0, None, 50.0]


def test_a_variant_has_one_colour_in_every_chart(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor, variants=2)
    store(seen("v2", [1.0]), seen("v2", [900.0], name="ModelLatency"))
    (line,) = figure(alice_client, "invocations")["data"]
    percentiles = figure(alice_client, "model-latency")["data"]
    assert [trace["name"] for trace in percentiles] == ["v2 p50", "v2 p90", "v2 p99"]
    assert {t["line"]["color"] for t in [line, *percentiles]} == {"var(--chart-2)"}
    assert percentiles[0]["y"][0] == pytest.approx(0.9, rel=0.02)


def test_a_variant_that_is_gone_keeps_its_line_for_as_long_as_it_is_in_the_span(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor)
    store(seen("before", [1.0], ago_s=600))
    assert figure(alice_client, "invocations", "5m")["data"] == []
    (line,) = figure(alice_client, "invocations", "15m")["data"]
    assert line["name"] == "before"


def test_a_change_of_weights_is_marked_with_the_weights(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor, variants=2)
    desired = [
        WeightAndCapacity(variant="v1", weight=25),
        WeightAndCapacity(variant="v2", weight=75),
    ]
    services.update_weights_and_capacities(actor, name="e", desired=desired)
    layout = figure(alice_client, "invocations")["layout"]
    assert [mark["text"] for mark in layout["annotations"]] == ["25:75"]
    assert layout["shapes"][0]["x0"] == layout["annotations"][0]["x"]


def test_an_unknown_chart_is_404_and_so_is_a_strangers(
    alice_client: Client, charlie_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor)
    assert alice_client.get(url("chart", "nothing")).status_code == 404
    for name in ("activity", "invoke-code", "invoke"):
        method = charlie_client.get if name == "activity" else charlie_client.post
        assert method(url(name)).status_code == 404
    assert charlie_client.get(url("chart", "invocations")).status_code == 404
    assert charlie_client.get(url("part", "header")).status_code == 404


# Weights


def test_weights_are_changed_in_place(alice_client: Client, actor: Actor, fake: FakeRunner) -> None:
    serve(actor, variants=2)
    given = {"v1-weight": "0", "v1-instance_count": 1, "v2-weight": "1", "v2-instance_count": 1}
    answer = alice_client.post(url("weights"), given, headers=HX)
    assert answer.status_code == 200
    assert answer["HX-Trigger-After-Swap"] == "endpoint-changed"
    page = answer.content.decode()
    assert 'id="weights"' in page
    assert "The new weights hold" in page
    assert [v.current_weight for v in Endpoint.objects.get().variants.all()] == [0.0, 1.0]


def test_an_endpoint_whose_variants_have_no_weight_says_what_becomes_of_requests(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor, variants=2)
    assert "All weights are 0" not in shown(alice_client)
    none = [WeightAndCapacity(variant=name, weight=0.0) for name in ("v1", "v2")]
    services.update_weights_and_capacities(actor, name="e", desired=none)
    assert "All weights are 0" in shown(alice_client)


def test_a_weight_is_offered_with_all_its_digits(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    # Who changes a count alone sends the weights back as they were offered.
    serve(actor, weight=1234567.5)
    assert 'value="1234567.5"' in alice_client.get(url("detail")).content.decode()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"v1-weight": "-1"}, "v1: weight: Ensure this value is greater than or equal to 0."),
        ({"v1-weight": "nan"}, "v1: weight: Enter a number."),
        ({"v1-instance_count": "0"}, "v1: instance count"),
        ({"v1-instance_count": "900"}, "Instances of one endpoint"),
    ],
)
def test_wrong_weights_are_said_in_place_and_kept_as_typed(
    alice_client: Client, actor: Actor, fake: FakeRunner, given: dict[str, str], message: str
) -> None:
    serve(actor)
    whole = {"v1-weight": "5", "v1-instance_count": "1", **given}
    answer = alice_client.post(url("weights"), whole, headers=HX)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert message in page
    for value in whole.values():
        assert f'value="{value}"' in page
    assert Endpoint.objects.get().variants.get().current_weight == 1.0
