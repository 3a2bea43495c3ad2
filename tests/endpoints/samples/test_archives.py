import io
import tarfile

from endpoints.samples import archives


def names_in(packed: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert all(entry.isfile() for entry in archive)
        return archive.getnames()


def test_the_same_files_are_the_same_bytes_in_whatever_order():
    one = archives.tar_gz({"a": b"1", "b": b"2"})
    assert one == archives.tar_gz({"b": b"2", "a": b"1"})
    assert names_in(one) == ["a", "b"]


def test_a_folder_is_packed_at_the_root_of_the_archive(tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code/inference.py").write_text("pass")
    (tmp_path / "model.ubj").write_bytes(b"x")
    assert names_in(archives.folder(tmp_path)) == ["code/inference.py", "model.ubj"]
