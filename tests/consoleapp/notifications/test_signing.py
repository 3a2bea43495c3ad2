"""Signatures verify with the certificate that is served, and with no other."""

import stat
import subprocess
import sys
import threading
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings
from django.test import override_settings

from consoleapp.notifications import signing

MESSAGE = {
    "Type": "Notification",
    "MessageId": "m-1",
    "TopicArn": "arn:aws:sns:us-east-1:123456789012:t",
    "Subject": "news",
    "Message": "it is done",
    "Timestamp": "2026-11-20T10:00:00.000Z",
}
#: As SNS's documentation writes it: each name and each value on a line of its own.
SIGNED = (
    "Message\nit is done\nMessageId\nm-1\nSubject\nnews\nTimestamp\n2026-11-20T10:00:00.000Z\n"
    "TopicArn\narn:aws:sns:us-east-1:123456789012:t\nType\nNotification\n"
)


def verify(text: str, version: str) -> None:
    key = x509.load_pem_x509_certificate(signing.certificate()).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
    key.verify(
        b64decode(signing.signature(MESSAGE, version)), text.encode(), padding.PKCS1v15(), algorithm
    )


def test_the_signed_text_is_the_documented_one() -> None:
    assert signing.string_to_sign(MESSAGE) == SIGNED
    without = {name: value for name, value in MESSAGE.items() if name != "Subject"}
    assert "Subject" not in signing.string_to_sign(without)


@pytest.mark.parametrize("version", signing.VERSIONS)
def test_a_signature_verifies_and_another_text_does_not(version: str) -> None:
    verify(SIGNED, version)
    with pytest.raises(InvalidSignature):
        verify(SIGNED.replace("done", "lost"), version)


def test_the_key_is_made_once_and_lies_open_to_nobody(tmp_path: Path) -> None:
    with override_settings(STATE_DIR=tmp_path):
        first, name = signing.certificate(), signing.certificate_name()
        (file,) = tmp_path.iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        signing._pair.cache_clear()
        assert (signing.certificate(), signing.certificate_name()) == (first, name)
        assert b"PRIVATE" not in first
    assert signing.certificate() != first


def test_processes_that_start_together_take_one_key(tmp_path: Path) -> None:
    code = (
        "import os, sys, pathlib; from django.conf import settings;"
        "settings.configure(STATE_DIR=pathlib.Path(sys.argv[1]), PUBLIC_URL='');"
        "from consoleapp.notifications import signing;"
        "sys.stdin.read(); print(signing.certificate_name())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for each in started:
        assert each.stdin is not None
        each.stdin.close()
    names = set()
    for each in started:
        assert each.stdout is not None
        names.add(each.stdout.read())
        each.stdout.close()
        assert each.wait(60) == 0
    assert len(names) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_threads_that_write_together_take_one_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, sign = 2, signing._self_signed
    both_write = threading.Barrier(count, timeout=60)

    def signed(key: rsa.RSAPrivateKey) -> x509.Certificate:
        both_write.wait()
        return sign(key)

    monkeypatch.setattr(signing, "_self_signed", signed)
    with override_settings(STATE_DIR=tmp_path), ThreadPoolExecutor(count) as pool:
        found = [pool.submit(signing.certificate_name) for _ in range(count)]
        assert len({each.result() for each in found}) == 1
    assert len(list(tmp_path.iterdir())) == 1
