"""A role with its policies (IAM API Reference, DeleteRole; domain R10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.remediation.arns import is_role, refuse_protected, role_arn
from bot.remediation.contract import Observed, PlanContext, Reader
from bot.remediation.created import holders
from bot.remediation.created.thing import Export, Step, dated
from bot.remediation.iam import asked, listed, reads_of, refuse_of_aws, role_name
from bot.remediation.plan import Permission, Target
from bot.remediation.words import deletions as words

_READS = ("iam:GetRole", "iam:ListInstanceProfilesForRole", *holders.reading("role"))
_KEPT = ("Arn", "RoleId", "Path", "CreateDate", "Description", "MaxSessionDuration", "Tags")


class CreatedRole:
    """What allows goes first, then what denies, then its place in instance profiles, then the role."""

    kind = "role"
    wants = ("role",)
    permissions = (
        *("iam:DeleteRole", "iam:RemoveRoleFromInstanceProfile"),
        *(*holders.deleting("role"), *_READS),
    )

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        name = role_name(account_id, wanted.get("role", ""))
        params = {"role": name, "account_id": account_id, "region": region}
        return Target(kind="role", id=role_arn(account_id, region, name), label=f"role {name}", params=params)

    def export(self, read: Reader, target: Target) -> Export | None:
        who = {"RoleName": target.params["role"]}
        answer = asked(read, "get_role", who)
        if answer is None:
            return None
        role = {
            **dated(answer["Role"], *_KEPT),
            "AssumeRolePolicyDocument": answer["Role"]["AssumeRolePolicyDocument"],
        }
        profiles = listed(read, "list_instance_profiles_for_role", who, "InstanceProfiles")
        return {
            "Role": role,
            **holders.policies(read, "role", who["RoleName"]),
            "InstanceProfiles": {one["InstanceProfileName"]: one["Arn"] for one in profiles},
        }

    def created(self, export: Export) -> str | None:
        return str(export["Role"]["CreateDate"])

    def steps(self, target: Target, export: Export) -> Iterator[Step]:
        name, arn = target.params["role"], export["Role"]["Arn"]
        yield from holders.policy_steps("role", name, arn, export)
        for profile, profile_arn in sorted(export["InstanceProfiles"].items()):
            params = {"RoleName": name, "InstanceProfileName": profile}
            step = ("InstanceProfiles", profile)
            yield Step("remove_role_from_instance_profile", params, profile_arn, step)
        yield Step("delete_role", {"RoleName": name}, arn)

    def reads(self, target: Target, export: Export) -> Iterator[Permission]:  # noqa: ARG002
        yield from reads_of(export["Role"]["Arn"], *_READS)

    def refuse(self, target: Target, export: Export, context: PlanContext) -> None:
        refuse_protected(export["Role"]["Arn"], context)
        refuse_of_aws(export["Role"]["Arn"], target.label)

    def used(self, target: Target, export: Export, context: PlanContext) -> list[Observed]:  # noqa: ARG002
        return [one for one in context.observed if is_role(one.principal, export["Role"]["Arn"])]

    def warnings(self, export: Export) -> Iterator[str]:
        if export["InstanceProfiles"]:
            yield words.instances_lose(sorted(export["InstanceProfiles"]))
        yield words.CHAINED_GO_ON
