"""R21: make a bucket's ACL private."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.remediation.acls import LOG_DELIVERY, called, is_owners, read_acl
from bot.remediation.buckets import BucketRow, change, plan_of, setting, uses_it
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import NothingToDo
from bot.remediation.plan import Call, Plan, State, Target
from bot.remediation.rows import wording


class PrivateAcl(BucketRow):
    """R21: take every grant out of the bucket's ACL but the owner's and S3's own log delivery's.

    Buckets that receive access logs by ACL need the latter (S3 User Guide, "Permissions for log delivery").
    """

    row = "R21"
    name = "private-acl"
    title = "Make a bucket's ACL private"
    family = "bucket access"
    order = 60
    reads = ("s3:GetBucketAcl", "s3:GetBucketPublicAccessBlock")
    permissions = ("s3:PutBucketAcl", *reads)
    verb = "Make private the ACL of"
    undo_verb = "Put back the ACL of"
    undo_warning = wording.GRANTS_COME_BACK

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Acl`, and whether the bucket's Block Public Access hides public grants in it."""
        answer = setting(read, target, "get_public_access_block") or {"PublicAccessBlockConfiguration": {}}
        hidden = bool(answer["PublicAccessBlockConfiguration"].get("IgnorePublicAcls"))
        return {
            "Bucket": target.params["bucket"],
            "Acl": read_acl(read, target),
            "PublicGrantsHidden": hidden,
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        acl = state["Acl"]
        kept = [one for one in acl["Grants"] if _stays(one, acl)]
        taken = [one for one in acl["Grants"] if not _stays(one, acl)]
        if not taken:
            raise NothingToDo(wording.already_private(target.label, hidden=state["PublicGrantsHidden"]))
        after = {**state, "Acl": {**acl, "Grants": kept}}
        return plan_of(
            self,
            target,
            (state, after),
            [_write(target, after)],
            [_write(target, state)],
            affected=[*_losses(taken), *uses_it(context, wording.ONLY_BY_ACL)],
            warnings=(wording.OBJECTS_KEEP_ACLS, wording.NO_ACL_UNDER_BLOCK),
            irreversible=[wording.HIDDEN_GRANTS_LOST] if state["PublicGrantsHidden"] else [],
        )


def _stays(grant: dict[str, Any], acl: State) -> bool:
    return is_owners(grant, acl) or grant["Grantee"].get("URI") == LOG_DELIVERY


def _losses(taken: list[dict[str, Any]]) -> Iterator[str]:
    for grant in taken:
        yield wording.loses(called(grant), grant["Permission"])


def _write(target: Target, after: State) -> Call:
    return change(target, "put_bucket_acl", "s3:PutBucketAcl", after, AccessControlPolicy=after["Acl"])


REMEDIATION = PrivateAcl()
