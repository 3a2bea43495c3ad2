"""How much may be sent before anyone is asked who it is: over real connections."""

import time
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.test import Client

from consoleapp import bodies
from consoleapp.accounts import quotas, tokens
from consoleapp.accounts.actor import Actor
from tests.web import answer

pytestmark = pytest.mark.django_db(transaction=True)

UPLOAD = "/api/v1/buckets/alices/objects"
FORM = "multipart/form-data; boundary=b"
HUGE = 10 * 2**40
TOO_MUCH = bodies.ANYONE + 1


def head(path: str, length: str, **headers: str) -> bytes:
    told = {"Host": "localhost", "Content-Type": FORM, **headers}
    lines = [f"POST {path} HTTP/1.1", length, *(f"{name}: {told[name]}" for name in told)]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize("path", [UPLOAD, "/console/sign-in", "/nowhere"])
@pytest.mark.parametrize("cookie", ["", "made-up"])
def test_nobody_s_large_body_is_refused_by_its_length_alone(
    web_url: str, path: str, cookie: str
) -> None:
    told = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"} if cookie else {}
    status, said = answer(web_url, head(path, f"Content-Length: {HUGE}", **told))
    assert status == 401
    assert "connection: close" in said
    assert ('"code": "MissingAuthenticationToken"' in said) == path.startswith("/api/")


def test_nobody_s_token_is_nobody(web_url: str) -> None:
    told = head(UPLOAD, f"Content-Length: {HUGE}", Authorization="Token made-up")
    assert answer(web_url, told)[0] == 401


def test_nobody_s_body_of_no_length_is_refused_where_it_is_too_much(web_url: str) -> None:
    chunk = b"%x\r\n" % TOO_MUCH + b"x" * TOO_MUCH + b"\r\n"
    assert answer(web_url, head(UPLOAD, "Transfer-Encoding: chunked"), chunk)[0] == 401


def test_nobody_s_whole_body_is_refused_at_once(web_url: str) -> None:
    began = time.monotonic()
    refused = httpx.post(f"{web_url}/console/sign-in", content=b"x" * TOO_MUCH)
    assert refused.status_code == 401
    assert time.monotonic() - began < 60


def test_small_bodies_are_everyone_s(web_url: str) -> None:
    found = httpx.post(f"{web_url}/console/sign-in", content=b"x" * bodies.ANYONE)
    assert found.status_code == 403
    assert "CSRF" in found.text


@pytest.mark.parametrize(("known", "status"), [("token", 404), ("session", 403)])
def test_a_member_s_upload_is_read_and_told_what_is_wrong_with_it(
    web_url: str, actor: Actor, alice_client: Client, known: str, status: int
) -> None:
    assert actor.user is not None
    told: dict[str, Any] = {"cookies": {n: m.value for n, m in alice_client.cookies.items()}}
    if known == "token":
        told = {"headers": {"Authorization": f"Token {tokens.create(actor, actor.user)[1]}"}}
    found = httpx.post(web_url + UPLOAD, files={"file": b"x" * TOO_MUCH}, **told)
    # There is no such bucket; and no token of a form.
    assert (found.status_code, bool(found.json()["message"])) == (status, True)


def test_a_member_s_upload_has_an_end(web_url: str, actor: Actor) -> None:
    assert actor.user is not None
    told = {"Authorization": f"Token {tokens.create(actor, actor.user)[1]}"}
    for code in bodies._UPLOADS:
        quotas.set_limit(actor, code=code, value=100)
    status, said = answer(web_url, head(UPLOAD, f"Content-Length: {102 * 2**20}", **told))
    assert (status, "101 MiB" in said) == (413, True)


def test_what_is_no_upload_is_held_in_memory_and_has_a_sooner_end(
    web_url: str, actor: Actor
) -> None:
    assert actor.user is not None
    told = {"Authorization": f"Token {tokens.create(actor, actor.user)[1]}"}
    asked = head("/api/v1/jobs", f"Content-Length: {HUGE}", **told).replace(
        FORM.encode(), b"application/json"
    )
    status, said = answer(web_url, asked)
    assert (status, "8 MiB" in said) == (413, True)
