"""R33: switch versioning on."""

from __future__ import annotations

from bot.remediation.buckets import BucketRow, change, plan_of, setting
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.plan import Call, Plan, State, Target
from bot.remediation.rows import wording


class Versioning(BucketRow):
    """R33: from now on, deleting and overwriting keep the old version.

    A bucket never goes back to unversioned, only to suspended (S3 User Guide, "How S3 Versioning works").
    """

    row = "R33"
    name = "versioning"
    title = "Switch versioning on for a bucket"
    family = "protection"
    order = 200
    reads = ("s3:GetBucketVersioning",)
    permissions = ("s3:PutBucketVersioning", *reads)
    verb = "Switch versioning on for"
    undo_verb = "Suspend versioning for"
    undo_warning = wording.OVERWRITES_AGAIN

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Status`: None where versioning was never on."""
        answer = setting(read, target, "get_bucket_versioning") or {}
        return {
            "Bucket": target.params["bucket"],
            "Status": answer.get("Status"),
            "MfaDelete": answer.get("MFADelete") == "Enabled",
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG002
        if state["Status"] == "Enabled":
            raise NothingToDo(wording.already_versioned(target.label))
        if state["MfaDelete"]:
            raise Refused(wording.needs_device(target.label))
        after = {**state, "Status": "Enabled"}
        return plan_of(
            self,
            target,
            (state, after),
            [_write(target, after)],
            [_write(target, self.undone(state))],
            affected=[wording.VERSIONING_STOPS_NOBODY],
            warnings=(wording.WAIT_FOR_VERSIONING, wording.VERSIONS_COST, wording.VERSIONS_CAN_BE_DELETED),
            irreversible=[wording.NEVER_UNVERSIONED] if state["Status"] is None else [],
        )

    def undone(self, before: State) -> State:
        return {**before, "Status": "Suspended"}


def _write(target: Target, after: State) -> Call:
    wanted = {"Status": after["Status"]}
    return change(
        target, "put_bucket_versioning", "s3:PutBucketVersioning", after, VersioningConfiguration=wanted
    )


REMEDIATION = Versioning()
