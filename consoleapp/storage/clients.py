"""Makes every boto3 client of the console, with explicit endpoint, keys and region.

Ambient AWS_* variables, profiles and proxies are for the user's own tools: none of them is read.
"""

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import boto3
import botocore.session
from botocore.config import Config
from django.conf import settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_FILES: Final = {"config_file", "credentials_file"}


def make(
    service: str,
    *,
    endpoint_url: str,
    key_id: str,
    secret: str,
    region: str,
    answer_s: float | None = None,
) -> Any:
    """A boto3 client of this service at this address. Thread-safe; do not carry it over a fork.

    `answer_s`: it asks once, and gives up after that long without a byte.
    """
    config = Config(
        signature_version="s3v4" if service == "s3" else None,
        s3={"addressing_style": "path"},
        retries={"mode": "standard", "total_max_attempts": 4 if answer_s is None else 1},
        connect_timeout=5 if answer_s is None else min(5, answer_s),
        read_timeout=60 if answer_s is None else answer_s,
        max_pool_connections=32,
        proxies={},
        # Not every S3 server knows the newer checksum trailers.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    session: Any = boto3.session.Session(botocore_session=_blind_session())
    return session.client(
        service,
        endpoint_url=endpoint_url,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        region_name=region,
        config=config,
    )


def s3(*, answer_s: float | None = None) -> "S3Client":
    """The console's own client of its object store: it may do everything, so check teams first."""
    client: S3Client = _s3(
        settings.S3_ENDPOINT_URL,
        settings.S3_ACCESS_KEY,
        settings.S3_SECRET_KEY,
        settings.DEFAULT_REGION,
        answer_s,
        os.getpid(),
    )
    return client


@lru_cache(maxsize=4)
def _s3(
    endpoint_url: str,
    key_id: str,
    secret: str,
    region: str,
    answer_s: float | None,
    _process: int,
) -> Any:
    # Kept per process: a forked worker must not share its parent's connections.
    return make(
        "s3",
        endpoint_url=endpoint_url,
        key_id=key_id,
        secret=secret,
        region=region,
        answer_s=answer_s,
    )


def _blind_session() -> botocore.session.Session:
    variables = {
        name: (None, None, os.devnull if name in _FILES else default, conversion)
        for name, (_, _, default, conversion) in botocore.session.Session.SESSION_VARIABLES.items()
    }
    return botocore.session.Session(session_vars=variables)
