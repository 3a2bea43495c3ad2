import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleapp.aws import sigv4
from consoleapp.aws.chunks import AwsChunks, ChunkRefused, Seal
from consoleapp.aws.sigv4 import Claim

# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html, "Example: PUT Object"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SEED = b"4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
CLAIM = Claim("AKIAIOSFODNN7EXAMPLE", "20130524", "us-east-1", "s3", (), SEED, "20130524T000000Z")
KEY = sigv4.signing_key(SECRET, "20130524", "us-east-1", "s3")
SEAL = Seal(CLAIM, KEY)
AWS_EXAMPLE = b"".join(
    (
        b"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n",
        b"a" * 65536 + b"\r\n",
        b"400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n",
        b"a" * 1024 + b"\r\n",
        b"0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n",
    )
)


def signed(parts: list[bytes]) -> bytes:
    previous, out = SEED.decode(), b""
    for part in [*parts, b""]:
        text = "\n".join(
            (
                "AWS4-HMAC-SHA256-PAYLOAD",
                CLAIM.stamp,
                f"{CLAIM.scope}/aws4_request",
                previous,
                hashlib.sha256(b"").hexdigest(),
                hashlib.sha256(part).hexdigest(),
            )
        )
        previous = hmac.digest(KEY, text.encode(), "sha256").hex()
        out += b"%x;chunk-signature=%b\r\n%b\r\n" % (len(part), previous.encode(), part)
    return out


def test_awss_own_example_passes() -> None:
    reader = AwsChunks(SEAL)
    assert reader.feed(AWS_EXAMPLE) == b"a" * (65536 + 1024)
    assert reader.done


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=5), st.integers(1, 300))
def test_signed_chunks_pass_however_they_are_cut(parts: list[bytes], step: int) -> None:
    reader, data = AwsChunks(SEAL), signed(parts)
    out = b"".join(reader.feed(data[at : at + step]) for at in range(0, len(data), step))
    assert out == b"".join(parts)
    assert reader.done


def test_a_changed_chunk_is_refused() -> None:
    with pytest.raises(ChunkRefused, match="signature"):
        AwsChunks(SEAL).feed(signed([b"true"]).replace(b"true", b"fals"))


def test_chunks_in_another_order_are_refused() -> None:
    data = signed([b"one", b"two"])
    first, second = data[: 88 + 4], data[88 + 4 :]
    with pytest.raises(ChunkRefused):
        AwsChunks(SEAL).feed(second + first)


def test_a_body_cut_short_is_not_done() -> None:
    reader = AwsChunks(SEAL)
    reader.feed(signed([b"one", b"two"])[:-100])
    assert not reader.done


def test_unsigned_chunks_with_a_trailer_pass() -> None:
    reader = AwsChunks(None)
    data = b"5\r\nhello\r\n0\r\nX-Amz-Checksum-Crc32: AAAA\r\n\r\n"
    assert reader.feed(data) == b"hello"
    assert reader.done
    assert reader.trailer == {b"x-amz-checksum-crc32": b"AAAA"}


# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html, its example
TRAILER_CLAIM = Claim(
    *("AKIAIOSFODNN7EXAMPLE", "20130524", "us-east-1", "s3", ()),
    b"106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    "20130524T000000Z",
)
TRAILER_EXAMPLE = b"".join(
    (
        b"10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n",
        b"a" * 65536 + b"\r\n",
        b"400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n",
        b"a" * 1024 + b"\r\n",
        b"0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n",
        b"x-amz-checksum-crc32c:sOO8/Q==\r\n",
        b"x-amz-trailer-signature:"
        b"d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
    )
)


def test_awss_own_example_with_a_signed_trailer_passes() -> None:
    reader = AwsChunks(Seal(TRAILER_CLAIM, KEY))
    assert reader.feed(TRAILER_EXAMPLE) == b"a" * (65536 + 1024)
    assert reader.done
    assert reader.trailer == {b"x-amz-checksum-crc32c": b"sOO8/Q=="}


def test_a_trailer_that_is_changed_or_not_signed_is_refused_under_a_seal() -> None:
    for was, now in ((b"sOO8", b"sOO9"), (b"x-amz-trailer-signature:d8", b"x-amz-other:d8")):
        with pytest.raises(ChunkRefused):
            AwsChunks(Seal(TRAILER_CLAIM, KEY)).feed(TRAILER_EXAMPLE.replace(was, now))


def test_a_trailer_without_end_is_refused() -> None:
    with pytest.raises(ChunkRefused, match="too long"):
        AwsChunks(None).feed(b"0\r\n" + b"".join(b"x-%d: y\r\n" % n for n in range(20)))


@pytest.mark.parametrize(
    "data",
    [b"xyz\r\n", b"-1\r\n", b"5\r\nhello!!", b"ffffffffff\r\n", b"5" * 5000],
)
def test_what_is_not_aws_chunked_is_refused(data: bytes) -> None:
    with pytest.raises(ChunkRefused):
        AwsChunks(None).feed(data)


def test_an_unsigned_chunk_under_a_seal_is_refused() -> None:
    with pytest.raises(ChunkRefused, match="not signed"):
        AwsChunks(SEAL).feed(b"5\r\nhello\r\n")
