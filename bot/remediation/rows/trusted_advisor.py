"""R41: Trusted Advisor's word that a bucket is not open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.aws.errors import AwsRefused
from bot.remediation.bucket_policy import RemovePublicStatements
from bot.remediation.contract import Guided, PlanContext, Reader
from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.guided import Guide, by_hand, command
from bot.remediation.plan import Permission, Plan, State, Target
from bot.remediation.words import watching as words
from bot.remediation.words.by_hand import WHEN_DONE

#: The Support API has one endpoint for all Regions.
_REGION = "us-east-1"
_NAME = "S3 Bucket Permissions"
_READS = ("support:DescribeTrustedAdvisorChecks", "support:DescribeTrustedAdvisorCheckResult")


class TrustedAdvisor(Guided):
    """R41: the bucket is green in the check of bucket permissions, after a refresh.

    Source: AWS Support API Reference, DescribeTrustedAdvisorChecks (ids are looked up, never assumed),
    DescribeTrustedAdvisorCheckResult; it needs a Business, Enterprise On-Ramp or Enterprise plan.
    """

    row = "R41"
    name = "trusted-advisor"
    title = "Let Trusted Advisor look at a bucket again"
    family = "protection"
    order = 380
    wants = ("bucket",)
    permissions = _READS
    verb = "Let Trusted Advisor look at"

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`."""
        return RemovePublicStatements().target(account_id, region, wanted)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Status` of the bucket as of the last refresh: ok, warning or error."""
        try:
            checks = read.call("support", "describe_trusted_advisor_checks", {"language": "en"}, _REGION).data
            check = next((one for one in checks["checks"] if _NAME in one["name"]), None)
            if check is None:
                raise Refused(words.NO_SUCH_CHECK)
            params = {"checkId": check["id"], "language": "en"}
            result = read.call("support", "describe_trusted_advisor_check_result", params, _REGION).data
        except AwsRefused as error:
            if error.code == "SubscriptionRequiredException":
                raise Refused(words.NO_SUPPORT_PLAN) from error
            raise
        bucket = target.params["bucket"]
        return {"Bucket": bucket, "Check": check["id"], "Status": _status(bucket, check, result["result"])}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG002
        if state["Status"] == "ok":
            raise NothingToDo(words.green(target.label))
        named = ("--region", _REGION, "--check-id", state["Check"])
        refresh = command("aws", "support", "refresh-trusted-advisor-check", *named)
        guide = Guide(
            steps=(words.close_first(target.label), f"{words.REFRESH} {refresh}", WHEN_DONE),
            affected=(words.NOBODY_FEELS_CHECKS,),
            warnings=(words.YELLOW_TOO,),
            irreversible=(words.ONLY_LOOKS,),
        )
        reads = [Permission(action=action, resource="*") for action in _READS]
        title = f"Let Trusted Advisor look at {target.label} again ({state['Status']} now)"
        return by_hand(self, target, (state, {**state, "Status": "ok"}), title, guide, reads)


def _status(bucket: str, check: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """The worst word on the bucket; what is not listed is not open."""
    column = check["metadata"].index("Bucket Name")
    said = [
        one["status"]
        for one in result.get("flaggedResources", ())
        if len(one.get("metadata") or ()) > column and one["metadata"][column] == bucket
    ]
    return next((status for status in ("error", "warning") if status in said), "ok")


REMEDIATION = TrustedAdvisor()
