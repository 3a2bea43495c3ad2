"""Whether a bucket belongs to the account that the caller expects.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
"""

import re
from typing import Final

from consoleapp.storage.s3_call import Call, Refused

#: Of the bucket that is called, and of the one that is copied from.
OF_BUCKET: Final = b"x-amz-expected-bucket-owner"
OF_SOURCE: Final = b"x-amz-source-expected-bucket-owner"
_ACCOUNT: Final = re.compile(rb"\d{12}")


def check(call: Call, header: bytes) -> None:
    """Call it for a bucket that is the signer's own. Raises Refused."""
    expected = call.request.headers.get(header)
    if expected is None:
        return
    expected = expected.strip()
    if not _ACCOUNT.fullmatch(expected):
        message = "The value of the expected bucket owner parameter must be an AWS account ID."
        raise Refused(400, "InvalidBucketOwnerAWSAccountID", message)
    if expected != call.signer.actor.account_id.encode():
        raise Refused(403, "AccessDenied", "Access Denied")
