from datetime import UTC, datetime

from consoleapp.storage.s3 import ObjectInfo, Opened
from consoleapp.storage.streaming import as_download


def opened(key: str, *pieces: bytes) -> tuple[Opened, list[str]]:
    closed: list[str] = []
    info = ObjectInfo("bucket", key, sum(map(len, pieces)), datetime(2026, 1, 1, tzinfo=UTC), "e")
    return Opened(info, iter(pieces), lambda: closed.append("closed")), closed


async def test_it_sends_the_pieces_one_by_one() -> None:
    response = as_download(opened("a/b.csv", b"one", b"two")[0])
    assert response.is_async
    assert [piece async for piece in response] == [b"one", b"two"]
    assert response["Content-Length"] == "6"


async def test_it_closes_the_object_when_the_answer_ends_early_or_not() -> None:
    found, closed = opened("a", b"one", b"two")
    response = as_download(found)
    async for _ in response:
        break
    response.close()
    assert closed == ["closed"]


def test_it_is_saved_and_never_shown_as_a_page_of_ours() -> None:
    response = as_download(opened("pages/evil.html", b"<script>")[0])
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="evil.html"'
    assert response["Content-Security-Policy"].startswith("sandbox")


def test_a_name_cannot_break_the_header() -> None:
    quoted = as_download(opened('a/"x"; filename=y\r\nSet-Cookie: a', b"")[0])
    assert "\n" not in quoted["Content-Disposition"]
    assert "utf-8''gr%C3%B6%C3%9Fe" in as_download(opened("größe", b"")[0])["Content-Disposition"]
