from pathlib import Path

import pytest

from recommender.loadtest import rendering
from recommender.loadtest.spec import LoadSpec
from tests.recommender.loadtest.test_spec import PHASES


def spec(*payloads: Path, **changes) -> LoadSpec:
    fields = {
        "url": "http://127.0.0.1:8081/endpoints/e/invocations?a=b",
        "traffic": PHASES,
        "payloads": tuple(map(str, payloads)),
    }
    return LoadSpec(**(fields | changes))


def test_a_request_is_the_whole_http_message(tmp_path: Path) -> None:
    payload = tmp_path / "row.csv"
    payload.write_bytes(b"1,2\n")
    requests = rendering.render(spec(payload, headers={"X-Token": "t"}))
    assert requests.names == ("row.csv",)
    assert requests.rendered == (
        b"POST /endpoints/e/invocations?a=b HTTP/1.1\r\nHost: 127.0.0.1:8081\r\n"
        b"Content-Type: text/csv\r\nX-Token: t\r\nContent-Length: 4\r\n\r\n1,2\n",
    )


def test_every_payload_is_rendered_in_order(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}").write_text("x" * number)
    requests = rendering.render(spec(*(tmp_path / f"{n}" for n in range(3))))
    assert [r.rpartition(b"\r\n\r\n")[2] for r in requests.rendered] == [b"", b"x", b"xx"]


def test_the_headers_of_the_message_itself_cannot_be_replaced(tmp_path: Path) -> None:
    payload = tmp_path / "a"
    payload.write_text("x")
    headers = {"Content-Length": "99", "host": "elsewhere", "Connection": "close"}
    (request,) = rendering.render(spec(payload, headers=headers)).rendered
    assert b"99" not in request
    assert b"elsewhere" not in request
    assert b"close" not in request


def test_a_header_cannot_smuggle_a_line(tmp_path: Path) -> None:
    payload = tmp_path / "a"
    payload.write_text("x")
    with pytest.raises(ValueError, match="line break"):
        rendering.render(spec(payload, headers={"X-A": "1\r\nX-B: 2"}))


def test_more_than_fits_in_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = tmp_path / "a"
    payload.write_bytes(b"x" * 100)
    monkeypatch.setattr(rendering, "MEMORY_LIMIT_BYTES", 99)
    with pytest.raises(rendering.TooMuchPayload):
        rendering.render(spec(payload))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rendering.render(spec(tmp_path / "nothing"))
