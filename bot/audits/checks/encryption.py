"""A10: is every new object encrypted by default?"""

from __future__ import annotations

from bot.audits.readings import Bucket, Unknown
from bot.audits.verdict import Check, Verdict, bad, good, unknown


def judge(bucket: Bucket) -> Verdict:
    if isinstance(bucket.encryption, Unknown):
        return unknown(bucket.encryption, "Default encryption")
    rules = (bucket.encryption or {}).get("Rules", [])
    algorithms = [
        rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
        for rule in rules
        if "ApplyServerSideEncryptionByDefault" in rule
    ]
    if algorithms:
        return good(f"New objects are encrypted with {algorithms[0]}.")
    return bad("No default encryption is configured.", "medium")


CHECK = Check("encryption", "A10", "Default encryption", "medium", judge)
