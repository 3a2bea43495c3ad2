import contextlib
import json
import socket
from pathlib import Path

import httpx
import pytest

from consoleapp.storage import clients, server
from tests.object_store import ObjectStore


def test_it_keeps_what_was_written_when_it_is_killed_and_starts_on_other_ports(
    tmp_path: Path,
) -> None:
    store = ObjectStore(tmp_path)
    store.start()
    first = store.url
    with store.settings():
        clients.s3().create_bucket(Bucket="kept")
        clients.s3().put_object(Bucket="kept", Key="a/b", Body=b"small")
        clients.s3().put_object(Bucket="kept", Key="large", Body=bytes(range(256)) * 40_000)
    store.kill()
    store.start()
    try:
        assert store.url != first
        with store.settings():
            found = clients.s3().get_object(Bucket="kept", Key="large")["Body"].read()
            assert found == bytes(range(256)) * 40_000
            assert clients.s3().get_object(Bucket="kept", Key="a/b")["Body"].read() == b"small"
    finally:
        store.kill()


def test_it_listens_on_loopback_alone_and_on_no_port_that_was_not_given(
    object_store: ObjectStore,
) -> None:
    given = {("127.0.0.1", port) for port in object_store.ports.values()}
    assert object_store.listening() == given


def test_it_refuses_whoever_has_no_key(object_store: ObjectStore) -> None:
    clients.s3().create_bucket(Bucket="closed")
    clients.s3().put_object(Bucket="closed", Key="x", Body=b"secret")
    assert httpx.get(f"{object_store.url}/closed/x").status_code == 403
    assert httpx.get(object_store.url).status_code == 403


def test_it_holds_more_buckets_than_volumes_fit_by_default(object_store: ObjectStore) -> None:
    for number in range(12):
        clients.s3().create_bucket(Bucket=f"many-{number}")
        clients.s3().put_object(Bucket=f"many-{number}", Key="x", Body=b"1")
    assert len(clients.s3().list_buckets()["Buckets"]) == 12


def test_it_writes_its_secrets_for_the_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    monkeypatch.setenv("S3_SECRET_KEY", "from the environment")
    ports = {name: 1000 + index for index, name in enumerate(server.PORTS)}
    command = server.prepare(tmp_path / "objects", ports)
    for name in ("s3.json", "security.toml", "master.toml"):
        assert (tmp_path / "objects/conf" / name).stat().st_mode & 0o777 == 0o600
    identity = json.loads((tmp_path / "objects/conf/s3.json").read_text())["identities"][0]
    assert identity["credentials"][0]["secretKey"] == "from the environment"
    assert not any("from the environment" in word for word in command)
    assert {f"-{name}" for name in ("s3.port=1000", "s3.port.grpc=1001")} <= set(command)
    assert "-master.telemetry=false" in command


def sockets(ports: dict[str, int]) -> list[Path]:
    names = [f"seaweedfs-{name}-{port}.sock" for name, port in ports.items()]
    return [path for name in names if (path := Path("/tmp") / name).exists()]


def test_a_killed_store_leaves_no_sockets_behind_once_the_next_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, object_store: ObjectStore
) -> None:
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    with contextlib.ExitStack() as held:
        sockets_held = [held.enter_context(socket.socket()) for _ in server.PORTS]
        for each in sockets_held:
            each.bind(("127.0.0.1", 0))
        numbers = [each.getsockname()[1] for each in sockets_held]
    dead = dict(zip(server.PORTS, numbers, strict=True))
    server.prepare(tmp_path / "objects", dead)
    Path(f"/tmp/seaweedfs-s3-{dead['s3']}.sock").touch()
    assert len(sockets(dead)) == 1
    server.prepare(tmp_path / "objects", object_store.ports)
    assert sockets(dead) == []
    living = sockets(object_store.ports)
    assert living
    server.prepare(tmp_path / "objects", dead)
    assert sockets(object_store.ports) == living
