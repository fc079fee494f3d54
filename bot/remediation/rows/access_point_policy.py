"""R24: take outsiders out of an access point's policy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.aws.errors import AwsRefused
from bot.policy.change import minified
from bot.remediation.access_points import point_name, tightened
from bot.remediation.arns import partition
from bot.remediation.buckets import BucketRow, plan_of
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import NothingToDo, Refused, TargetMissing
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.words import access_points as words


class AccessPointPolicy(BucketRow):
    """R24: the statements for outsiders, or those that are named; the policy is deleted where none remains.

    Source: S3 Control API Reference, PutAccessPointPolicy. Only Allow statements are taken out.
    """

    row = "R24"
    name = "access-point-policy"
    title = "Take outsiders out of an access point's policy"
    family = "access points"
    order = 104
    wants = ("bucket", "access_point")
    optional = ("statement",)
    reads = ("s3:GetAccessPoint", "s3:GetAccessPointPolicy")
    permissions = ("s3:PutAccessPointPolicy", "s3:DeleteAccessPointPolicy", *reads)
    verb = "Take outsiders out of the policy of access point"
    undo_verb = "Write back the policy of access point"
    undo_warning = words.OUTSIDERS_COME_BACK

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`, `access_point` (its name or ARN), and `statement`: Sids, else outsiders'."""
        bucket, name = super().target(account_id, region, wanted), point_name(wanted, "access_point")
        named = {"statement": wanted["statement"]} if wanted.get("statement") else {}
        return Target(
            kind="access_point",
            id=f"arn:{partition(region)}:s3:{region}:{account_id}:accesspoint/{name}",
            label=name,
            params={**bucket.params, "access_point": name, **named},
        )

    def snapshot(self, read: Reader, target: Target) -> State:
        """`AccessPointPolicy`: the document, None where there is none."""
        name, wanted = target.params["access_point"], target.params["bucket"]
        found = _ask(read, target, "get_access_point")
        if found is None:
            raise TargetMissing(words.no_such_access_point(name))
        if found["Bucket"] != wanted:
            raise Refused(words.of_another_bucket(name, found["Bucket"], wanted))
        policy = _ask(read, target, "get_access_point_policy")
        document = json.loads(policy["Policy"]) if policy else None
        return {"AccessPoint": name, "Bucket": wanted, "AccessPointPolicy": document}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG002
        if state["AccessPointPolicy"] is None:
            raise NothingToDo(words.no_policy(target.label))
        made = tightened(target, state)
        after = {**state, "AccessPointPolicy": made.document}
        return plan_of(
            self,
            target,
            (state, after),
            [_write(target, after)],
            [_write(target, state)],
            affected=made.affected,
            warnings=(*made.warnings, words.ACCESS_POINT_STAYS),
        )


def _named(target: Target) -> dict[str, Any]:
    return {"AccountId": target.params["account_id"], "Name": target.params["access_point"]}


def _ask(read: Reader, target: Target, operation: str) -> Mapping[str, Any] | None:
    try:
        return read.call("s3control", operation, _named(target), target.params["region"]).data
    except AwsRefused as error:
        if error.code in ("NoSuchAccessPoint", "NoSuchAccessPointPolicy"):
            return None
        raise


def _write(target: Target, after: State) -> Call:
    document, params = after["AccessPointPolicy"], _named(target)
    operation, action = "delete_access_point_policy", "s3:DeleteAccessPointPolicy"
    if document is not None:
        operation, action = "put_access_point_policy", "s3:PutAccessPointPolicy"
        params["Policy"] = minified(document)
    return Call(
        service="s3control",
        operation=operation,
        params=params,
        after=state_hash(after),
        permissions=(Permission(action=action, resource=target.id),),
    )


REMEDIATION = AccessPointPolicy()
