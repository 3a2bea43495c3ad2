import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound
from endpoints import queries, registry, services
from endpoints.aws import endpoints as wire
from endpoints.aws import models as wire_of_models
from tests.endpoints.build import IMAGE, make_config, make_endpoint

CONTAINER = {"Image": IMAGE}


def test_models_and_registered_versions_count_together(actor: Actor, charlie: Actor) -> None:
    for name in ("kept", "gone"):
        registry.create_model(actor, name=name, primary_container=CONTAINER)
    registry.delete_model(actor, name="gone")
    registry.create_package_group(actor, name="group")
    specification = {
        "Containers": [CONTAINER],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    registry.create_package(actor, group_name="group", inference_specification=specification)
    assert queries.model_count(actor) == 2
    assert queries.model_count(charlie) == 0


def test_a_strangers_endpoint_does_not_exist(actor: Actor, charlie: Actor) -> None:
    endpoint = make_endpoint(actor)
    assert queries.endpoint(actor, endpoint.name) == endpoint
    with pytest.raises(NotFound):
        queries.endpoint(charlie, endpoint.name)


def test_what_describe_endpoint_tells_takes_the_same_queries_for_ten_variants(
    actor: Actor, django_assert_num_queries
) -> None:
    for name, variants in (("small", 1), ("large", 10)):
        make_endpoint(actor, name, variants=variants)
        with django_assert_num_queries(3):
            told = wire.describe_endpoint(actor, {"EndpointName": name})
        assert len(told["ProductionVariants"]) == variants
        assert told["ProductionVariants"][0]["DeployedImages"][0]["SpecifiedImage"] == IMAGE


def test_describing_a_model_takes_one_query_of_one_row_without_joins(
    actor: Actor, django_assert_num_queries
) -> None:
    registry.create_model(actor, name="m", primary_container=CONTAINER)
    with django_assert_num_queries(1) as asked:
        told = wire_of_models.describe_model(actor, {"ModelName": "m"})
    assert told["ModelArn"] == "arn:aws:sagemaker:us-east-1:123456789012:model/m"
    assert "JOIN" not in asked[0]["sql"]


def test_a_deleted_or_a_strangers_model_and_configuration_do_not_exist(
    actor: Actor, charlie: Actor
) -> None:
    make_config(actor, "c")
    assert queries.model(actor, "c-m1").team == actor.team
    assert queries.endpoint_config(actor, "c").name == "c"
    services.delete_endpoint_config(actor, name="c")
    for who in (actor, charlie):
        with pytest.raises(NotFound, match='Could not find endpoint configuration "arn'):
            queries.endpoint_config(who, "c")
    with pytest.raises(NotFound, match='Could not find model "arn'):
        queries.model(charlie, "c-m1")
