"""Archives fetched once, unpacked whole or not at all."""

import pytest

from consoleapp.accounts.models import Team
from recommender import payloads
from recommender.errors import TestFailed
from recommender.models import Job
from tests.recommender.executor.conftest import stand_in
from tests.recommender.executor.stand_in import StandIn, archive

__all__ = ["stand_in"]


@pytest.fixture
def job(team: Team) -> Job:
    return Job(pk=7, team=team, region="us-east-1", name="job-1")


def test_the_files_are_there_in_a_stable_order_after_one_download(
    job: Job, stand_in: StandIn
) -> None:
    first = payloads.ensure(job, stand_in.payload_url)
    assert [path.name for path in first] == ["row-1.csv", "row-2.csv"]
    assert payloads.ensure(job, stand_in.payload_url) == first
    assert stand_in.downloads == 1


def test_what_a_crash_left_half_unpacked_is_made_anew(job: Job, stand_in: StandIn) -> None:
    half = payloads.folder(job) / "payloads.making"
    half.mkdir(parents=True)
    (half / "half.csv").write_text("1,")
    assert [p.name for p in payloads.ensure(job, stand_in.payload_url)] == [
        "row-1.csv",
        "row-2.csv",
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no archive", "not a readable .tar.gz"),
        (archive({}), "holds no files"),
        (archive({"../out.csv": b"1"}), "cannot be used"),
    ],
)
def test_an_archive_that_is_refused_leaves_nothing(
    job: Job, stand_in: StandIn, content: bytes, words: str
) -> None:
    stand_in.archive = content
    with pytest.raises(TestFailed, match=words) as failed:
        payloads.ensure(job, stand_in.payload_url)
    assert failed.value.detail == {"payload": stand_in.payload_url}
    assert payloads.files(job) == []


def test_private_addresses_are_refused_unless_allowed(
    job: Job, stand_in: StandIn, settings: object
) -> None:
    settings.ALLOW_PRIVATE_PAYLOAD_ADDRESSES = False  # type: ignore[attr-defined]
    with pytest.raises(TestFailed, match="cannot be used"):
        payloads.ensure(job, stand_in.payload_url)
    assert stand_in.downloads == 0


def test_removing_takes_everything_and_may_be_done_twice(job: Job, stand_in: StandIn) -> None:
    payloads.ensure(job, stand_in.payload_url)
    payloads.remove(job)
    payloads.remove(job)
    assert not payloads.folder(job).exists()
