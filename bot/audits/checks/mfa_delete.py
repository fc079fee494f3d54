"""A9: does deleting a version need a second factor?"""

from __future__ import annotations

from bot.audits.readings import Bucket, Unknown
from bot.audits.verdict import Check, Verdict, bad, good, unknown


def judge(bucket: Bucket) -> Verdict:
    if isinstance(bucket.versioning, Unknown):
        return unknown(bucket.versioning, "MFA Delete")
    if bucket.versioning.get("MFADelete") == "Enabled":
        return good("MFA Delete is on.")
    return bad("MFA Delete is off: a stolen key with s3:DeleteObjectVersion erases for good.", "low")


CHECK = Check("mfa-delete", "A9", "MFA Delete", "low", judge)
