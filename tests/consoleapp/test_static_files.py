"""Static files: whole, compressed for who accepts it, not sent again when they have not changed."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import AsyncClient, Client

PLOTLY = "/static/vendor/plotly/plotly.min.js"
CSS = "/static/css/tokens.css"
SOURCE = Path(settings.BASE_DIR) / "static/css/tokens.css"


def test_a_script_is_compressed_for_who_accepts_it(client: Client) -> None:
    plain = client.get(PLOTLY)
    packed = client.get(PLOTLY, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed["Content-Encoding"] == "gzip"
    assert packed["Vary"] == plain["Vary"] == "Accept-Encoding"
    assert int(packed["Content-Length"]) == len(packed.content) < len(plain.content) / 2
    assert gzip.decompress(packed.content) == plain.content


def test_a_font_is_sent_as_it_is(client: Client) -> None:
    font = client.get(
        "/static/fonts/open-sans-latin-400-normal.woff2", headers={"Accept-Encoding": "gzip"}
    )
    assert font.status_code == 200
    assert "Content-Encoding" not in font.headers


def test_what_has_not_changed_is_not_sent_again(client: Client) -> None:
    first = client.get(CSS)
    again = client.get(CSS, headers={"If-None-Match": first["ETag"], "Accept-Encoding": "gzip"})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == first["Cache-Control"]


def test_a_part_and_the_head_alone_can_be_asked_for(client: Client) -> None:
    part = client.get(CSS, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, SOURCE.read_bytes()[:10])
    head = client.head(CSS)
    assert (head.content, int(head["Content-Length"])) == (b"", SOURCE.stat().st_size)


@pytest.mark.django_db
def test_an_asynchronous_server_gets_one_piece_and_no_warning() -> None:
    client: Any = AsyncClient()
    answer = async_to_sync(client.get)(CSS)
    assert not answer.streaming
    assert answer.content == SOURCE.read_bytes()


def test_the_icon_that_browsers_ask_for_is_there(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (301, "/static/favicon.svg")
