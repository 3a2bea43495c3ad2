"""The pages of models, registry, configurations and endpoints, as three people see them."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consoleapp.accounts.actor import Actor
from endpoints import queries, services
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint, Model
from tests.endpoints.build import IMAGE, make_config, serve, settle

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "metrics"])


@pytest.fixture
def package(actor: Actor) -> str:
    services.create_package_group(actor, name="churn", description="Who leaves")
    made = services.create_package(
        actor,
        group_name="churn",
        inference_specification={
            "Containers": [{"Image": IMAGE, "Framework": "XGBOOST", "FrameworkVersion": "3.2"}],
            "SupportedContentTypes": ["text/csv"],
        },
        members={"Domain": "MACHINE_LEARNING", "Task": "CLASSIFICATION"},
    )
    return reverse("endpoints:package", args=["churn", made.version])


def pages_of(actor: Actor) -> list[str]:
    endpoint = serve(actor)
    return [
        reverse("endpoints:models"),
        reverse("endpoints:model", args=["e-c-m1"]),
        reverse("endpoints:packages"),
        reverse("endpoints:configs"),
        reverse("endpoints:config", args=["e-c"]),
        reverse("endpoints:list"),
        reverse("endpoints:detail", args=[endpoint.name]),
    ]


def test_a_viewer_sees_every_page_without_its_buttons(
    actor: Actor, bob_client: Client, fake: FakeRunner, package: str
) -> None:
    for url in [*pages_of(actor), package, reverse("endpoints:group", args=["churn"])]:
        answer = bob_client.get(url)
        assert answer.status_code == 200, url
        assert b"Delete</button>" not in answer.content
        assert b"Create model</a>" not in answer.content
        assert b"Approve</button>" not in answer.content


def test_a_stranger_gets_404_and_sees_no_names(
    actor: Actor, charlie_client: Client, fake: FakeRunner, package: str
) -> None:
    for url in [*pages_of(actor), package, reverse("endpoints:group", args=["churn"])]:
        answer = charlie_client.get(url)
        if answer.status_code == 200:
            assert b"e-c" not in answer.content
            assert b"churn" not in answer.content
        else:
            assert answer.status_code == 404, url


def test_signed_out_people_are_sent_to_the_sign_in_page(client: Client) -> None:
    answer = client.get(reverse("endpoints:list"))
    assert answer.status_code == 302
    assert "/console/sign-in" in answer["Location"]


def test_a_model_is_created_from_the_page(alice_client: Client, actor: Actor) -> None:
    answer = alice_client.post(
        reverse("endpoints:create-model"),
        {
            "name": "churn",
            "image": IMAGE,
            "model_data_url": "s3://bucket/model.tar.gz",
            "environment": "A=1\n\nB=x=y\n",
        },
    )
    assert answer.status_code == 302
    assert queries.model(actor, "churn").primary_container == {
        "Image": IMAGE,
        "ModelDataUrl": "s3://bucket/model.tar.gz",
        "Environment": {"A": "1", "B": "x=y"},
    }


@pytest.mark.parametrize(
    ("member", "value", "message"),
    [
        ("name", "not a name", "Use letters, digits and hyphens"),
        ("model_data_url", "ftp://x/y", "must be an s3:// or https:// address"),
        ("environment", "NOVALUE", "is not of the form NAME=value"),
        ("environment", "1A=2", "must be a name of letters, digits and underscores"),
    ],
)
def test_a_wrong_model_is_shown_at_its_field(
    alice_client: Client, member: str, value: str, message: str
) -> None:
    given = {"name": "churn", "image": IMAGE, member: value}
    answer = alice_client.post(reverse("endpoints:create-model"), given)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert message in " ".join(form.errors[member])
    assert not Model.objects.exists()


def test_an_operator_may_not_register_models(actor: Actor, bob_client: Client) -> None:
    assert bob_client.get(reverse("endpoints:create-model")).status_code == 403
    answer = bob_client.post(reverse("endpoints:create-model"), {"name": "x", "image": IMAGE})
    assert answer.status_code == 403


def test_the_create_page_says_that_the_host_is_one_trust_domain(alice_client: Client) -> None:
    text = alice_client.get(reverse("endpoints:create-model")).content.decode()
    assert "one trust domain" in text
    assert IMAGE in text


def test_what_the_host_cannot_serve_is_said_on_the_list_and_on_the_model(
    alice_client: Client, actor: Actor
) -> None:
    services.create_model(
        actor, name="torch", primary_container={"Image": "pytorch-inference:2.5-gpu-py311"}
    )
    assert b"Not served by this host" in alice_client.get(reverse("endpoints:models")).content
    page = alice_client.get(reverse("endpoints:model", args=["torch"])).content
    assert b"The embedded host cannot serve this image" in page


def test_a_delete_needs_the_typed_word(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    alice_client.post(reverse("endpoints:delete", args=["e"]))
    endpoint.refresh_from_db()
    assert endpoint.status == "InService"
    alice_client.post(reverse("endpoints:delete", args=["e"]), {"confirm": "delete"})
    settle(endpoint)
    assert not Endpoint.objects.exists()


def test_a_viewer_can_neither_delete_nor_change_weights(
    bob_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor)
    for name in ("endpoints:delete", "endpoints:weights"):
        answer = bob_client.post(reverse(name, args=["e"]), {"confirm": "delete"})
        assert answer.status_code == 403


def test_weights_are_changed_from_the_page(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor, variants=2)
    given = {
        "v1-weight": "3",
        "v1-instance_count": "1",
        "v2-weight": "1",
        "v2-instance_count": "1",
    }
    alice_client.post(reverse("endpoints:weights", args=["e"]), given)
    page = alice_client.get(reverse("endpoints:detail", args=["e"])).content.decode()
    assert "75%" in page
    assert "25%" in page


def test_the_endpoint_page_shows_instances_events_and_log_lines(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor, instances=2)
    page = alice_client.get(reverse("endpoints:detail", args=["e"])).content.decode()
    assert "v1/0" in page
    assert "v1/1" in page
    assert "a line of 123456789012-us-east-1-e-v1-1" in page
    assert "Creating endpoint e" in page


def test_polling_answers_204_until_something_changes(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    url = reverse("endpoints:detail", args=["e"])
    headers = {"HX-Request": "true"}
    same = alice_client.get(f"{url}?revision={endpoint.revision}", headers=headers)
    assert same.status_code == 204
    changed = alice_client.get(f"{url}?revision=0", headers=headers)
    assert changed.status_code == 200
    assert 'id="endpoint"' in changed.content.decode()
    assert "<html" not in changed.content.decode()


def test_polling_ends_when_the_endpoint_has_failed(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    make_config(actor, "bad", behaviour="refused")
    endpoint = services.create_endpoint(actor, name="bad", config_name="bad")
    settle(endpoint)
    url = reverse("endpoints:detail", args=["bad"])
    answer = alice_client.get(f"{url}?revision=0", headers={"HX-Request": "true"})
    assert answer.status_code == 286
    assert "The image is unknown" in answer.content.decode()


def test_a_version_is_approved_from_its_page(
    alice_client: Client, charlie_client: Client, package: str
) -> None:
    alice_client.post(f"{package}/approval", {"status": "Approved"})
    assert "Approved" in alice_client.get(package).content.decode()
    answer = alice_client.post(f"{package}/approval", {"status": "Maybe"}, follow=True)
    assert "ModelApprovalStatus is one of" in answer.content.decode()
    assert charlie_client.post(f"{package}/approval", {"status": "Maybe"}).status_code == 404


@pytest.mark.parametrize("name", ["models", "packages", "configs", "list"])
def test_lists_filter_by_name_and_say_when_nothing_matches(
    alice_client: Client, actor: Actor, fake: FakeRunner, package: str, name: str
) -> None:
    serve(actor)
    url = reverse(f"endpoints:{name}")
    assert "No matches" in alice_client.get(f"{url}?name=zzz").content.decode()


@pytest.mark.parametrize("name", ["models", "configs", "list"])
def test_queries_of_a_list_do_not_grow_with_its_rows(
    alice_client: Client, actor: Actor, fake: FakeRunner, name: str
) -> None:
    url = reverse(f"endpoints:{name}")
    counts = []
    for more in ("one", "two three four five"):
        for each in more.split():
            make_config(actor, each)
            services.create_endpoint(actor, name=each, config_name=each)
        with CaptureQueriesContext(connection) as seen:
            assert alice_client.get(url).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
