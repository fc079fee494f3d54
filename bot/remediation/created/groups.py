"""A group with its members and policies (IAM API Reference, DeleteGroup; domain R10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.remediation.arns import partition
from bot.remediation.contract import Observed, PlanContext, Reader
from bot.remediation.created import holders
from bot.remediation.created.thing import Export, Step, dated
from bot.remediation.errors import BadTarget
from bot.remediation.iam import asked, group_name, listed, reads_of
from bot.remediation.plan import Permission, Target
from bot.remediation.users import observed_of
from bot.remediation.words import deletions as words

_READS = ("iam:GetGroup", *holders.reading("group"))


class CreatedGroup:
    """Its members leave it, then its policies go, then the group."""

    kind = "group"
    wants = ("group",)
    permissions = ("iam:DeleteGroup", "iam:RemoveUserFromGroup", *holders.deleting("group"), *_READS)

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        name = group_name(wanted.get("group", ""))
        if name is None:
            raise BadTarget(words.not_a_name(wanted.get("group", "")))
        arn = f"arn:{partition(region)}:iam::{account_id}:group/{name}"
        params = {"group": name, "account_id": account_id, "region": region}
        return Target(kind="group", id=arn, label=f"group {name}", params=params)

    def export(self, read: Reader, target: Target) -> Export | None:
        who = {"GroupName": target.params["group"]}
        answer = asked(read, "get_group", who)
        if answer is None:
            return None
        members = listed(read, "get_group", who, "Users")
        return {
            "Group": dated(answer["Group"], "Arn", "GroupId", "Path", "CreateDate"),
            "Members": {one["UserName"]: one["Arn"] for one in members},
            **holders.policies(read, "group", who["GroupName"]),
        }

    def created(self, export: Export) -> str | None:
        return str(export["Group"]["CreateDate"])

    def steps(self, target: Target, export: Export) -> Iterator[Step]:
        name, arn = target.params["group"], export["Group"]["Arn"]
        yield from holders.policy_steps("group", name, arn, export)
        for member in sorted(export["Members"]):
            params = {"GroupName": name, "UserName": member}
            yield Step("remove_user_from_group", params, arn, ("Members", member))
        yield Step("delete_group", {"GroupName": name}, arn)

    def reads(self, target: Target, export: Export) -> Iterator[Permission]:  # noqa: ARG002
        yield from reads_of(export["Group"]["Arn"], *_READS)

    def refuse(self, target: Target, export: Export, context: PlanContext) -> None:
        """A group may go whoever is in it: its members stay."""

    def used(self, target: Target, export: Export, context: PlanContext) -> list[Observed]:  # noqa: ARG002
        return [one for arn in export["Members"].values() for one in observed_of(arn, context)]

    def warnings(self, export: Export) -> Iterator[str]:
        if export["Members"]:
            yield words.members_lose(sorted(export["Members"]))
