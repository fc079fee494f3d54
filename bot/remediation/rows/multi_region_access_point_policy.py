"""R25: take outsiders out of a multi-Region access point's policy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.aws.errors import AwsRefused
from bot.policy.change import minified
from bot.remediation.access_points import point_name, tightened
from bot.remediation.arns import partition
from bot.remediation.buckets import plan_of
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.errors import NothingToDo, Refused, TargetMissing
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.words import access_points as words

#: Every call about multi-Region access points goes there (S3 User Guide, "Restrictions and limitations").
HOME = "us-west-2"


class MultiRegionAccessPointPolicy(Automated):
    """R25: the statements for outsiders, or those that are named; one policy, which is always replaced.

    AWS lets nobody delete it: where nothing would remain, it gets the policy that CloudFormation writes then,
    "to only allow access to the account". The change is asynchronous: DescribeMultiRegionAccessPointOperation
    tells of the request, and the policy that is `Established` of what holds, which is what is waited for.
    """

    row = "R25"
    name = "multi-region-access-point-policy"
    title = "Take outsiders out of a multi-Region access point's policy"
    family = "access points"
    order = 105
    wants = ("multi_region_access_point",)
    optional = ("statement",)
    reads = ("s3:GetMultiRegionAccessPoint", "s3:GetMultiRegionAccessPointPolicy")
    permissions = ("s3:PutMultiRegionAccessPointPolicy", *reads)
    verb = "Take outsiders out of the policy of multi-Region access point"
    undo_verb = "Write back the policy of multi-Region access point"
    undo_warning = words.OUTSIDERS_COME_BACK
    patience = (2.0, 5.0, 10.0, 15.0, 30.0, 30.0, 60.0, 60.0, 60.0)

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `multi_region_access_point`: its name, not its alias; `statement`: Sids, else outsiders'."""
        name = point_name(wanted, "multi_region_access_point")
        named = {"statement": wanted["statement"]} if wanted.get("statement") else {}
        params = {"multi_region_access_point": name, "account_id": account_id, "region": region, **named}
        arn = f"arn:{partition(region)}:s3::{account_id}:accesspoint/{name}"
        return Target(kind="multi_region_access_point", id=arn, label=name, params=params)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`AccessPointPolicy`: the one that holds. `Proposed`: one that is on its way, else None."""
        found = _ask(read, target, "get_multi_region_access_point")
        if found is None:
            raise TargetMissing(words.no_such_access_point(target.label))
        alias = found["AccessPoint"]["Alias"]
        policy = (_ask(read, target, "get_multi_region_access_point_policy") or {}).get("Policy", {})
        holds, proposed = (_document(policy.get(kind, {})) for kind in ("Established", "Proposed"))
        return {
            "Arn": f"{target.id.rpartition('/')[0]}/{alias}",
            "AccessPointPolicy": holds,
            "Proposed": None if proposed == holds else proposed,
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        target = target.model_copy(update={"id": state["Arn"]})
        if state["Proposed"] is not None:
            raise Refused(words.under_way(target.label))
        if state["AccessPointPolicy"] is None:
            raise NothingToDo(words.no_policy(target.label))
        made = tightened(target, state)
        after = {**state, "AccessPointPolicy": made.document or _owner_alone(target)}
        planned = context.now.isoformat()
        return plan_of(
            self,
            target,
            (state, after),
            [_write(target, after, f"do {planned}")],
            [_write(target, state, f"undo {planned}")],
            affected=made.affected,
            warnings=(*made.warnings, words.LASTING_CHANGE, words.NO_DELETE),
        )


def _ask(read: Reader, target: Target, operation: str) -> Mapping[str, Any] | None:
    params = {
        "AccountId": target.params["account_id"],
        "Name": target.params["multi_region_access_point"],
    }
    try:
        return read.call("s3control", operation, params, HOME).data
    except AwsRefused as error:
        if error.code in ("NoSuchMultiRegionAccessPoint", "NoSuchMultiRegionAccessPointPolicy"):
            return None
        raise


def _document(told: Mapping[str, Any]) -> dict[str, Any] | None:
    document: dict[str, Any] | None = json.loads(told["Policy"]) if told.get("Policy") else None
    return document


def _owner_alone(target: Target) -> dict[str, Any]:
    """What the owner's account may do by its IAM policies anyway."""
    statement = {
        "Sid": "OwnerAlone",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{target.id.split(':')[1]}:iam::{target.params['account_id']}:root"},
        "Action": "s3:*",
        "Resource": [target.id, f"{target.id}/object/*"],
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _write(target: Target, after: State, when: str) -> Call:
    """The same call again has the same token, which S3 carries out once; each plan has tokens of its own."""
    details = {
        "Name": target.params["multi_region_access_point"],
        "Policy": minified(after["AccessPointPolicy"]),
    }
    return Call(
        service="s3control",
        operation="put_multi_region_access_point_policy",
        params={
            "AccountId": target.params["account_id"],
            "ClientToken": state_hash([details, when]),
            "Details": details,
        },
        after=state_hash(after),
        permissions=(Permission(action="s3:PutMultiRegionAccessPointPolicy", resource=target.id),),
        region=HOME,
    )


REMEDIATION = MultiRegionAccessPointPolicy()
