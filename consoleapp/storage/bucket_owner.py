"""Whether a bucket belongs to the account that the caller expects.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
"""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from consoleapp.aws.canonical import pairs
from consoleapp.storage.s3_call import Call, Refused

#: Of the bucket that is called, and of the one that is copied from.
OF_BUCKET: Final = b"x-amz-expected-bucket-owner"
OF_SOURCE: Final = b"x-amz-source-expected-bucket-owner"
_ACCOUNT: Final = re.compile(rb"\d{12}")


def check(call: Call, header: bytes) -> None:
    """Call it for a bucket that is the signer's own. Raises Refused."""
    expected = _expected(call, header)
    if expected is None:
        return
    if not _ACCOUNT.fullmatch(expected):
        message = "The value of the expected bucket owner parameter must be an AWS account ID."
        raise Refused(400, "InvalidBucketOwnerAWSAccountID", message)
    if expected != call.signer.actor.account_id.encode():
        raise Refused(403, "AccessDenied", "Access Denied")


def _expected(call: Call, header: bytes) -> bytes | None:
    """From the headers, or from a presigned address that has them in its query."""
    told = call.request.headers.get(header)
    if told is not None:
        return told.strip()
    decoded = ((unquote_to_bytes(n), unquote_to_bytes(v)) for n, v in pairs(call.request.query))
    return next((value for name, value in decoded if name.lower() == header), None)
