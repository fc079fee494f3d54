"""A1: can the public reach the bucket? Policy, ACL and Block Public Access judged together."""

from __future__ import annotations

from bot.audits.readings import Bucket, Unknown
from bot.audits.verdict import Check, Verdict, bad, good, unknown
from bot.policy.document import PolicyError, parse
from bot.policy.exposure import Exposure, exposure


def judge(bucket: Bucket) -> Verdict:
    for reading, what in (
        (bucket.policy, "The bucket policy"),
        (bucket.acl, "The ACL"),
        (bucket.public_access_block, "Block Public Access"),
    ):
        if isinstance(reading, Unknown):
            return unknown(reading, what)
    try:
        return _verdict(_exposure(bucket))
    except PolicyError as error:
        return Verdict("unknown", f"The bucket policy could not be understood: {error}", "medium")


def _exposure(bucket: Bucket) -> Exposure:
    assert not isinstance(bucket.policy, Unknown)
    assert not isinstance(bucket.acl, Unknown)
    assert not isinstance(bucket.public_access_block, Unknown)
    account = bucket.account_public_access_block
    return exposure(
        parse(bucket.policy, name="bucket policy") if bucket.policy is not None else None,
        bucket.acl,
        bucket.public_access_block,
        # An unknown account setting must not count as protection.
        None if isinstance(account, Unknown) else account,
        None if isinstance(bucket.ownership, Unknown) else bucket.ownership,
        account_id=bucket.account_id,
    )


def _verdict(found: Exposure) -> Verdict:
    ways = [way for way, public in (("policy", found.policy_public), ("ACL", found.acl_public)) if public]
    its, both = " and ".join(f"its {way}" for way in ways), len(ways) == 2
    if found.public and found.effective in ("anyone", "any_aws_account"):
        who = "anyone on the internet" if found.effective == "anyone" else "every AWS account"
        return bad(f"Public: {its} {'let' if both else 'lets'} {who} in.", "critical")
    if ways:
        held = " and ".join(found.held_back_by) or "another setting"
        hold = "hold" if len(found.held_back_by) > 1 else "holds"
        them = "them" if both else "it"
        return bad(f"I{its[1:]} would be public; only {held} {hold} {them} back.", "high")
    return good("Not public.")


CHECK = Check("public-access", "A1", "Public access", "critical", judge)
