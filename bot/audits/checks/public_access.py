"""A1: can the public reach the bucket? Policy, ACL and Block Public Access judged together."""

from __future__ import annotations

from dataclasses import replace

from bot.audits.readings import Bucket, Reading, Unknown
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
        found = _exposure(bucket)
    except PolicyError as error:
        return Verdict("unknown", f"The bucket policy could not be understood: {error}", "medium")
    return _beside_s3(_verdict(found), found, bucket.policy_is_public)


def _beside_s3(ours: Verdict, found: Exposure, said: Reading[bool | None]) -> Verdict:
    """Our verdict with S3's own on the policy. Where they differ the worse counts, and it is said."""
    if isinstance(said, Unknown):
        return replace(ours, detail=f"{ours.detail} S3's own verdict could not be read: {said.why}")
    if said is None or said == found.policy_public:
        return ours
    theirs, mine = ("public", "not public") if said else ("not public", "public")
    differs = f"S3 itself (GetBucketPolicyStatus) calls the policy {theirs}, this program {mine}: look at it."
    if ours.status == "good":
        return bad(differs, "high")
    return replace(ours, detail=f"{ours.detail} {differs}")


def _exposure(bucket: Bucket) -> Exposure:
    assert not isinstance(bucket.policy, Unknown)
    assert not isinstance(bucket.acl, Unknown)
    assert not isinstance(bucket.public_access_block, Unknown)
    account, organization = bucket.account_public_access_block, bucket.organization_public_access_block
    points = bucket.access_points
    return exposure(
        parse(bucket.policy, name="bucket policy") if bucket.policy is not None else None,
        bucket.acl,
        bucket.public_access_block,
        # An unknown account setting must not count as protection.
        None if isinstance(account, Unknown) else account,
        None if isinstance(bucket.ownership, Unknown) else bucket.ownership,
        account_id=bucket.account_id,
        organization_pab=None if isinstance(organization, Unknown) else organization,
        access_points=None if isinstance(points, Unknown) else points,
    )


def _verdict(found: Exposure) -> Verdict:
    ways = [way for way, public in (("policy", found.policy_public), ("ACL", found.acl_public)) if public]
    its, both = " and ".join(f"its {way}" for way in ways), len(ways) == 2
    if found.public and found.effective in ("anyone", "any_aws_account"):
        who = "anyone on the internet" if found.effective == "anyone" else "every AWS account"
        open_points = [
            one.name for one in found.access_points if one.public and one.reach.level == found.effective
        ]
        if not ways or (open_points and found.held_back_by):
            return bad(f"Public: its access point {', '.join(open_points)} lets {who} in.", "critical")
        return bad(f"Public: {its} {'let' if both else 'lets'} {who} in.", "critical")
    if ways:
        held = " and ".join(found.held_back_by) or "another setting"
        hold = "hold" if len(found.held_back_by) > 1 else "holds"
        them = "them" if both else "it"
        return bad(f"I{its[1:]} would be public; only {held} {hold} {them} back.", "high")
    if points := [one.name for one in found.access_points if one.public]:
        held = " and ".join(found.held_back_by) or "the bucket policy"
        return bad(
            f"Its access point {', '.join(points)} would be public; only {held} holds it back.", "high"
        )
    return good("Not public.")


CHECK = Check("public-access", "A1", "Public access", "critical", judge)
