"""Encrypts what must be read back but never lie open in the database."""

import base64
import hashlib

from cryptography.fernet import Fernet
from django.conf import settings


def encrypt(text: str) -> bytes:
    return _box().encrypt(text.encode())


def decrypt(sealed: bytes | memoryview) -> str:
    """Raises cryptography's InvalidToken when ENCRYPTION_KEY is not the one it was sealed with."""
    # PostgreSQL hands out a memoryview, SQLite bytes.
    return _box().decrypt(bytes(sealed)).decode()


def _box() -> Fernet:
    digest = hashlib.sha256(settings.ENCRYPTION_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
