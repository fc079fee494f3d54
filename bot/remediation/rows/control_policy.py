"""R13: containment from above the account, by a service or resource control policy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.aws.errors import AwsRefused
from bot.policy.wildcard import literal
from bot.remediation.arns import partition, refuse_protected, role_of
from bot.remediation.contract import Guided, PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.guided import Guide, by_hand, command
from bot.remediation.plan import Permission, Plan, State, Target, state_hash
from bot.remediation.words import from_above as words
from bot.remediation.words.by_hand import WHEN_DONE

_PRINCIPAL = re.compile(r"arn:[\w-]+:(?:iam|sts)::\d{12}:[\x21-\x7e]+", re.ASCII)
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}", re.ASCII)
_UNIT = re.compile(r"\d{12}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32}", re.ASCII)
_READS = (
    *("organizations:DescribeOrganization", "organizations:ListPoliciesForTarget"),
    "organizations:DescribePolicy",
)


class ControlPolicy(Guided):
    """R13: what nobody in the account can undo. Management account and service-linked roles are not bound.

    Source: Organizations User Guide, "Service control policies", "Resource control policies".
    """

    row = "R13"
    name = "control-policy"
    title = "Contain by a control policy of the organization"
    family = "credentials"
    order = 360
    approvals = 2
    wants = ("principal",)
    optional = ("attach_to",)
    permissions = _READS
    verb = "Contain"

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `principal`: an ARN, to deny it everything; or the id of the organization, to deny S3 to all
        outside of it. `attach_to`: an account (the incident's unless told), a unit or the root.
        """
        given, unit = wanted.get("principal", ""), wanted.get("attach_to", account_id)
        if not _PRINCIPAL.fullmatch(given) and not _ORGANIZATION.fullmatch(given):
            raise BadTarget(words.neither(given))
        if not _UNIT.fullmatch(unit):
            raise BadTarget(words.not_a_unit(unit))
        params = {"principal": given, "attach_to": unit, "account_id": account_id, "region": region}
        arn = f"arn:{partition(region)}:organizations::{account_id}:{unit}"
        return Target(kind="organization", id=arn, label=unit, params=params)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Policy`: our document, where it is attached. `Management`: no such policy binds the account."""
        try:
            organization = read.call("organizations", "describe_organization", {}).data["Organization"]
            document = _attached(read, target)
        except AwsRefused as error:
            raise _explained(error, target) from error
        return {
            "AttachedTo": target.params["attach_to"],
            "Type": _type(target),
            "Management": organization.get("MasterAccountId") == target.params["attach_to"],
            "Policy": document,
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        principal = _role(target)
        if principal is not None:
            refuse_protected(principal, context)
        if state["Management"]:
            raise Refused(words.management_account(target.label))
        document = _document(target)
        if state["Policy"] == document:
            raise NothingToDo(words.attached_already(_name(target), target.label))
        guide = Guide(
            steps=(words.WHERE, _create(target, document), _attach(target), WHEN_DONE),
            affected=(
                words.denied_everything(principal, target.label) if principal else words.OUTSIDE_DENIED,
            ),
            warnings=(words.NOT_BOUND, words.FIVE_POLICIES),
            irreversible=(words.take_back(_name(target), target.label),),
        )
        reads = [Permission(action=action, resource="*") for action in _READS]
        whom = principal or f"everybody outside of {target.params['principal']}"
        title = f"Contain {whom}, by a policy on {target.label}"
        return by_hand(self, target, (state, {**state, "Policy": document}), title, guide, reads)


def _role(target: Target) -> str | None:
    """The user or role to deny; None where everybody outside of the organization is meant."""
    principal = target.params["principal"]
    return role_of(principal) if principal.startswith("arn:") else None


def _type(target: Target) -> str:
    return "SERVICE_CONTROL_POLICY" if _role(target) else "RESOURCE_CONTROL_POLICY"


def _name(target: Target) -> str:
    return f"S3Incident-{state_hash([target.params['principal'], target.params['attach_to']])[:12]}"


def _document(target: Target) -> dict[str, Any]:
    if principal := _role(target):
        condition: dict[str, Any] = {"ArnLike": {"aws:PrincipalArn": [literal(principal)]}}
        body = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    else:
        outside = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": target.params["principal"]}}
        condition = {**outside, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
        body = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition}
    return {"Version": "2012-10-17", "Statement": [{"Sid": "S3Incident", **body}]}


def _attached(read: Reader, target: Target) -> dict[str, Any] | None:
    for summary in _policies(read, target):
        if summary["Name"] == _name(target):
            found = read.call("organizations", "describe_policy", {"PolicyId": summary["Id"]}).data["Policy"]
            document: dict[str, Any] = json.loads(found["Content"])
            return document
    return None


def _policies(read: Reader, target: Target) -> Iterator[Mapping[str, Any]]:
    params = {"TargetId": target.params["attach_to"], "Filter": _type(target)}
    while True:
        answer = read.call("organizations", "list_policies_for_target", params).data
        yield from answer["Policies"]
        if not answer.get("NextToken"):
            return
        params = {**params, "NextToken": answer["NextToken"]}


def _explained(error: AwsRefused, target: Target) -> Exception:
    """What a refusal means for who stands before it."""
    if error.code == "AWSOrganizationsNotInUseException":
        return Refused(words.no_organization(target.params["account_id"]))
    if error.code == "TargetNotFoundException":
        return TargetMissing(words.no_such_unit(target.label))
    if error.code.startswith("AccessDenied"):
        return Refused(words.cannot_see(str(error)))
    return error


def _create(target: Target, document: Mapping[str, Any]) -> str:
    content = json.dumps(document, separators=(",", ":"))
    named = ("--type", _type(target), "--name", _name(target), "--description", "Security incident")
    return command("aws", "organizations", "create-policy", *named, "--content", content)


def _attach(target: Target) -> str:
    """With the id that the first command prints."""
    options = ("--target-id", target.params["attach_to"], "--policy-id", "POLICY_ID")
    return words.attach(command("aws", "organizations", "attach-policy", *options))


REMEDIATION = ControlPolicy()
