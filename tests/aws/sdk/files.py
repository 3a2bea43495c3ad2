"""Runs in the SDK's environment: files to the default bucket and back, as notebooks move them."""

import json
import sys
import uuid
from pathlib import Path

import console_sts  # noqa: F401
import sagemaker
from sagemaker.s3 import S3Downloader, S3Uploader

up, down = Path(sys.argv[1]), Path(sys.argv[2])
session = sagemaker.Session()
prefix = f"files-{uuid.uuid4().hex[:8]}"
uri = session.upload_data(str(up), key_prefix=prefix)
written = session.upload_string_as_file_body("a body", session.default_bucket(), f"{prefix}/c.txt")
S3Uploader.upload(str(up / "a.txt"), f"{uri}/again", sagemaker_session=session)
session.download_data(str(down), session.default_bucket(), f"{prefix}/")
print(
    json.dumps(
        {
            "account": session.account_id(),
            "role": session.expand_role("console-admin"),
            "uri": uri.removesuffix(prefix),
            "listed": [
                each.removeprefix(f"{uri}/")
                for each in S3Downloader.list(uri, sagemaker_session=session)
            ],
            "read": S3Downloader.read_file(written, sagemaker_session=session),
        }
    )
)
