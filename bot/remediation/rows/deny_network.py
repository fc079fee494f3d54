"""R15: deny requests from some addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any

from bot.policy.change import Tightened, TightenError, fitting, statements_of, with_statements
from bot.policy.denials import deny_network
from bot.remediation import denying
from bot.remediation.buckets import BucketRow, feel_it
from bot.remediation.contract import Observed, PlanContext, Reader
from bot.remediation.errors import BadTarget
from bot.remediation.plan import Plan, State, Target
from bot.remediation.rows import wording


class DenyNetwork(BucketRow):
    """R15: a Deny on the condition aws:SourceIp, with an exception for those who must stay.

    From where the bot itself calls is not known, so that without the exception it might lock itself out.
    """

    row = "R15"
    name = "deny-network"
    title = "Deny requests from some addresses to a bucket"
    family = "bucket policy"
    order = 55
    wants = ("bucket", "networks")
    reads = denying.READS
    permissions = denying.PERMISSIONS
    verb = "Deny requests from some addresses to"
    undo_verb = "Let in again the addresses that were denied in the policy of"
    undo_warning = wording.NETWORK_COMES_BACK

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`, and `networks`: addresses or CIDR blocks with commas between them."""
        bucket, networks = super().target(account_id, region, wanted), wanted.get("networks", "")
        try:
            deny_network(None, bucket.id, "S3Incident", denying.several(networks))
        except TightenError as error:
            raise BadTarget(str(error)) from error
        return bucket.model_copy(update={"params": {**bucket.params, "networks": networks}})

    def snapshot(self, read: Reader, target: Target) -> State:
        return denying.snapshot(read, target)

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        networks = denying.several(target.params["networks"])
        # Nobody locks the root user out of a bucket policy: it needs no exception, and deserves none.
        spared = [one for one in context.keep if not one.endswith(":root")]
        plan = denying.plan(
            self,
            target,
            state,
            context,
            partial(_but_for, networks=networks, spared=spared),
            affected=feel_it([one for one in context.observed if _comes_from(networks, one)]),
            warnings=(wording.ADDRESSES_CHANGE, wording.KEPT_ARE_SPARED),
        )
        return plan.model_copy(
            update={"title": f"Deny requests from {', '.join(networks)} to {target.label}"}
        )


def _but_for(
    document: Mapping[str, Any] | None, bucket: str, sid: str, networks: Sequence[str], spared: Sequence[str]
) -> Tightened:
    made = deny_network(document, bucket, sid, networks)
    if not made.changed or not spared or made.document is None:
        return made
    *others, last = statements_of(made.document)
    condition = {**last["Condition"], "ArnNotLikeIfExists": {"aws:PrincipalArn": list(spared)}}
    after = with_statements(made.document, [*others, {**last, "Condition": condition}])
    return replace(made, document=fitting(after, "bucket"))


def _comes_from(networks: Sequence[str], one: Observed) -> bool:
    return one.label != "service" and any(_is_in(ip, block) for ip in one.source_ips for block in networks)


def _is_in(address: str, block: str) -> bool:
    """False for what is no address: CloudTrail also has names of services there."""
    try:
        return ip_address(address) in ip_network(block, strict=False)
    except ValueError:
        return False


REMEDIATION = DenyNetwork()
