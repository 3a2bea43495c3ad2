"""SageMaker's tags: of what is there, and of nothing else."""

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError
from consoleapp.accounts.models import Tag
from endpoints import queries, registry, services
from endpoints.hosts.fake import FakeRunner
from recommender import services as recommender_services
from recommender.aws import tagging
from recommender.executor.reconcile import reconcile_job
from recommender.models import Job
from recommender.statuses import JobStatus
from tests.endpoints.build import IMAGE, serve, settle
from tests.recommender.asked import make_job

TAGS = [{"Key": "stage", "Value": "test"}]
KINDS = (
    "model",
    "endpoint-config",
    "endpoint",
    "model-package-group",
    "model-package",
    "inference-recommendations-job",
)


@pytest.fixture
def model(actor: Actor) -> str:
    return services.create_model(actor, name="m", primary_container={"Image": IMAGE}).arn


def told(actor: Actor, arn: str) -> list[dict[str, str]]:
    return list(tagging.list_tags(actor, {"ResourceArn": arn})["Tags"])


def test_tags_are_added_told_and_deleted(actor: Actor, model: str) -> None:
    assert tagging.add_tags(actor, {"ResourceArn": model, "Tags": TAGS}) == {"Tags": TAGS}
    assert told(actor, model) == TAGS
    tagging.delete_tags(actor, {"ResourceArn": model, "TagKeys": ["stage", "other"]})
    assert told(actor, model) == []


@pytest.mark.parametrize("kind", [*KINDS, "notebook-instance"])
def test_what_is_not_there_has_no_tags(actor: Actor, kind: str) -> None:
    arn = queries.arn(actor, kind, "missing/1" if kind == "model-package" else "missing")
    for call in (
        lambda: tagging.add_tags(actor, {"ResourceArn": arn, "Tags": TAGS}),
        lambda: tagging.delete_tags(actor, {"ResourceArn": arn, "TagKeys": ["stage"]}),
        lambda: tagging.list_tags(actor, {"ResourceArn": arn}),
    ):
        with pytest.raises(CallerError, match="missing"):
            call()


def test_a_deleted_model_leaves_no_tags_to_the_next_of_its_name(actor: Actor, model: str) -> None:
    services.delete_model(actor, name="m")
    with pytest.raises(CallerError, match="Could not find model"):
        tagging.add_tags(actor, {"ResourceArn": model, "Tags": TAGS})
    services.create_model(actor, name="m", primary_container={"Image": IMAGE})
    assert told(actor, model) == []


def test_tags_of_an_endpoint_that_is_going_go_with_it(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    services.delete_endpoint(actor, name=endpoint.name)
    tagging.add_tags(actor, {"ResourceArn": endpoint.arn, "Tags": TAGS})
    settle(endpoint)
    assert not Tag.objects.filter(resource_arn=endpoint.arn).exists()


def test_a_model_of_another_region_is_not_this_one(actor: Actor, model: str) -> None:
    with pytest.raises(CallerError, match="does not exist"):
        tagging.list_tags(actor, {"ResourceArn": model.replace(actor.region, "eu-west-1")})


def test_versions_and_their_groups_have_tags(actor: Actor) -> None:
    group = registry.create_package_group(actor, name="g")
    package = registry.create_package(
        actor, group_name="g", inference_specification={"Containers": [{"Image": IMAGE}]}
    )
    for arn in (group.arn, package.arn):
        tagging.add_tags(actor, {"ResourceArn": arn, "Tags": TAGS})
        assert told(actor, arn) == TAGS


@pytest.mark.usefixtures("two_cores")
def test_a_deleted_job_leaves_no_tags(actor: Actor) -> None:
    job = make_job(actor)
    tagging.add_tags(actor, {"ResourceArn": job.arn, "Tags": TAGS})
    assert told(actor, job.arn) == TAGS
    Job.objects.filter(pk=job.pk).update(status=JobStatus.COMPLETED)
    recommender_services.delete_job(actor, name=job.name)
    assert told(actor, job.arn) == []
    tagging.add_tags(actor, {"ResourceArn": job.arn, "Tags": TAGS})
    reconcile_job(job.pk)
    assert not Job.objects.filter(pk=job.pk).exists()
    assert not Tag.objects.filter(resource_arn=job.arn).exists()
