"""Objects of s3:// addresses, for an actor: every call checks that the bucket is the team's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError

from consoleapp.accounts import audit
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound, ValidationFailed
from consoleapp.accounts.models import Role
from consoleapp.storage import patience
from consoleapp.storage.addresses import check_key, parse_uri
from consoleapp.storage.buckets import (
    default_bucket,
    ensure_bucket,
    find,
    make_in_store,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = [
    "Listing",
    "ObjectInfo",
    "Opened",
    "client",
    "default_bucket",
    "delete",
    "deliver",
    "download",
    "ensure_bucket",
    "get_bytes",
    "head",
    "list_prefix",
    "open_object",
    "parse_uri",
    "put_bytes",
    "put_file",
    "upload",
]

T = TypeVar("T")
_PIECE: Final = 1024 * 1024
_MISSING: Final = {"NoSuchKey", "NoSuchBucket", "404", "NotFound"}
_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    bucket: str
    key: str
    size: int
    modified_at: datetime
    etag: str
    content_type: str = ""

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def name(self) -> str:
        return self.key.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Listing:
    """One level of a bucket. `folders` are prefixes that end with a slash."""

    bucket: str
    prefix: str
    folders: list[str]
    objects: list[ObjectInfo]
    #: Give it back to get the next page; "" on the last.
    next_token: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """An object to stream. Who does not read all its pieces closes it."""

    info: ObjectInfo
    pieces: Iterator[bytes]
    close: Callable[[], None]


def client() -> "S3Client":
    """The internal client, which knows no teams: for health checks and the store's own tests."""
    return patience.client()


def head(actor: Actor, uri: str) -> ObjectInfo:
    """Raises NotFound when there is nothing, or it is another team's."""
    bucket, key = _readable(actor, uri)
    found = _or_missing(uri, lambda: patience.client().head_object(Bucket=bucket, Key=key))
    return _info(bucket, key, found)


def open_object(actor: Actor, uri: str) -> Opened:
    bucket, key = _readable(actor, uri)
    found = _or_missing(uri, lambda: patience.client().get_object(Bucket=bucket, Key=key))
    body = found["Body"]
    return Opened(_info(bucket, key, found), body.iter_chunks(_PIECE), body.close)


def get_bytes(actor: Actor, uri: str, limit_bytes: int) -> bytes:
    """The whole object. Raises ValidationFailed when it is larger than the limit."""
    opened = open_object(actor, uri)
    _check_size(uri, opened.info.size, limit_bytes)
    return b"".join(opened.pieces)


def download(actor: Actor, uri: str, path: Path, limit_bytes: int) -> None:
    """Into a new file at `path`. Raises ValidationFailed when it is larger than the limit."""
    opened = open_object(actor, uri)
    _check_size(uri, opened.info.size, limit_bytes)
    with path.open("wb") as file:
        for piece in opened.pieces:
            file.write(piece)


def deliver(actor: Actor, uri: str, data: bytes, content_type: str = "") -> None:
    """As `put_bytes`, for what the console brings by itself: too often for the audit trail."""
    bucket, key = _writable(actor, uri)
    extra: dict[str, Any] = {"ContentType": content_type} if content_type else {}
    _into(
        actor,
        bucket,
        lambda: patience.client().put_object(Bucket=bucket, Key=key, Body=data, **extra),
    )


def put_bytes(actor: Actor, uri: str, data: bytes, content_type: str = "") -> None:
    bucket, key = parse_uri(uri)
    deliver(actor, uri, data, content_type)
    audit.record(actor, "PutObject", f"arn:aws:s3:::{bucket}/{key}", size=len(data))


def put_file(actor: Actor, uri: str, file: IO[bytes], content_type: str = "") -> None:
    """From an open file, in parts when it is large."""
    bucket, key = _writable(actor, uri)
    extra = {"ContentType": content_type} if content_type else {}

    def send() -> None:
        file.seek(0)
        unclosed: Any = _Unclosed(file)
        patience.uploader().upload_fileobj(unclosed, bucket, key, ExtraArgs=extra)

    _into(actor, bucket, send)
    audit.record(actor, "PutObject", f"arn:aws:s3:::{bucket}/{key}")


def upload(actor: Actor, path: Path, uri: str) -> None:
    with path.open("rb") as file:
        put_file(actor, uri, file)


def delete(actor: Actor, uri: str) -> None:
    """Raises NotFound when there is nothing: S3 itself would say nothing."""
    bucket, key = _writable(actor, uri)
    head(actor, uri)
    patience.client().delete_object(Bucket=bucket, Key=key)
    audit.record(actor, "DeleteObject", f"arn:aws:s3:::{bucket}/{key}")


def list_prefix(actor: Actor, uri: str, *, token: str = "", page_size: int = _PAGE) -> Listing:
    """One level below s3://bucket/folder/. A bucket of the team that is empty lists nothing."""
    bucket, prefix = parse_uri(uri)
    find(actor, bucket)
    extra: dict[str, Any] = {"ContinuationToken": token} if token else {}
    page = _or_missing(
        uri,
        lambda: patience.client().list_objects_v2(
            Bucket=bucket, Prefix=prefix, Delimiter="/", MaxKeys=page_size, **extra
        ),
    )
    return Listing(
        bucket=bucket,
        prefix=prefix,
        folders=[each["Prefix"] for each in page.get("CommonPrefixes", [])],
        # A folder's own marker is not an object to people.
        objects=[_listed(bucket, o) for o in page.get("Contents", []) if o["Key"] != prefix],
        next_token=page.get("NextContinuationToken", ""),
    )


class _Unclosed:
    """Lets boto3 read a file but not close it: the caller opened it, and may send it twice."""

    def __init__(self, file: IO[bytes]) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell

    def close(self) -> None:
        """Nothing: see above."""


def _readable(actor: Actor, uri: str) -> tuple[str, str]:
    bucket, key = parse_uri(uri)
    check_key(key)
    try:
        find(actor, bucket)
    except NotFound:
        raise _nothing_at(uri) from None
    return bucket, key


def _writable(actor: Actor, uri: str) -> tuple[str, str]:
    actor.must(Role.OPERATOR)
    bucket, key = parse_uri(uri)
    check_key(key)
    find(actor, bucket)
    return bucket, key


def _into(actor: Actor, bucket: str, send: Callable[[], object]) -> None:
    try:
        send()
    except (ClientError, S3UploadFailedError) as error:
        if "NoSuchBucket" not in str(error):
            raise
        # Its row was written, then a crash came before the bucket: the row decides.
        make_in_store(bucket, actor.region)
        send()


def _or_missing(uri: str, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _MISSING:
            raise _nothing_at(uri) from None
        raise


def _nothing_at(uri: str) -> NotFound:
    return NotFound(f"Could not find anything at {uri}.")


def _check_size(uri: str, size: int, limit_bytes: int) -> None:
    if size > limit_bytes:
        raise ValidationFailed(
            f"{uri} is {size / 2**20:.1f} MiB; at most {limit_bytes / 2**20:g} MiB are accepted."
        )


def _info(bucket: str, key: str, found: Any) -> ObjectInfo:
    return ObjectInfo(
        bucket=bucket,
        key=key,
        size=found["ContentLength"],
        modified_at=found["LastModified"],
        etag=found["ETag"].strip('"'),
        content_type=found.get("ContentType", ""),
    )


def _listed(bucket: str, found: Any) -> ObjectInfo:
    return ObjectInfo(
        bucket=bucket,
        key=found["Key"],
        size=found["Size"],
        modified_at=found["LastModified"],
        etag=found["ETag"].strip('"'),
    )
