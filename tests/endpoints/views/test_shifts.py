"""The pages of traffic shifts: the form, the steps as they bake, the buttons, and who may."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consoleapp.accounts.actor import Actor
from endpoints import services
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Deployment
from endpoints.shift import Policy, Routing
from endpoints.shifting.guards import Guards
from tests.endpoints.build import make_config, serve, settle
from tests.endpoints.shifting.build import (
    AT_ONCE,
    answered,
    deployment_config,
    shares,
    start,
    step_on,
)

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "metrics"])
CREATE = reverse("endpoints:shift-create", args=["e"])
SHIFT = reverse("endpoints:shift", args=["e", 1])
TYPED = {
    "to": "v2",
    "routing": "CANARY",
    "canary_percent": "10",
    "linear_percent": "50",
    "wait_s": "30",
    "max_error_percent": "2",
    "max_latency_ms": "",
    "latency_percentile": "p99",
    "minimum_samples": "20",
    "no_data": "Wait",
}


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_form_starts_a_shift_and_leads_to_its_page(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor, variants=2)
    form = alice_client.get(f"{CREATE}?to=v2")
    assert '<option value="v2" selected>' in text(form)
    answer = alice_client.post(CREATE, TYPED)
    assert answer.status_code == 302
    assert answer.headers["Location"] == SHIFT
    made = Deployment.objects.get()
    assert [(step.share, step.wait_s) for step in made.steps.all()] == [(0.1, 30), (1.0, 30)]
    assert Guards.restored(made.guards) == Guards(max_error_rate=0.02, no_data="Wait")  # type: ignore[arg-type]
    page = text(alice_client.get(SHIFT))
    for words in ("Traffic shift 1", "Roll back now", "Pause", "v1 45%, v2 55%"):
        assert words in page


def test_what_the_service_refuses_is_shown_at_its_field_with_what_was_typed(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor, variants=2)
    answer = alice_client.post(CREATE, {**TYPED, "canary_percent": "", "wait_s": "44"})
    assert answer.status_code == 422
    assert "How many percent?" in text(answer)
    assert 'value="44"' in text(answer)
    start(actor, policy=AT_ONCE)
    answer = alice_client.post(CREATE, TYPED)
    assert answer.status_code == 422
    assert "Cannot update in-progress endpoint" in text(answer)


def test_removing_the_others_is_asked_for_with_a_box(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, variants=2)
    alice_client.post(
        CREATE,
        {
            **TYPED,
            "routing": "ALL_AT_ONCE",
            "wait_s": 0,
            "remove_others": 1,
            "max_error_percent": "",
        },
    )
    settle(endpoint)
    assert [v.name for v in endpoint.variants.all()] == ["v2"]


def test_the_live_page_shows_the_bake_and_what_the_guards_see(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, variants=2)
    start(actor, guards=Guards(max_error_rate=0.05))
    step_on(endpoint)
    answered("v2", invocations=400, errors=4)
    fragment = alice_client.get(SHIFT, headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert "<html" not in text(fragment)
    for words in ("<progress", "Baking", "400", "1%", "at most 5%"):
        assert words in text(fragment)


def test_polling_ends_once_it_is_over(alice_client: Client, actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, variants=2)
    start(actor, policy=AT_ONCE)
    settle(endpoint)
    fragment = alice_client.get(SHIFT, headers={"HX-Request": "true"})
    assert fragment.status_code == 286
    assert "Roll back now" not in text(fragment)
    assert "hx-get" not in text(fragment)
    assert "0 invocations" not in text(fragment), "nothing was judged"


def test_pause_resume_and_roll_back_are_buttons(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, variants=2)
    start(actor)
    step_on(endpoint)

    def press(word: str) -> str:
        url = reverse(f"endpoints:shift-{word}", args=["e", 1])
        return text(alice_client.post(url, follow=True))

    assert "Resume" in press("pause")
    assert "Pause" in press("resume")
    assert "Rolled back by alice" in press("roll-back")
    assert shares(endpoint) == {"v1": 0.5, "v2": 0.5}
    assert "this cannot be done now" in press("pause")


def test_a_shift_between_fleets_is_shown_with_its_configurations(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    make_config(actor, "green")
    services.update_endpoint(
        actor, name="e", config_name="green", deployment_config=deployment_config()
    )
    step_on(endpoint)
    page = text(alice_client.get(SHIFT))
    assert "e-c to green" in page
    assert "10% of the traffic to green" in page
    assert "10% first" in page
    assert "step 1: 10% of the traffic goes to green" in page
    answered("v1", invocations=30, errors=2, config="green")
    figure = alice_client.get(reverse("endpoints:shift-chart", args=["e", 1, "errors"])).json()
    assert [(one["name"], max(one["y"])) for one in figure["data"]] == [("v1 of green", 2.0)]
    assert [one["text"] for one in figure["layout"]["annotations"]] == ["1"]


def test_the_chart_marks_where_steps_began_and_where_traffic_went_back(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, variants=2)
    start(actor)
    step_on(endpoint)
    alice_client.post(reverse("endpoints:shift-roll-back", args=["e", 1]))
    chart = alice_client.get(reverse("endpoints:shift-chart", args=["e", 1, "errors"])).json()
    assert [one["text"] for one in chart["layout"]["annotations"]] == ["1", "back"]
    assert len(chart["layout"]["shapes"]) == 2


def test_a_viewer_sees_no_buttons_and_a_stranger_sees_nothing(
    bob_client: Client,
    charlie_client: Client,
    actor: Actor,
    fake: FakeRunner,
) -> None:
    serve(actor, variants=2)
    start(actor)
    page = bob_client.get(SHIFT)
    assert page.status_code == 200
    assert "Roll back now" not in text(page)
    assert bob_client.get(CREATE).status_code == 403
    for word in ("pause", "resume", "roll-back"):
        url = reverse(f"endpoints:shift-{word}", args=["e", 1])
        assert bob_client.post(url).status_code == 403
        assert charlie_client.post(url).status_code == 404
    listed, chart = "endpoints:shifts", "endpoints:shift-chart"
    for url in (
        SHIFT,
        CREATE,
        reverse(listed, args=["e"]),
        reverse(chart, args=["e", 1, "errors"]),
    ):
        assert charlie_client.get(url).status_code == 404


def test_the_list_asks_as_often_for_many_shifts_as_for_one(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, variants=2)
    asked = []
    for to in ("v2", "v1", "v2"):
        start(actor, to=to, policy=Policy(routing=Routing.ALL_AT_ONCE))
        settle(endpoint)
        with CaptureQueriesContext(connection) as queries:
            page = alice_client.get(reverse("endpoints:shifts", args=["e"]))
        assert f"to {to}" in text(page)
        asked.append(len(queries))
    assert asked[0] == asked[-1]
