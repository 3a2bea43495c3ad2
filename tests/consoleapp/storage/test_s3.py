from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden, NotFound, ValidationFailed
from consoleapp.accounts.models import AuditEvent
from consoleapp.storage import buckets, clients, s3
from tests.object_store import ObjectStore


@pytest.fixture
def bucket(object_store: ObjectStore, actor: Actor) -> str:
    return buckets.create_bucket(actor, "team-files").name


def test_what_is_put_can_be_got_headed_and_downloaded(
    bucket: str, actor: Actor, tmp_path: Path
) -> None:
    uri = "s3://team-files/some folder/größe + 1%.csv"
    s3.put_bytes(actor, uri, b"1,2,3", "text/csv")
    assert s3.get_bytes(actor, uri, 5) == b"1,2,3"
    info = s3.head(actor, uri)
    assert (info.size, info.content_type, info.uri, info.name) == (
        5,
        "text/csv",
        uri,
        "größe + 1%.csv",
    )
    s3.download(actor, uri, tmp_path / "file", 5)
    assert (tmp_path / "file").read_bytes() == b"1,2,3"


def test_a_large_file_goes_up_in_parts_and_comes_back_whole(
    bucket: str, actor: Actor, tmp_path: Path
) -> None:
    content = bytes(range(251)) * 80_000
    (tmp_path / "large").write_bytes(content)
    s3.upload(actor, tmp_path / "large", "s3://team-files/large")
    assert s3.get_bytes(actor, "s3://team-files/large", len(content)) == content


def test_a_file_that_was_uploaded_stays_open_for_its_owner(bucket: str, actor: Actor) -> None:
    file = BytesIO(b"abc")
    s3.put_file(actor, "s3://team-files/x", file)
    assert not file.closed


def test_an_object_over_the_limit_is_not_read(bucket: str, actor: Actor, tmp_path: Path) -> None:
    s3.put_bytes(actor, "s3://team-files/x", b"123456")
    with pytest.raises(ValidationFailed, match="at most"):
        s3.get_bytes(actor, "s3://team-files/x", 5)
    with pytest.raises(ValidationFailed):
        s3.download(actor, "s3://team-files/x", tmp_path / "x", 5)
    assert not (tmp_path / "x").exists()


def test_a_missing_object_is_named(bucket: str, actor: Actor) -> None:
    for missing in ("s3://team-files/nothing", "s3://no-such-bucket/nothing"):
        with pytest.raises(NotFound, match=f"Could not find anything at {missing}"):
            s3.head(actor, missing)
        with pytest.raises(NotFound):
            s3.get_bytes(actor, missing, 10)


READS: list[Callable[[Actor, str], Any]] = [
    s3.head,
    s3.open_object,
    lambda actor, uri: s3.get_bytes(actor, uri, 10),
    lambda actor, uri: s3.download(actor, uri, Path("/nowhere/x"), 10),
    lambda actor, uri: s3.list_prefix(actor, "s3://team-files/"),
]
WRITES: list[Callable[[Actor, str], Any]] = [
    lambda actor, uri: s3.put_bytes(actor, uri, b"changed"),
    lambda actor, uri: s3.put_file(actor, uri, BytesIO(b"changed")),
    s3.delete,
]


@pytest.mark.parametrize("call", READS + WRITES)
def test_a_stranger_finds_nothing_and_changes_nothing(
    bucket: str, actor: Actor, charlie: Actor, call: Callable[[Actor, str], Any]
) -> None:
    s3.put_bytes(actor, "s3://team-files/x", b"kept")
    with pytest.raises(NotFound):
        call(charlie, "s3://team-files/x")
    assert s3.get_bytes(actor, "s3://team-files/x", 10) == b"kept"


@pytest.mark.parametrize("call", WRITES)
def test_a_viewer_reads_but_does_not_write(
    bucket: str, actor: Actor, bob: Actor, call: Callable[[Actor, str], Any]
) -> None:
    s3.put_bytes(actor, "s3://team-files/x", b"kept")
    with pytest.raises(Forbidden):
        call(bob, "s3://team-files/x")
    assert s3.get_bytes(bob, "s3://team-files/x", 10) == b"kept"


@pytest.mark.parametrize("call", READS[:3] + WRITES)
def test_no_key_climbs_out_of_its_bucket(
    bucket: str, actor: Actor, charlie: Actor, call: Callable[[Actor, str], Any]
) -> None:
    buckets.create_bucket(charlie, "others")
    s3.put_bytes(charlie, "s3://others/x", b"private")
    with pytest.raises(ValidationFailed):
        call(actor, "s3://team-files/../others/x")
    assert s3.get_bytes(charlie, "s3://others/x", 10) == b"private"


def test_one_level_is_listed_with_its_folders(bucket: str, actor: Actor) -> None:
    for key in ("top.csv", "models/a.tar.gz", "models/b.tar.gz", "models/old/c.tar.gz"):
        s3.put_bytes(actor, f"s3://team-files/{key}", b"1")
    top = s3.list_prefix(actor, "s3://team-files")
    assert (top.folders, [o.key for o in top.objects]) == (["models/"], ["top.csv"])
    inside = s3.list_prefix(actor, "s3://team-files/models/")
    assert inside.folders == ["models/old/"]
    assert [o.name for o in inside.objects] == ["a.tar.gz", "b.tar.gz"]
    assert inside.next_token == ""


def test_a_long_listing_comes_in_pages(bucket: str, actor: Actor) -> None:
    for number in range(5):
        s3.put_bytes(actor, f"s3://team-files/f/{number}", b"1")
    seen: list[str] = []
    token = ""
    pages = 0
    while pages == 0 or token:
        page = s3.list_prefix(actor, "s3://team-files/f/", token=token, page_size=2)
        seen += [o.name for o in page.objects]
        token, pages = page.next_token, pages + 1
    assert (seen, pages) == (["0", "1", "2", "3", "4"], 3)


def test_writes_and_deletions_are_in_the_audit_trail(bucket: str, actor: Actor) -> None:
    s3.put_bytes(actor, "s3://team-files/x", b"12")
    s3.delete(actor, "s3://team-files/x")
    actions = list(AuditEvent.objects.order_by("id").values_list("action", "resource_arn"))
    assert actions[1:] == [
        ("PutObject", "arn:aws:s3:::team-files/x"),
        ("DeleteObject", "arn:aws:s3:::team-files/x"),
    ]


def test_a_bucket_that_was_never_made_in_the_store_reads_as_missing(
    bucket: str, actor: Actor
) -> None:
    clients.s3().delete_bucket(Bucket="team-files")
    with pytest.raises(NotFound):
        s3.list_prefix(actor, "s3://team-files/")
