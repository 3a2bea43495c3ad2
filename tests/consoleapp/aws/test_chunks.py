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
    data = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n"
    assert reader.feed(data) == b"hello"
    assert reader.done


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
