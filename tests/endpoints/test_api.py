"""REST of models, configurations and endpoints: the same services, the same refusals."""

from typing import Any

import pytest
from django.test import Client

from consoleapp.accounts.actor import Actor
from endpoints.api import listing
from endpoints.hosts.fake import FakeRunner
from tests.endpoints.build import IMAGE, make_config, make_endpoint, serve, settle

pytestmark = pytest.mark.django_db(transaction=True)
API = "/api/v1"


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(f"{API}/{path}", body, content_type="application/json")


def test_from_a_model_to_an_endpoint_that_serves_and_is_gone_again(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    model = post(
        alice_client,
        "models",
        {"name": "m", "primary_container": {"Image": IMAGE}},
    )
    assert model.status_code == 201
    assert model.json()["arn"].endswith(":model/m")
    variant = {"name": "v1", "model_name": "m", "instance_type": "ml.c5.large", "weight": 2}
    variant["download_timeout_s"] = 3600
    config = post(alice_client, "endpoint-configs", {"name": "c", "variants": [variant]})
    assert config.status_code == 201
    assert config.json()["variants"][0]["weight"] == 2.0
    assert config.json()["variants"][0]["download_timeout_s"] == 3600
    made = post(alice_client, "endpoints", {"name": "e", "config_name": "c"})
    assert made.status_code == 201
    assert made.json()["status"] == "Creating"
    endpoint = actor.team and _endpoint()
    settle(endpoint)
    shown = alice_client.get(f"{API}/endpoints/e").json()
    assert shown["status"] == "InService"
    assert shown["variants"][0]["current_count"] == 1
    events = alice_client.get(f"{API}/endpoints/e/events").json()["results"]
    assert events[0]["message"] == "In service"
    (instance,) = alice_client.get(f"{API}/endpoints/e/instances?lines=5").json()
    assert instance["status"] == "InService"
    assert instance["log_lines"] == [f"a line of {instance['name']}"]
    assert alice_client.delete(f"{API}/endpoints/e").status_code == 204
    settle(endpoint)
    assert alice_client.get(f"{API}/endpoints/e").status_code == 404


def _endpoint() -> Any:
    from endpoints.models import Endpoint

    return Endpoint.objects.get()


def test_weights_and_updates_by_rest(alice_client: Client, actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    body = {"desired": [{"variant": "v1", "weight": 4.5, "instance_count": 2}]}
    answer = post(alice_client, "endpoints/e/weights", body)
    assert answer.status_code == 200
    assert answer.json()["variants"][0]["desired_weight"] == 4.5
    settle(endpoint)
    make_config(actor, "green")
    answer = alice_client.patch(
        f"{API}/endpoints/e", {"config_name": "green"}, content_type="application/json"
    )
    assert answer.json()["status"] == "Updating"
    settle(endpoint)
    assert alice_client.get(f"{API}/endpoints/e").json()["config_name"] == "green"


def test_the_registry_by_rest(alice_client: Client, actor: Actor) -> None:
    assert post(alice_client, "model-package-groups", {"name": "g"}).status_code == 201
    body = {
        "group_name": "g",
        "inference_specification": {"Containers": [{"Image": IMAGE}]},
        "members": {"Task": "CLASSIFICATION"},
    }
    made = post(alice_client, "model-packages", body)
    assert made.status_code == 201
    assert (made.json()["version"], made.json()["task"]) == (1, "CLASSIFICATION")
    approved = alice_client.patch(
        f"{API}/model-packages/g/1",
        {"approval_status": "Approved"},
        content_type="application/json",
    )
    assert approved.json()["approval_status"] == "Approved"
    listed = alice_client.get(f"{API}/model-packages?group_name=g").json()
    assert listed["count"] == 1
    assert alice_client.delete(f"{API}/model-package-groups/g").status_code == 409
    assert alice_client.delete(f"{API}/model-packages/g/1").status_code == 204
    assert alice_client.delete(f"{API}/model-package-groups/g").status_code == 204


def test_a_stranger_finds_nothing(charlie_client: Client, actor: Actor, fake: FakeRunner) -> None:
    make_endpoint(actor)
    for path in ("models/e-c-m1", "endpoint-configs/e-c", "endpoints/e", "endpoints/e/instances"):
        answer = charlie_client.get(f"{API}/{path}")
        assert answer.status_code == 404, path
        assert answer.json()["code"] == "ValidationException"
    for path in ("models", "endpoint-configs", "endpoints", "model-packages"):
        assert charlie_client.get(f"{API}/{path}").json()["count"] == 0
    assert charlie_client.delete(f"{API}/endpoints/e").status_code == 404
    # Nor is a stranger told what a body lacks.
    for path in ("weights", "shifts", "evaluations"):
        url = f"{API}/endpoints/e/{path}"
        assert charlie_client.post(url, {}, content_type="application/json").status_code == 404
    url = f"{API}/endpoints/e"
    assert charlie_client.patch(url, {}, content_type="application/json").status_code == 404


def test_a_viewer_reads_and_changes_nothing(
    bob_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    make_endpoint(actor)
    assert bob_client.get(f"{API}/endpoints/e").status_code == 200
    assert bob_client.delete(f"{API}/endpoints/e").status_code == 403
    answer = post(bob_client, "models", {"name": "m", "primary_container": {"Image": IMAGE}})
    assert answer.status_code == 403
    assert answer.json()["code"] == "AccessDeniedException"


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("models", {"name": "a_b", "primary_container": {"Image": "i"}}, 400, "ModelName"),
        ("models", {"primary_container": {"Image": "i"}}, 400, "name"),
        ("endpoints", {"name": "e", "config_name": "nowhere"}, 404, ""),
        ("endpoint-configs", {"name": "c", "variants": []}, 400, "ProductionVariants"),
    ],
)
def test_refusals_name_the_member(
    alice_client: Client, path: str, body: Any, status: int, field: str
) -> None:
    answer = post(alice_client, path, body)
    assert answer.status_code == status, answer.content
    assert answer.json()["field"] == field


@pytest.mark.parametrize(
    ("container", "field"),
    [
        ({"Image": 5}, "PrimaryContainer.Image"),
        ({"Image": "i" * 256}, "PrimaryContainer.Image"),
        ({"Image": IMAGE, "ModelDataUrl": 5}, "PrimaryContainer.ModelDataUrl"),
        ({"Image": IMAGE, "Environment": ["A=1"]}, "PrimaryContainer.Environment"),
        ({"Image": IMAGE, "Environment": {"A": 1}}, "PrimaryContainer.Environment"),
    ],
)
def test_a_container_with_members_of_the_wrong_type_is_refused(
    alice_client: Client, container: Any, field: str
) -> None:
    answer = post(alice_client, "models", {"name": "m", "primary_container": container})
    assert (answer.status_code, answer.json()["field"]) == (400, field), answer.content
    assert alice_client.get(f"{API}/models").json()["count"] == 0


@pytest.mark.parametrize(
    ("specification", "members", "field"),
    [
        ({"Containers": {"Image": IMAGE}}, {}, "InferenceSpecification.Containers"),
        ({"Containers": [IMAGE]}, {}, "InferenceSpecification.Containers"),
        ({"Containers": [{"Image": IMAGE}]}, {"Domain": {"a": 1}}, "Domain"),
        ({"Containers": [{"Image": IMAGE}]}, {"Task": "t" * 65}, "Task"),
        ({"Containers": [{"Image": IMAGE, "Framework": 5}]}, {}, "Framework"),
    ],
)
def test_a_version_with_members_of_the_wrong_type_is_refused(
    alice_client: Client, specification: Any, members: Any, field: str
) -> None:
    post(alice_client, "model-package-groups", {"name": "g"})
    body = {"group_name": "g", "inference_specification": specification, "members": members}
    answer = post(alice_client, "model-packages", body)
    assert (answer.status_code, answer.json()["field"]) == (400, field), answer.content


def test_texts_longer_than_their_columns_are_refused(alice_client: Client) -> None:
    made = {"name": "m", "primary_container": {"Image": IMAGE}, "execution_role_arn": "a" * 2049}
    assert post(alice_client, "models", made).json()["field"] == "execution_role_arn"
    group = {"name": "g", "description": "d" * 1025}
    assert post(alice_client, "model-package-groups", group).json()["field"] == "description"


@pytest.mark.parametrize("version", ["\N{SUPERSCRIPT TWO}", "9" * 5000])
def test_an_address_of_a_version_that_holds_no_number_is_not_found(
    alice_client: Client, version: str
) -> None:
    container = {"ModelPackageName": f"g/{version}"}
    answer = post(alice_client, "models", {"name": "m", "primary_container": container})
    assert answer.status_code == 404


def test_an_environment_on_top_of_a_versions_is_checked(alice_client: Client) -> None:
    post(alice_client, "model-package-groups", {"name": "g"})
    specification = {"Containers": [{"Image": IMAGE}]}
    version = {"group_name": "g", "inference_specification": specification}
    arn = post(alice_client, "model-packages", version).json()["arn"]
    container = {"ModelPackageName": arn, "Environment": ["A=1"]}
    answer = post(alice_client, "models", {"name": "m", "primary_container": container})
    assert (answer.status_code, answer.json()["field"]) == (400, "Environment")


@pytest.mark.parametrize(
    "query", ["created_after=yesterday", "sort_by=Colour", "name_contains=zzz"]
)
def test_filters_are_checked(alice_client: Client, actor: Actor, query: str) -> None:
    make_config(actor)
    answer = alice_client.get(f"{API}/models?{query}")
    if query.startswith("name"):
        assert answer.json()["count"] == 0
    else:
        assert answer.status_code == 400


def test_a_page_holds_no_more_than_its_longest_whatever_is_asked(
    alice_client: Client, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing.Pages, "max_limit", 2)
    make_config(actor, variants=3)
    page = alice_client.get(f"{API}/models?limit=1000000").json()
    assert (page["count"], len(page["results"])) == (3, 2)
    assert "limit=2&offset=2" in page["next"]


def test_too_many_log_lines_are_refused(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    make_endpoint(actor)
    for lines in ("501", "-1", "many", "\N{SUPERSCRIPT TWO}", "9" * 5000):
        assert alice_client.get(f"{API}/endpoints/e/instances?lines={lines}").status_code == 400


@pytest.mark.parametrize(
    "config",
    [
        {"RollingUpdatePolicy": {"MaximumExecutionTimeoutInSeconds": "soon"}},
        {"AutoRollbackConfiguration": {"Alarms": [{}]}},
        {"AutoRollbackConfiguration": {"Alarms": "one"}},
        {"AutoRollbackConfiguration": ["one"]},
        {"BlueGreenUpdatePolicy": ["CANARY"]},
    ],
)
def test_a_deployment_config_of_the_wrong_shape_is_refused(
    alice_client: Client, actor: Actor, fake: FakeRunner, config: Any
) -> None:
    serve(actor)
    make_config(actor, "green")
    size = {"Type": "CAPACITY_PERCENT", "Value": 50}
    if "RollingUpdatePolicy" in config:
        config["RollingUpdatePolicy"] |= {"MaximumBatchSize": size, "WaitIntervalInSeconds": 0}
    answer = alice_client.patch(
        f"{API}/endpoints/e",
        {"config_name": "green", "deployment_config": config},
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["field"]) == (400, "DeploymentConfig")
    assert alice_client.get(f"{API}/endpoints/e").json()["status"] == "InService"


def test_every_operation_is_in_the_schema(alice_client: Client) -> None:
    paths = alice_client.get("/api/v1/schema/?format=json").json()["paths"]
    for path in ("models", "model-packages", "endpoint-configs", "endpoints/{name}/weights"):
        assert f"/api/v1/{path}" in paths
