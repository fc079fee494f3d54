"""A7: does S3 write an access log for the bucket?"""

from __future__ import annotations

from bot.audits.readings import Bucket, Unknown
from bot.audits.verdict import Check, Verdict, bad, good, unknown


def judge(bucket: Bucket) -> Verdict:
    if isinstance(bucket.logging, Unknown):
        return unknown(bucket.logging, "Access logging")
    if bucket.logging is None:
        return bad("Access logging is off: failed logins and anonymous reads leave no trace in it.", "low")
    target = bucket.logging.get("TargetBucket", "another bucket")
    if target == bucket.name:
        return bad("Access logging writes into the bucket itself: an endless loop of logs.", "low")
    return good(f"Access logs go to {target}.")


CHECK = Check("access-logging", "A7", "Access logging", "low", judge)
