"""A6: are overwritten and deleted objects kept?"""

from __future__ import annotations

from bot.audits.readings import Bucket, Unknown
from bot.audits.verdict import Check, Verdict, bad, good, unknown


def judge(bucket: Bucket) -> Verdict:
    if isinstance(bucket.versioning, Unknown):
        return unknown(bucket.versioning, "Versioning")
    match bucket.versioning.get("Status"):
        case "Enabled":
            return good("Versioning is on.")
        case "Suspended":
            return bad("Versioning is suspended: new overwrites and deletions cannot be undone.", "medium")
        case _:
            return bad("Versioning is off: an overwritten or deleted object is gone.", "medium")


CHECK = Check("versioning", "A6", "Versioning", "medium", judge)
