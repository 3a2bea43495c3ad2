"""Which team owns which bucket: a bucket's row is written before the bucket, removed after it."""

from typing import Final

from botocore.exceptions import ClientError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from consoleapp.accounts import audit
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import InUse, LimitExceeded, NotFound
from consoleapp.accounts.locks import lock_team
from consoleapp.accounts.models import Role
from consoleapp.accounts.quotas import limit
from consoleapp.storage import patience
from consoleapp.storage.addresses import check_bucket_name
from consoleapp.storage.models import Bucket

_OURS_ALREADY: Final = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}


def owned(actor: Actor) -> QuerySet[Bucket]:
    return Bucket.objects.filter(team=actor.team).order_by("name")


def find(actor: Actor, name: str) -> Bucket:
    """Raises NotFound for a bucket that is missing or another team's: the words are the same."""
    bucket = owned(actor).filter(name=name).first()
    if bucket is None:
        raise NotFound(f"The bucket {name} does not exist.")
    return bucket


def default_bucket(actor: Actor) -> str:
    """The name of `sagemaker-{region}-{account}`, made on first use (which a viewer may not)."""
    name = f"sagemaker-{actor.region}-{actor.account_id}"
    if not owned(actor).filter(name=name).exists():
        ensure_bucket(actor, name)
    return name


def ensure_bucket(actor: Actor, name: str) -> Bucket:
    """The team's bucket of this name, made if it is missing. Raises InUse for another team's."""
    existing = owned(actor).filter(name=name).first()
    if existing is None:
        return create_bucket(actor, name)
    actor.must(Role.OPERATOR)
    make_in_store(name, existing.region)
    return existing


def create_bucket(actor: Actor, name: str) -> Bucket:
    """Raises InUse when anyone has the name: bucket names are global, as at AWS."""
    actor.must(Role.OPERATOR)
    check_bucket_name(name)
    try:
        with transaction.atomic():
            lock_team(actor)
            if owned(actor).count() >= limit(actor.team, "storage.buckets.max"):
                raise LimitExceeded("The team has as many buckets as its quota allows.")
            bucket = Bucket.objects.create(name=name, team=actor.team, region=actor.region)
            audit.record(actor, "CreateBucket", f"arn:aws:s3:::{name}")
    except IntegrityError:
        raise InUse(f"The bucket name {name} is taken. Choose another.", field="name") from None
    try:
        make_in_store(name, actor.region)
    except Exception:
        bucket.delete()
        raise
    return bucket


def delete_bucket(actor: Actor, name: str) -> None:
    """Raises InUse while it holds anything."""
    actor.must(Role.OPERATOR)
    bucket = find(actor, name)
    try:
        patience.client().delete_bucket(Bucket=name)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code == "BucketNotEmpty":
            raise InUse(f"The bucket {name} is not empty: delete its objects first.") from None
        if code != "NoSuchBucket":
            raise
    with transaction.atomic():
        bucket.delete()
        audit.record(actor, "DeleteBucket", f"arn:aws:s3:::{name}")


def make_in_store(name: str, region: str) -> None:
    # Who owns it was settled by its row, so a bucket that is there already is this one.
    try:
        if region == "us-east-1":
            patience.client().create_bucket(Bucket=name)
        else:
            # An open set at AWS; the stub lists today's regions.
            place = {"LocationConstraint": region}
            patience.client().create_bucket(Bucket=name, CreateBucketConfiguration=place)  # type: ignore[arg-type]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in _OURS_ALREADY:
            raise
