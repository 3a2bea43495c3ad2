import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleapp.storage.archives import ArchiveRefused, Limits, unpack

Fill = Callable[[tarfile.TarFile], None]


def add(tar: tarfile.TarFile, name: str, content: bytes = b"1", **members: object) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for member, value in members.items():
        setattr(info, member, value)
    tar.addfile(info, io.BytesIO(content))


def archive(folder: Path, fill: Fill, *, form: int = tarfile.PAX_FORMAT) -> Path:
    path = folder / "a.tar.gz"
    with tarfile.open(path, "w:gz", format=form) as tar:
        fill(tar)
    return path


def unpacked(folder: Path, fill: Fill, limits: Limits | None = None) -> dict[str, bytes]:
    dest = folder / "out"
    made = unpack(archive(folder, fill), dest, limits or Limits())
    return {str(path.relative_to(dest)): path.read_bytes() for path in made}


def refusal(folder: Path, fill: Fill, limits: Limits | None = None) -> str:
    with pytest.raises(ArchiveRefused) as refused:
        unpack(archive(folder, fill), folder / "out", limits or Limits())
    inside = {path for path in folder.rglob("*") if path.is_file()}
    assert inside <= {folder / "a.tar.gz", *(folder / "out").rglob("*")}
    return refused.value.message


def test_plain_files_and_folders_are_unpacked(tmp_path: Path) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        add(tar, "one.csv", b"1,2")
        add(tar, "./two.csv", b"3")
        add(tar, "code", b"", type=tarfile.DIRTYPE)
        add(tar, "code/inference.py", b"x = 1")
        add(tar, "deep/er/file", b"")
        add(tar, "n" * 150, b"long name")

    assert unpacked(tmp_path, fill) == {
        "one.csv": b"1,2",
        "two.csv": b"3",
        "code/inference.py": b"x = 1",
        "deep/er/file": b"",
        "n" * 150: b"long name",
    }


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_every_usual_tar_format_is_read(tmp_path: Path, form: int) -> None:
    path = archive(tmp_path, lambda tar: add(tar, "a/" + "b" * 90, b"1"), form=form)
    assert [p.name for p in unpack(path, tmp_path / "out", Limits())] == ["b" * 90]


def test_a_file_that_comes_twice_is_the_later_one(tmp_path: Path) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        add(tar, "x", b"first")
        add(tar, "x", b"second")

    assert unpacked(tmp_path, fill) == {"x": b"second"}


def test_modes_and_owners_of_the_archive_are_not_taken_over(tmp_path: Path) -> None:
    unpacked(tmp_path, lambda tar: add(tar, "x", b"1", mode=0o4777, uid=1234))
    assert (tmp_path / "out/x").stat().st_mode & 0o7111 == 0


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../../x", "/etc/x", "..", "a/..", "..\\x", "C:\\x"],
)
def test_nothing_is_written_outside(tmp_path: Path, name: str) -> None:
    assert "outside its folder" in refusal(tmp_path, lambda tar: add(tar, name))


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
        tarfile.CONTTYPE,
        tarfile.GNUTYPE_SPARSE,
        b"Z",
    ],
)
def test_links_devices_and_sparse_files_are_refused(tmp_path: Path, kind: bytes) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        add(tar, "odd", b"", type=kind, linkname="/etc/passwd")

    assert "plain files only" in refusal(tmp_path, fill)


def test_a_link_cannot_lead_a_later_file_outside(tmp_path: Path) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        add(tar, "d", b"", type=tarfile.SYMTYPE, linkname="/tmp")
        add(tar, "d/escaped", b"1")

    refusal(tmp_path, fill)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        for number in range(11):
            add(tar, f"{number}")

    assert "more than 10 files" in refusal(tmp_path, fill, Limits(files=10))
    assert len(unpacked(tmp_path, fill, Limits(files=11))) == 11


def test_too_many_empty_folders_are_refused(tmp_path: Path) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        for number in range(100):
            add(tar, f"{number}", b"", type=tarfile.DIRTYPE)

    assert "more than 10 files" in refusal(tmp_path, fill, Limits(files=10))


def test_a_file_over_its_limit_is_refused_by_name(tmp_path: Path) -> None:
    limits = Limits(file_bytes=2**20)
    assert unpacked(tmp_path, lambda tar: add(tar, "x", b"1" * 2**20), limits)
    message = refusal(tmp_path, lambda tar: add(tar, "big", b"1" * (2**20 + 1)), limits)
    assert "'big' is 1.0 MiB" in message


def test_a_bomb_ends_at_the_limit_of_size(tmp_path: Path) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        add(tar, "zeros", bytes(40 * 2**20))

    limits = Limits(total_bytes=20 * 2**20, ratio=1e9, files=1)
    assert "more than 20.0 MiB" in refusal(tmp_path, fill, limits)
    written = sum(p.stat().st_size for p in (tmp_path / "out").rglob("*"))
    assert written <= 21 * 2**20


def test_a_bomb_ends_at_the_limit_of_ratio(tmp_path: Path) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        add(tar, "zeros", bytes(40 * 2**20))

    assert "more than 200 times its size" in refusal(tmp_path, fill)


def test_a_small_archive_may_pack_as_well_as_it_likes(tmp_path: Path) -> None:
    assert unpacked(tmp_path, lambda tar: add(tar, "zeros", bytes(2**20)), Limits(ratio=2))


def test_a_header_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        add(tar, "././@PaxHeader", b"9" * (2**20), type=tarfile.XHDTYPE)

    assert "header that is too long" in refusal(tmp_path, fill)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an archive",
        gzip.compress(b"not a tar" * 1000),
        b"PK\x03\x04" + bytes(100),
        gzip.compress(bytes(10240))[:-6],
    ],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar.gz").write_bytes(content)
    with pytest.raises(ArchiveRefused, match=r"not a readable .tar.gz"):
        unpack(tmp_path / "a.tar.gz", tmp_path / "out", Limits())


def test_an_archive_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, lambda tar: add(tar, "x", bytes(range(256)) * 4000))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ArchiveRefused):
        unpack(path, tmp_path / "out", Limits())


def test_names_that_the_file_system_refuses_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, lambda tar: add(tar, "n" * 300))

    def clash(tar: tarfile.TarFile) -> None:
        add(tar, "x", b"a file")
        add(tar, "x/y", b"a file below a file")

    assert refusal(tmp_path, clash)


@given(content=st.binary(max_size=2000))
def test_no_bytes_whatever_make_it_fail_otherwise(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    for data in (content, gzip.compress(content)):
        (folder / "a").write_bytes(data)
        try:
            unpack(folder / "a", folder / "out", Limits())
        except ArchiveRefused:
            continue
