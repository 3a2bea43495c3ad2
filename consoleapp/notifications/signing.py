"""Signs what is posted to listeners, so that they can tell it from what others post to them.

One key for this copy, made when it is first needed; its certificate is served to everybody.
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import hashlib
import os
import tempfile
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from django.conf import settings

_FILE: Final = "notifications-signing.pem"
_VALID_FOR: Final = timedelta(days=3650)
#: What SignatureVersion says of the hash.
_HASHES: Final[Mapping[str, type[hashes.SHA1 | hashes.SHA256]]] = {
    "1": hashes.SHA1,
    "2": hashes.SHA256,
}
VERSIONS: Final = tuple(_HASHES)
#: In the order that AWS signs them; those that a message has not are left out.
_SIGNED: Final = (
    "Message",
    "MessageId",
    "Subject",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
)


def signature(message: Mapping[str, str], version: str) -> str:
    """Of a message's members, in base64."""
    return _signed(settings.STATE_DIR / _FILE, string_to_sign(message).encode(), version)


def string_to_sign(message: Mapping[str, str]) -> str:
    return "".join(f"{name}\n{message[name]}\n" for name in _SIGNED if name in message)


def certificate() -> bytes:
    """PEM, with the public key that verifies the signatures."""
    return _pair(settings.STATE_DIR / _FILE)[1]


def certificate_name() -> str:
    """Changes with the certificate: listeners keep what they got by its address."""
    return f"SimpleNotificationService-{hashlib.sha256(certificate()).hexdigest()[:32]}.pem"


@lru_cache(maxsize=64)
def _signed(path: Path, text: bytes, version: str) -> str:
    # Kept for a moment: all listeners of a topic get the same text, and a signature takes a
    # millisecond.
    key, _ = _pair(path)
    return b64encode(key.sign(text, padding.PKCS1v15(), _HASHES[version]())).decode()


@lru_cache(maxsize=4)
def _pair(path: Path) -> tuple[rsa.RSAPrivateKey, bytes]:
    if not path.exists():
        _make(path)
    content = path.read_bytes()
    key = serialization.load_pem_private_key(content, None)
    assert isinstance(key, rsa.RSAPrivateKey), f"{path} holds another kind of key"
    shown = x509.load_pem_x509_certificate(content)
    return key, shown.public_bytes(serialization.Encoding.PEM)


def _make(path: Path) -> None:
    """Of several that start together, threads too, all take what the first one has written."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    # Nobody but us may read it.
    handle, beside = tempfile.mkstemp(prefix=f"{path.stem}.", suffix=".tmp", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        file.write(_self_signed(key).public_bytes(serialization.Encoding.PEM))
    with suppress(FileExistsError):
        # A link, unlike a rename, never replaces what another has written meanwhile.
        os.link(beside, path)
    os.unlink(beside)


def _self_signed(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Inference console notifications")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _VALID_FOR)
        .sign(key, hashes.SHA256())
    )
