"""The policies of a user, role or group: how they are read, and how they go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.remediation.contract import Reader
from bot.remediation.created.thing import Export, Step, denying_last, stopping_last
from bot.remediation.iam import listed

_PARAMETER = {"user": "UserName", "role": "RoleName", "group": "GroupName"}


def named(holder: str, name: str) -> dict[str, str]:
    """IAM's parameter for it."""
    return {_PARAMETER[holder]: name}


def policies(read: Reader, holder: str, name: str) -> Export:
    """`InlinePolicies`: documents by name. `AttachedPolicies`: names by ARN. Raises AwsError."""
    who = named(holder, name)
    attached = listed(read, f"list_attached_{holder}_policies", who, "AttachedPolicies")
    return {
        "InlinePolicies": inline_policies(read, holder, name),
        "AttachedPolicies": {one["PolicyArn"]: one["PolicyName"] for one in attached},
    }


def inline_policies(read: Reader, holder: str, name: str) -> dict[str, Any]:
    """Their documents by name. Raises AwsError."""
    who = named(holder, name)
    names = listed(read, f"list_{holder}_policies", who, "PolicyNames")
    return {one: _document(read, holder, who, one) for one in names}


def _document(read: Reader, holder: str, who: Mapping[str, str], policy: str) -> Any:
    answer = read.call("iam", f"get_{holder}_policy", {**who, "PolicyName": policy})
    return answer.data["PolicyDocument"]


def policy_steps(holder: str, name: str, arn: str, export: Export) -> Iterator[Step]:
    """What allows goes first, what denies last."""
    who = named(holder, name)
    for policy in denying_last(export["InlinePolicies"]):
        params = {**who, "PolicyName": policy}
        yield Step(f"delete_{holder}_policy", params, arn, ("InlinePolicies", policy))
    for attached in stopping_last(export["AttachedPolicies"]):
        only = {"ArnEquals": {"iam:PolicyARN": attached}}
        params = {**who, "PolicyArn": attached}
        yield Step(f"detach_{holder}_policy", params, arn, ("AttachedPolicies", attached), only)


def reading(holder: str) -> tuple[str, ...]:
    """The IAM actions of `policies`."""
    kind = holder.title()
    return (f"iam:List{kind}Policies", f"iam:ListAttached{kind}Policies", f"iam:Get{kind}Policy")


def deleting(holder: str) -> tuple[str, ...]:
    """The IAM actions of `policy_steps`."""
    kind = holder.title()
    return (f"iam:Delete{kind}Policy", f"iam:Detach{kind}Policy")
