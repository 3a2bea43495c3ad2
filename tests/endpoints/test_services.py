"""AWS's rules and texts, roles, quotas and audit, whichever door was used."""

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import (
    CallerError,
    Forbidden,
    InUse,
    LimitExceeded,
    NotFound,
    ValidationFailed,
)
from consoleapp.accounts.models import AuditEvent, Quota, Role
from endpoints import queries, services
from endpoints.errors import CannotGrant
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint, Model
from endpoints.specs import VariantSpec, WeightAndCapacity
from endpoints.sweep import deleted_rows
from tests import factories
from tests.endpoints.build import IMAGE, make_config, make_endpoint, published, serve, settle

pytestmark = pytest.mark.django_db(transaction=True)
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
CONTAINER = {"Image": IMAGE, "ModelDataUrl": "s3://bucket/model.tar.gz"}


def operator(actor: Actor) -> Actor:
    return factories.make_actor(actor.team, username="oscar", role=Role.OPERATOR)


def change(**members: object) -> list[WeightAndCapacity]:
    return [WeightAndCapacity(variant="v1", **members)]  # type: ignore[arg-type]


def test_registering_models_is_a_role_of_its_own(actor: Actor) -> None:
    with pytest.raises(Forbidden):
        services.create_model(operator(actor), name="m", primary_container=CONTAINER)


def test_a_viewer_may_not_create_endpoints(actor: Actor, bob: Actor, fake: FakeRunner) -> None:
    make_config(actor)
    with pytest.raises(Forbidden):
        services.create_endpoint(bob, name="e", config_name="c")
    with pytest.raises(Forbidden):
        services.create_endpoint_config(bob, name="d", variants=[])


def test_a_model_is_kept_as_it_was_sent_and_audited(actor: Actor) -> None:
    model = services.create_model(
        actor, name="m", primary_container=CONTAINER, execution_role_arn="arn:role"
    )
    assert model.primary_container == CONTAINER
    assert model.arn == f"{ARN}:model/m"
    event = AuditEvent.objects.get(action="CreateModel")
    assert (event.resource_arn, event.user) == (model.arn, actor.user)


def test_a_name_is_taken_once_in_a_team_and_free_in_another(actor: Actor, charlie: Actor) -> None:
    services.create_model(actor, name="m", primary_container=CONTAINER)
    with pytest.raises(InUse) as refused:
        services.create_model(actor, name="m", primary_container=CONTAINER)
    assert refused.value.code == "ValidationException"
    assert refused.value.message == f'Cannot create already existing model "{ARN}:model/m".'
    services.create_model(charlie, name="m", primary_container=CONTAINER)


@pytest.mark.parametrize("name", ["", "-a", "a_b", "a" * 64, "a/b", "ü", "a\n"])
def test_a_bad_name_is_refused_in_awss_words(actor: Actor, name: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        services.create_model(actor, name=name, primary_container=CONTAINER)
    assert refused.value.message.startswith(
        f"1 validation error detected: Value '{name}' at 'modelName' failed to satisfy constraint"
    )
    assert refused.value.field == "ModelName"


@pytest.mark.parametrize(
    ("container", "field"),
    [
        ({}, "PrimaryContainer"),
        ({"ModelDataUrl": "s3://b/k"}, "PrimaryContainer.Image"),
        ({"Image": "i", "ModelDataUrl": "file:///etc/passwd"}, "PrimaryContainer.ModelDataUrl"),
        ({"Image": "i", "Environment": {"A B": "c"}}, "PrimaryContainer.Environment"),
        ({"Image": "i", "Environment": {"A": "x" * 1025}}, "PrimaryContainer.Environment"),
        ({"Image": "i", "Environment": {"A": 1}}, "PrimaryContainer.Environment"),
    ],
)
def test_a_container_that_cannot_be_is_refused(
    actor: Actor, container: dict[str, object], field: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        services.create_model(actor, name="m", primary_container=container)
    assert refused.value.field == field


def test_versions_of_a_group_count_up_and_give_models_their_container(actor: Actor) -> None:
    services.create_package_group(actor, name="g")
    container = {**CONTAINER, "Environment": {"A": "1", "B": "2"}, "Framework": "XGBOOST"}
    for expected in (1, 2):
        package = services.create_package(
            actor,
            group_name="g",
            inference_specification={"Containers": [container]},
            members={"Domain": "MACHINE_LEARNING", "CustomerMetadataProperties": {"x": "y"}},
        )
        assert package.version == expected
    assert package.arn == f"{ARN}:model-package/g/2"
    assert package.other == {"CustomerMetadataProperties": {"x": "y"}}
    model = services.create_model(
        actor,
        name="m",
        primary_container={"ModelPackageName": package.arn, "Environment": {"B": "3"}},
    )
    assert model.package == package
    assert model.container["Image"] == IMAGE
    assert model.container["Environment"] == {"A": "1", "B": "3"}


def test_a_group_with_versions_is_not_deleted(actor: Actor) -> None:
    services.create_package_group(actor, name="g")
    package = services.create_package(
        actor, group_name="g", inference_specification={"Containers": [CONTAINER]}
    )
    with pytest.raises(InUse):
        services.delete_package_group(actor, name="g")
    services.delete_package(actor, arn=package.arn)
    services.delete_package_group(actor, name="g")
    assert not queries.groups(actor).exists()


def test_another_teams_package_does_not_exist(actor: Actor, charlie: Actor) -> None:
    services.create_package_group(actor, name="g")
    package = services.create_package(
        actor, group_name="g", inference_specification={"Containers": [CONTAINER]}
    )
    assert queries.package(actor, package.arn) == package
    for arn in (package.arn, "g/1", "nonsense", f"{ARN}:model-package/g/x"):
        with pytest.raises(NotFound):
            queries.package(charlie, arn)


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"instance_type": "ml.p3.2xlarge"}, "GPU"),
        ({"instance_type": "ml.nonsense.large"}, "is not an instance type of the catalogue"),
        ({"instance_type": "ml.inf1.xlarge"}, "Inferentia"),
        ({"instance_type": "", "serverless_config": {"MemorySizeInMB": 1024}}, "serverless"),
        ({"weight": -1.0}, "weight"),
        ({"weight": float("nan")}, "weight"),
        ({"instance_count": 0}, "InitialInstanceCount"),
        ({"instance_count": 21}, "at most 20"),
        ({"health_check_timeout_s": 30}, "ContainerStartupHealthCheckTimeoutInSeconds"),
    ],
)
def test_a_variant_that_cannot_run_here_is_refused_with_the_reason(
    actor: Actor, members: dict[str, object], text: str
) -> None:
    services.create_model(actor, name="m", primary_container=CONTAINER)
    given = {"name": "v1", "model_name": "m", "instance_type": "ml.c5.large", **members}
    with pytest.raises(ValidationFailed) as refused:
        services.create_endpoint_config(actor, name="c", variants=[VariantSpec(**given)])  # type: ignore[arg-type]
    assert text in refused.value.message


def test_a_configuration_needs_between_one_and_ten_variants_of_different_names(
    actor: Actor,
) -> None:
    services.create_model(actor, name="m", primary_container=CONTAINER)
    one = VariantSpec(name="v", model_name="m", instance_type="ml.c5.large")
    for variants in ([], [one, one]):
        with pytest.raises(ValidationFailed):
            services.create_endpoint_config(actor, name="c", variants=variants)
    many = [
        VariantSpec(name=f"v{n}", model_name="m", instance_type="ml.c5.large") for n in range(11)
    ]
    with pytest.raises(ValidationFailed, match="1 to 10"):
        services.create_endpoint_config(actor, name="c", variants=many)


def test_what_is_missing_is_named_by_its_arn(actor: Actor, charlie: Actor) -> None:
    make_config(actor)
    cases = [
        (queries.model, "model", "model/x"),
        (queries.endpoint_config, "endpoint configuration", "endpoint-config/x"),
        (queries.endpoint, "endpoint", "endpoint/x"),
    ]
    for query, what, end in cases:
        with pytest.raises(NotFound) as refused:
            query(actor, "x")
        assert refused.value.code == "ValidationException"
        assert refused.value.message == f'Could not find {what} "{ARN}:{end}".'
    with pytest.raises(NotFound):
        queries.endpoint_config(charlie, "c")
    with pytest.raises(NotFound):
        services.create_endpoint(actor, name="e", config_name="nowhere")


def test_deleting_all_three_in_one_breath_works_while_the_endpoint_winds_down(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    services.delete_endpoint(actor, name="e")
    services.delete_endpoint_config(actor, name="e-c")
    services.delete_model(actor, name="e-c-m1")
    make_config(actor, "e-c")
    deleted_rows()
    assert Model.objects.filter(name="e-c-m1").count() == 2
    settle(endpoint)
    deleted_rows()
    assert Model.objects.filter(name="e-c-m1").count() == 1


def test_deleting_an_endpoint_twice_is_deleting_it_once(actor: Actor, fake: FakeRunner) -> None:
    make_endpoint(actor)
    services.delete_endpoint(actor, name="e")
    services.delete_endpoint(actor, name="e")
    assert AuditEvent.objects.filter(action="DeleteEndpoint").count() == 1


def test_quotas_hold_for_models_endpoints_and_instances(actor: Actor, fake: FakeRunner) -> None:
    serve(actor)
    for code, value in (
        ("models.max", 1),
        ("endpoints.endpoints.max", 1),
        ("endpoints.instances_per_endpoint.max", 2),
    ):
        Quota.objects.create(team=actor.team, code=code, value=value)
    attempts = [
        lambda: services.create_model(actor, name="m", primary_container=CONTAINER),
        lambda: services.create_endpoint(actor, name="f", config_name="e-c"),
        lambda: services.update_weights_and_capacities(
            actor, name="e", desired=change(instance_count=3)
        ),
    ]
    for attempt in attempts:
        with pytest.raises(LimitExceeded, match="The account-level service limit"):
            attempt()
    assert Endpoint.objects.get().status == "InService"


def test_a_benchmark_that_needs_more_cores_than_there_are_is_refused(
    actor: Actor, fake: FakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("endpoints.capacity.measurable_cores", lambda: (1,))
    make_config(actor)
    with pytest.raises(CannotGrant, match="needs 2 cores for itself at scale 1"):
        services.create_endpoint(actor, name="e", config_name="c", purpose="benchmark")
    made = services.create_endpoint(
        actor, name="e", config_name="c", purpose="benchmark", scale=0.5
    )
    assert made.scale == 0.5


def test_a_new_weight_is_published_before_the_call_returns(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, variants=2)
    services.update_weights_and_capacities(actor, name="e", desired=change(weight=3.0))
    routes = published(endpoint)
    assert routes is not None
    assert [variant["weight"] for variant in routes["variants"]] == [3.0, 1.0]
    settle(endpoint)
    assert endpoint.status == "InService"


def test_an_update_in_progress_refuses_the_next_in_awss_words(
    actor: Actor, fake: FakeRunner
) -> None:
    make_endpoint(actor)
    make_config(actor, "other")
    for call in (
        lambda: services.update_endpoint(actor, name="e", config_name="other"),
        lambda: services.update_weights_and_capacities(actor, name="e", desired=change(weight=1.0)),
    ):
        with pytest.raises(CallerError) as refused:
            call()
        assert refused.value.message == f'Cannot update in-progress endpoint "{ARN}:endpoint/e".'


def test_an_unknown_variant_changes_nothing(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    desired = [WeightAndCapacity(variant="v9", weight=1.0)]
    with pytest.raises(ValidationFailed, match="is/are not present within endpoint configuration"):
        services.update_weights_and_capacities(actor, name="e", desired=desired)
    endpoint.refresh_from_db()
    assert endpoint.status == "InService"


def test_an_update_may_keep_weights_and_counts(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    services.update_weights_and_capacities(
        actor, name="e", desired=change(weight=7.0, instance_count=2)
    )
    settle(endpoint)
    make_config(actor, "green")
    services.update_endpoint(actor, name="e", config_name="green", retain_variant_properties=True)
    settle(endpoint)
    (variant,) = queries.variants(endpoint)
    assert (variant.fleet, variant.desired_weight, variant.current_count) == (1, 7.0, 2)
