import pytest

from consoleapp.aws import checksums


@pytest.mark.parametrize(
    ("header", "written"),
    [
        # As AWS's CLI prints them for "hello world".
        (b"x-amz-checksum-crc32", b"DUoRhQ=="),
        (b"x-amz-checksum-sha1", b"Kq5sNclPz7QV2+lfQIuc6R7oRu0="),
        (b"x-amz-checksum-sha256", b"uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="),
    ],
)
def test_a_checksum_is_written_as_s3_writes_it(header: bytes, written: bytes) -> None:
    checksum = checksums.running(header)
    assert checksum is not None
    for piece in (b"hello", b" ", b"world"):
        checksum.update(piece)
    assert checksums.written(checksum) == written


@pytest.mark.parametrize("header", [b"", b"x-amz-checksum-crc64nvme", b"x-amz-other"])
def test_what_cannot_be_computed_here_is_none(header: bytes) -> None:
    assert checksums.running(header) is None
