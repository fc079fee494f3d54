"""A customer managed policy with its versions (IAM API Reference, DeletePolicy; domain R10)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.remediation.arns import account_of, refuse_protected
from bot.remediation.contract import Observed, PlanContext, Reader
from bot.remediation.created import holders
from bot.remediation.created.thing import Export, Step, dated
from bot.remediation.errors import BadTarget, Refused
from bot.remediation.iam import asked, listed, reads_of
from bot.remediation.plan import Permission, Target
from bot.remediation.words import deletions as words

_READS = ("iam:GetPolicy", "iam:ListPolicyVersions", "iam:GetPolicyVersion", "iam:ListEntitiesForPolicy")
_ENTITIES = {"PolicyUsers": "user", "PolicyRoles": "role", "PolicyGroups": "group"}
_GETS = {"user": "iam:GetUser", "role": "iam:GetRole", "group": "iam:GetGroup"}


class CreatedPolicy:
    """It is detached from everybody, then its other versions go, then the policy."""

    kind = "policy"
    wants = ("policy_arn",)
    permissions = (
        *("iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:DetachUserPolicy", "iam:DetachRolePolicy"),
        *("iam:DetachGroupPolicy", *_READS, *_GETS.values()),
    )

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        arn = wanted.get("policy_arn", "")
        if account_of(arn) != account_id or not re.fullmatch(r"arn:[\w-]+:iam::\d{12}:policy/[!-~]+", arn):
            raise BadTarget(words.not_a_policy_here(arn, account_id))
        params = {"policy_arn": arn, "account_id": account_id, "region": region}
        return Target(kind="policy", id=arn, label=f"policy {arn.rsplit('/', 1)[-1]}", params=params)

    def export(self, read: Reader, target: Target) -> Export | None:
        which = {"PolicyArn": target.params["policy_arn"]}
        answer = asked(read, "get_policy", which)
        if answer is None:
            return None
        policy = dated(answer["Policy"], "Arn", "PolicyId", "CreateDate", "DefaultVersionId", "Description")
        versions = listed(read, "list_policy_versions", which, "Versions")
        return {
            "Policy": policy,
            "BoundaryOf": answer["Policy"].get("PermissionsBoundaryUsageCount", 0),
            "AttachedTo": dict(attached(read, which)),
            "Versions": {one["VersionId"]: _version(read, which, one["VersionId"]) for one in versions},
        }

    def created(self, export: Export) -> str | None:
        return str(export["Policy"]["CreateDate"])

    def steps(self, target: Target, export: Export) -> Iterator[Step]:
        arn = target.params["policy_arn"]
        for who, holder_arn in sorted(export["AttachedTo"].items()):
            holder, _, name = who.partition("/")
            params = {**holders.named(holder, name), "PolicyArn": arn}
            only = {"ArnEquals": {"iam:PolicyARN": arn}}
            yield Step(f"detach_{holder}_policy", params, holder_arn, ("AttachedTo", who), only)
        for version in sorted(export["Versions"]):
            if version != export["Policy"]["DefaultVersionId"]:
                params = {"PolicyArn": arn, "VersionId": version}
                yield Step("delete_policy_version", params, arn, ("Versions", version))
        yield Step("delete_policy", {"PolicyArn": arn}, arn)

    def reads(self, target: Target, export: Export) -> Iterator[Permission]:
        yield from reads_of(target.params["policy_arn"], *_READS)
        for who, arn in sorted(export["AttachedTo"].items()):
            yield from reads_of(arn, _GETS[who.partition("/")[0]])

    def refuse(self, target: Target, export: Export, context: PlanContext) -> None:
        for arn in export["AttachedTo"].values():
            refuse_protected(arn, context)
        if export["BoundaryOf"]:
            raise Refused(words.bounds_somebody(target.label, export["BoundaryOf"]))

    def used(self, target: Target, export: Export, context: PlanContext) -> list[Observed]:  # noqa: ARG002
        return []

    def warnings(self, export: Export) -> Iterator[str]:
        if export["AttachedTo"]:
            yield words.holders_lose(sorted(export["AttachedTo"]))


def attached(read: Reader, which: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """`user/ann` and the ARN, which alone has the path, of everybody who has the policy attached."""
    for key, holder in _ENTITIES.items():
        for one in listed(read, "list_entities_for_policy", which, key):
            name = one[f"{holder.title()}Name"]
            found = asked(read, f"get_{holder}", holders.named(holder, name))
            if found is not None:
                yield f"{holder}/{name}", found[holder.title()]["Arn"]


def _version(read: Reader, which: Mapping[str, str], version: str) -> Export:
    found = read.call("iam", "get_policy_version", {**which, "VersionId": version}).data["PolicyVersion"]
    return {**dated(found, "CreateDate"), "Document": found["Document"]}
