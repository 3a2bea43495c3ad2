"""Makes .tar.gz files that are the same bytes each time: no names, no clock in them."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path


def tar_gz(files: Mapping[str, bytes]) -> bytes:
    """Plain files at the names given, in the order of their names."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size = len(files[name])
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(files[name]))
    return packed.getvalue()


def folder(path: Path) -> bytes:
    """Everything under the folder, as model.tar.gz has it: at the root of the archive."""
    files = (file for file in path.rglob("*") if file.is_file())
    return tar_gz({str(file.relative_to(path)): file.read_bytes() for file in files})
