"""R18: remove the public statements from a bucket policy."""

from __future__ import annotations

from bot.remediation.bucket_policy import RemovePublicStatements
from bot.remediation.contract import Automated


class Row(RemovePublicStatements, Automated):
    """R18's place in the catalogue."""

    order = 70
    wants = ("bucket",)
    permissions = ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:GetBucketPolicy")


REMEDIATION = Row()
