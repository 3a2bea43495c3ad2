import pytest
from django.conf import settings
from django.db.models import ProtectedError

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden, InUse, LimitExceeded, NotFound, ValidationFailed
from consoleapp.accounts.models import AuditEvent
from consoleapp.accounts.quotas import set_limit
from consoleapp.storage import buckets, clients, s3
from consoleapp.storage.models import Bucket
from tests.object_store import ObjectStore


def names_in_store() -> list[str]:
    return [found["Name"] for found in clients.s3().list_buckets()["Buckets"]]


def test_the_default_bucket_is_made_on_first_use_and_only_then(
    object_store: ObjectStore, actor: Actor
) -> None:
    assert buckets.default_bucket(actor) == "sagemaker-us-east-1-123456789012"
    assert buckets.default_bucket(actor) == "sagemaker-us-east-1-123456789012"
    assert names_in_store() == ["sagemaker-us-east-1-123456789012"]
    assert Bucket.objects.get().team == actor.team
    assert AuditEvent.objects.get().action == "CreateBucket"


def test_a_viewer_does_not_make_the_default_bucket_but_knows_it_once_it_is_there(
    object_store: ObjectStore, actor: Actor, bob: Actor
) -> None:
    with pytest.raises(Forbidden):
        buckets.default_bucket(bob)
    assert names_in_store() == []
    made = buckets.default_bucket(actor)
    assert buckets.default_bucket(bob) == made


def test_a_name_that_a_stranger_has_is_taken(
    object_store: ObjectStore, actor: Actor, charlie: Actor
) -> None:
    buckets.create_bucket(charlie, "wanted")
    with pytest.raises(InUse, match="wanted is taken"):
        buckets.create_bucket(actor, "wanted")
    with pytest.raises(InUse):
        buckets.ensure_bucket(actor, "wanted")
    assert Bucket.objects.get(name="wanted").team == charlie.team


def test_a_team_is_not_deleted_while_it_has_buckets_for_another_to_take_over(
    object_store: ObjectStore, actor: Actor
) -> None:
    buckets.create_bucket(actor, "wanted")
    with pytest.raises(ProtectedError):
        actor.team.delete()
    buckets.delete_bucket(actor, "wanted")
    actor.team.delete()


def test_a_bad_name_is_refused_before_anything_is_made(
    object_store: ObjectStore, actor: Actor
) -> None:
    with pytest.raises(ValidationFailed):
        buckets.create_bucket(actor, "No_Name")
    assert not Bucket.objects.exists()


def test_no_row_stays_when_the_store_cannot_be_reached(actor: Actor) -> None:
    with pytest.raises(Exception, match="Could not connect"):
        buckets.create_bucket(actor, "unreachable")
    assert not Bucket.objects.exists()


def test_a_bucket_whose_making_was_interrupted_is_made_by_the_next_write(
    object_store: ObjectStore, actor: Actor
) -> None:
    Bucket.objects.create(name="half-made", team=actor.team, region=actor.region)
    s3.put_bytes(actor, "s3://half-made/x", b"1")
    assert s3.get_bytes(actor, "s3://half-made/x", 10) == b"1"
    Bucket.objects.create(name="half-made-2", team=actor.team, region=actor.region)
    buckets.ensure_bucket(actor, "half-made-2")
    assert names_in_store() == ["half-made", "half-made-2"]


def test_only_an_empty_bucket_is_deleted(object_store: ObjectStore, actor: Actor) -> None:
    buckets.create_bucket(actor, "full")
    s3.put_bytes(actor, "s3://full/a/b", b"1")
    with pytest.raises(InUse, match="not empty"):
        buckets.delete_bucket(actor, "full")
    assert Bucket.objects.filter(name="full").exists()
    s3.delete(actor, "s3://full/a/b")
    buckets.delete_bucket(actor, "full")
    assert names_in_store() == []
    assert not Bucket.objects.exists()


def test_strangers_and_viewers_delete_nothing(
    object_store: ObjectStore, actor: Actor, bob: Actor, charlie: Actor
) -> None:
    buckets.create_bucket(actor, "mine-alone")
    with pytest.raises(NotFound):
        buckets.delete_bucket(charlie, "mine-alone")
    with pytest.raises(Forbidden):
        buckets.delete_bucket(bob, "mine-alone")
    assert names_in_store() == ["mine-alone"]


def test_the_quota_limits_the_number_of_buckets(object_store: ObjectStore, actor: Actor) -> None:
    set_limit(actor, code="storage.buckets.max", value=1)
    buckets.create_bucket(actor, "first")
    with pytest.raises(LimitExceeded):
        buckets.create_bucket(actor, "second")


def test_a_bucket_of_another_region_keeps_that_region(
    object_store: ObjectStore, actor: Actor
) -> None:
    elsewhere = Actor(team=actor.team, region="eu-west-1", role=actor.role, user=actor.user)
    assert buckets.default_bucket(elsewhere) == "sagemaker-eu-west-1-123456789012"
    assert Bucket.objects.get().region == "eu-west-1"
    assert settings.DEFAULT_REGION == "us-east-1"
