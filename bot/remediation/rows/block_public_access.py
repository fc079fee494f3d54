"""R19: switch on Block Public Access for a bucket."""

from __future__ import annotations

from collections.abc import Iterator

from bot.remediation.acls import called, public_grants, read_acl
from bot.remediation.buckets import BucketRow, change, feel_it, plan_of, setting, strangers
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import NothingToDo
from bot.remediation.plan import KEPT, Call, Plan, State, Target, compared
from bot.remediation.rows import wording

FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_BLOCKED = dict.fromkeys(FLAGS, True)


class BlockPublicAccess(BucketRow):
    """R19: all four settings on. The ACL is kept beside it, because S3 hides its public grants afterwards.

    Source: S3 User Guide, "Blocking public access to your Amazon S3 storage".
    """

    row = "R19"
    name = "block-public-access"
    title = "Switch on Block Public Access for a bucket"
    family = "bucket access"
    order = 80
    reads = ("s3:GetBucketPublicAccessBlock", "s3:GetBucketAcl")
    permissions = ("s3:PutBucketPublicAccessBlock", *reads)
    verb = "Switch on Block Public Access for"
    undo_verb = "Switch Block Public Access back for"
    undo_warning = wording.OPENS_AGAIN

    def snapshot(self, read: Reader, target: Target) -> State:
        """`PublicAccessBlock`: None when not set. The ACL is kept; None while public grants are hidden."""
        answer = setting(read, target, "get_public_access_block")
        block = answer and {flag: bool(answer["PublicAccessBlockConfiguration"].get(flag)) for flag in FLAGS}
        acl = None if block and block["IgnorePublicAcls"] else read_acl(read, target)
        return {"Bucket": target.params["bucket"], "PublicAccessBlock": block, KEPT: {"Acl": acl}}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        if state["PublicAccessBlock"] == _BLOCKED:
            raise NothingToDo(wording.already_blocked(target.label))
        after = {**compared(state), "PublicAccessBlock": _BLOCKED}
        return plan_of(
            self,
            target,
            (state, after),
            [_write(target, after)],
            [_write(target, state)],
            affected=[*_granted(state), *feel_it(strangers(target, context))],
            warnings=(wording.PUBLIC_USE_STOPS, wording.ACLS_HIDDEN, wording.UNDO_IN_TURN),
        )


def _write(target: Target, after: State) -> Call:
    block, action = after["PublicAccessBlock"], "s3:PutBucketPublicAccessBlock"
    if block is None:
        return change(target, "delete_public_access_block", action, after)
    return change(
        target, "put_public_access_block", action, after, PublicAccessBlockConfiguration=dict(block)
    )


def _granted(state: State) -> Iterator[str]:
    acl = state.get(KEPT, {}).get("Acl")
    for grant in public_grants(acl) if acl else ():
        yield wording.grants(called(grant), grant["Permission"])


REMEDIATION = BlockPublicAccess()
