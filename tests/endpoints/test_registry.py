"""Models made from versions of the registry: both ways in which a request names the version."""

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound, ValidationFailed
from endpoints import queries, services
from endpoints.models import ModelPackage
from tests.endpoints.build import IMAGE

DATA = "s3://somewhere/model.tar.gz"


@pytest.fixture
def package(actor: Actor) -> ModelPackage:
    services.create_package_group(actor, name="churn")
    container = {"Image": IMAGE, "ModelDataUrl": DATA, "Environment": {"A": "1", "B": "1"}}
    return services.create_package(
        actor, group_name="churn", inference_specification={"Containers": [container]}
    )


@pytest.mark.parametrize("member", ["primary_container", "containers"])
def test_a_container_that_names_a_version_gets_its_image_data_and_environment(
    actor: Actor, package: ModelPackage, member: str
) -> None:
    """The SDK's ModelPackage.deploy() and AWS's guide name it in Containers."""
    named = {"ModelPackageName": package.arn, "Environment": {"B": "2"}}
    sent = {member: named if member == "primary_container" else [named]}
    services.create_model(actor, name="m", **sent)  # type: ignore[arg-type]
    found = queries.model(actor, "m")
    assert found.package == package
    assert found.container == {
        "ModelPackageName": package.arn,
        "Image": IMAGE,
        "ModelDataUrl": DATA,
        "Environment": {"A": "1", "B": "2"},
    }


def test_a_container_s_own_image_wins_over_the_version_s(
    actor: Actor, package: ModelPackage
) -> None:
    other = "inference-console/xgboost:1.7"
    services.create_model(
        actor, name="m", containers=[{"ModelPackageName": package.arn, "Image": other}]
    )
    assert queries.model(actor, "m").container["Image"] == other


def test_a_version_that_is_not_there_is_refused_and_makes_no_model(
    actor: Actor, package: ModelPackage
) -> None:
    with pytest.raises(NotFound):
        services.create_model(actor, name="m", containers=[{"ModelPackageName": f"{package.arn}9"}])
    assert not queries.models(actor).exists()


def test_a_stranger_s_version_is_not_there(charlie: Actor, package: ModelPackage) -> None:
    with pytest.raises(NotFound):
        services.create_model(charlie, name="m", containers=[{"ModelPackageName": package.arn}])


def test_a_container_without_image_and_version_is_refused(actor: Actor) -> None:
    with pytest.raises(ValidationFailed, match="Containers needs an Image"):
        services.create_model(actor, name="m", containers=[{"ModelDataUrl": DATA}])
