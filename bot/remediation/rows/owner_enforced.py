"""R23: switch ACLs off in a bucket."""

from __future__ import annotations

from bot.remediation.acls import is_owners, read_acl
from bot.remediation.buckets import BucketRow, change, plan_of, setting, uses_it
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.plan import Call, Plan, State, Target
from bot.remediation.rows import wording

_ENFORCED = "BucketOwnerEnforced"


class OwnerEnforced(BucketRow):
    """R23: BucketOwnerEnforced. No ACL of the bucket or of any object in it has an effect any more.

    S3 refuses it while the bucket's ACL grants anything to others (S3 User Guide, "Controlling ownership of
    objects and disabling ACLs": InvalidBucketAclWithObjectOwnership).
    """

    row = "R23"
    name = "owner-enforced"
    title = "Switch ACLs off in a bucket (BucketOwnerEnforced)"
    family = "bucket access"
    order = 90
    reads = ("s3:GetBucketOwnershipControls", "s3:GetBucketAcl")
    permissions = ("s3:PutBucketOwnershipControls", *reads)
    verb = "Switch ACLs off in"
    undo_verb = "Switch ACLs on again in"
    undo_warning = wording.ACLS_COME_BACK

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Ownership`: None when it is not set. `OnlyOwnerInAcl`: whether S3 will take the change."""
        answer = setting(read, target, "get_bucket_ownership_controls")
        acl = read_acl(read, target)
        return {
            "Bucket": target.params["bucket"],
            "Ownership": answer and answer["OwnershipControls"]["Rules"][0]["ObjectOwnership"],
            "OnlyOwnerInAcl": all(is_owners(one, acl) for one in acl["Grants"]),
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        if state["Ownership"] == _ENFORCED:
            raise NothingToDo(wording.acls_are_off(target.label))
        if not state["OnlyOwnerInAcl"]:
            raise Refused(wording.acl_first(target.label))
        after = {**state, "Ownership": _ENFORCED}
        return plan_of(
            self,
            target,
            (state, after),
            [_write(target, after)],
            [_write(target, state)],
            affected=uses_it(context, wording.ONLY_BY_ACL),
            warnings=(wording.UPLOADS_WITH_ACL_FAIL, wording.HIDDEN_ACL_STOPS_IT),
            irreversible=[wording.STAYS_OWNERS],
        )


def _write(target: Target, after: State) -> Call:
    ownership, action = after["Ownership"], "s3:PutBucketOwnershipControls"
    if ownership is None:
        return change(target, "delete_bucket_ownership_controls", action, after)
    rules = {"Rules": [{"ObjectOwnership": ownership}]}
    return change(target, "put_bucket_ownership_controls", action, after, OwnershipControls=rules)


REMEDIATION = OwnerEnforced()
