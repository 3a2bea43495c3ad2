import pytest
from cryptography.fernet import InvalidToken
from pytest_django import Settings

from consoleapp.accounts.encryption import decrypt, encrypt


def test_what_was_encrypted_is_read_back_and_not_seen() -> None:
    sealed = encrypt("a secret")
    assert decrypt(sealed) == "a secret"
    assert decrypt(memoryview(sealed)) == "a secret"
    assert b"a secret" not in sealed


def test_the_same_text_is_never_sealed_alike() -> None:
    assert encrypt("a secret") != encrypt("a secret")


def test_another_key_opens_nothing(settings: Settings) -> None:
    sealed = encrypt("a secret")
    settings.ENCRYPTION_KEY = "another key"
    with pytest.raises(InvalidToken):
        decrypt(sealed)
