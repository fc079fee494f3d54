"""R43: MFA Delete, which only the root user can switch on."""

from __future__ import annotations

from collections.abc import Mapping

from bot.remediation.arns import partition
from bot.remediation.bucket_policy import RemovePublicStatements
from bot.remediation.buckets import setting
from bot.remediation.contract import Guided, PlanContext, Reader
from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.guided import Guide, by_hand
from bot.remediation.plan import Permission, Plan, State, Target
from bot.remediation.words import by_hand as words

_ON_BUCKET = ("s3:GetBucketVersioning", "s3:GetLifecycleConfiguration")
_SUMMARY = "iam:GetAccountSummary"


class MfaDelete(Guided):
    """R43: versions are deleted with the root user's MFA device only.

    Source: S3 User Guide, "Configuring MFA delete" (root alone, by CLI or API, not beside lifecycle rules).
    """

    row = "R43"
    name = "mfa-delete"
    title = "Switch on MFA Delete for a bucket"
    family = "protection"
    order = 390
    wants = ("bucket",)
    permissions = (*_ON_BUCKET, _SUMMARY)
    verb = "Switch on MFA Delete for"

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`."""
        return RemovePublicStatements().target(account_id, region, wanted)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Lifecycle`: there are rules. `Root`: the root user has credentials at all."""
        versioning = setting(read, target, "get_bucket_versioning") or {}
        summary = read.call("iam", "get_account_summary", {}).data["SummaryMap"]
        has = (summary.get("AccountPasswordPresent", 1), summary.get("AccountAccessKeysPresent", 1))
        return {
            "Bucket": target.params["bucket"],
            "Status": versioning.get("Status"),
            "MfaDelete": versioning.get("MFADelete") == "Enabled",
            "Lifecycle": bool(setting(read, target, "get_bucket_lifecycle_configuration")),
            "Root": any(has),
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG002
        bucket, account_id = target.label, target.params["account_id"]
        if state["MfaDelete"]:
            raise NothingToDo(words.already_with_mfa(bucket))
        if not state["Root"]:
            raise Refused(words.no_root_user(account_id))
        if state["Lifecycle"]:
            raise Refused(words.lifecycle_against_mfa(bucket))
        region = target.params["region"]
        guide = Guide(
            steps=words.mfa_delete_steps(bucket, account_id, region, partition(region)),
            affected=(words.VERSIONS_NEED_DEVICE,),
            warnings=(words.NO_CODE_IN_SLACK, words.NO_LIFECYCLE_THEN),
            irreversible=(words.ROOT_TAKES_IT_BACK,),
        )
        reads = [Permission(action=action, resource=target.id) for action in _ON_BUCKET]
        after = {**state, "Status": "Enabled", "MfaDelete": True}
        title = f"Switch on MFA Delete for {bucket}, by its root user"
        summary = Permission(action=_SUMMARY, resource="*")
        return by_hand(self, target, (state, after), title, guide, [*reads, summary])


REMEDIATION = MfaDelete()
