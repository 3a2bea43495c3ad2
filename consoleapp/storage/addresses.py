"""What an s3:// address may be. Pure rules: no store is asked."""

import re
from typing import Final

from consoleapp.accounts.errors import ValidationFailed

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET: Final = re.compile(r"(?!xn--|sthree-)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_NUMBERS: Final = re.compile(r"\d+\.\d+\.\d+\.\d+")
_KEY_BYTES: Final = 1024


def parse_uri(uri: str) -> tuple[str, str]:
    """(bucket, key). The key is "" for a bucket alone. Raises ValidationFailed."""
    if not uri.startswith("s3://"):
        raise ValidationFailed(f"{uri} is not an S3 address: it begins with s3://")
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    check_bucket_name(bucket)
    if key:
        check_key(key.removesuffix("/"))
    return bucket, key


def check_bucket_name(name: str) -> None:
    if not _BUCKET.fullmatch(name) or ".." in name or _NUMBERS.fullmatch(name):
        raise ValidationFailed(
            f"'{name}' is no bucket name: 3 to 63 lower-case letters, digits, dots and hyphens,"
            " beginning and ending with a letter or digit.",
            field="name",
        )


def check_key(key: str) -> None:
    """The store keeps keys as paths, so a key must be one: `..` would leave the bucket."""
    steps = key.split("/")
    if any(step in {"", ".", ".."} for step in steps):
        raise ValidationFailed(f"'{key}' is no object key: no step of it is empty, '.' or '..'.")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in key):
        raise ValidationFailed("An object key has no control characters.")
    # File systems end a name at 255 bytes, S3 a key at 1024.
    if len(key.encode()) > _KEY_BYTES or any(len(step.encode()) > 255 for step in steps):
        raise ValidationFailed("An object key has at most 1024 bytes, and 255 between slashes.")
