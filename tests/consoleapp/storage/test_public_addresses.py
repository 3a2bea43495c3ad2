import socket

import pytest
from pytest_django import Settings

from consoleapp.accounts.errors import ValidationFailed
from consoleapp.storage.public_addresses import AddressRefused, checked_addresses, is_public


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("2002:808:808::1", True),
        ("127.0.0.1", False),
        ("127.8.8.8", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("192.0.2.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("240.0.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("2002:7f00:1::1", False),
        ("64:ff9b::7f00:1", False),
        ("2001:0:4136:e378:8000:63bf:f5ff:fffe", False),
        ("2001:db8::1", False),
    ],
)
def test_only_addresses_of_the_open_internet_are_public(address: str, public: bool) -> None:
    assert is_public(address) == public


def test_a_name_that_does_not_resolve_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(ValidationFailed, match="nowhere.example cannot be resolved"):
        checked_addresses("nowhere.example", 80)


def test_an_inward_name_is_refused_and_told_which_setting_allows_it(settings: Settings) -> None:
    with pytest.raises(AddressRefused, match="ALLOW_PRIVATE_PAYLOAD_ADDRESSES"):
        checked_addresses("localhost", 80)
    settings.ALLOW_PRIVATE_PAYLOAD_ADDRESSES = True
    assert "127.0.0.1" in checked_addresses("localhost", 80)
