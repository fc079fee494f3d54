"""A2: is Block Public Access fully on, at the bucket or for the whole account?"""

from __future__ import annotations

from bot.audits.readings import Bucket, Document, Unknown
from bot.audits.verdict import Check, Verdict, bad, good, unknown

FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def judge(bucket: Bucket) -> Verdict:
    own, account = bucket.public_access_block, bucket.account_public_access_block
    above = bucket.organization_public_access_block
    if above is not None and not isinstance(above, Unknown):
        # It takes the place of the account's own settings.
        account = above
    if isinstance(own, Unknown):
        return unknown(own, "Block Public Access")
    off = [flag for flag in FLAGS if not _on(own, flag)]
    if isinstance(account, Unknown):
        return unknown(account, "The account's Block Public Access") if off else good("On for the bucket.")
    still_off = [flag for flag in off if not _on(account, flag)]
    if not still_off:
        return good("On for the bucket." if not off else "On for the account.")
    if len(still_off) == len(FLAGS):
        return bad("Block Public Access is off.", "high")
    return bad(f"Block Public Access is partly off ({', '.join(still_off)}).", "medium")


def _on(block: Document | None, flag: str) -> bool:
    return bool(block and block.get(flag))


CHECK = Check("block-public-access", "A2", "Block Public Access", "high", judge)
