"""R26: delete an access grant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.policy.wildcard import literal
from bot.remediation.arns import partition
from bot.remediation.buckets import plan_of
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.words import access_points as words

_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_CONTENT = (
    *("AccessGrantsLocationId", "AccessGrantsLocationConfiguration", "Grantee", "Permission"),
    *("GrantScope", "ApplicationArn"),
)


class DeleteAccessGrant(Automated):
    """R26: one grant of S3 Access Grants, found by its id when planned and by what it grants from then on.

    No two grants say the same, so that one which the undo makes again is known by its content: its id is new.
    Source: S3 Control API Reference, DeleteAccessGrant, ListAccessGrants.
    """

    row = "R26"
    name = "delete-access-grant"
    title = "Delete an access grant"
    family = "access points"
    order = 106
    wants = ("grant",)
    reads = ("s3:ListAccessGrants",)
    permissions = ("s3:DeleteAccessGrant", "s3:CreateAccessGrant", *reads)
    verb = "Delete the access grant"
    undo_verb = "Make again the access grant"
    undo_warning = words.GRANT_AGAIN

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `grant`: the id of an access grant in this Region."""
        grant = wanted.get("grant", "")
        if not _ID.fullmatch(grant):
            raise BadTarget(words.not_a_grant(grant))
        params = {"grant": grant, "account_id": account_id, "region": region}
        arn = f"{_instance(account_id, region)}/grant/{grant}"
        return Target(kind="access_grant", id=arn, label=grant, params=params)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Grant`: what it grants, without its id and date; None where there is no such grant."""
        content = json.loads(target.params["content"]) if "content" in target.params else None
        for one in _grants(read, target, content):
            found = {name: one[name] for name in _CONTENT if name in one}
            if found == content or (content is None and one["AccessGrantId"] == target.params["grant"]):
                return {"Grant": found}
        return {"Grant": None}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG002
        content = state["Grant"]
        if content is None:
            raise NothingToDo(words.no_such_grant(target.label))
        told = json.dumps(content, sort_keys=True, separators=(",", ":"))
        instance = _instance(target.params["account_id"], target.params["region"])
        location = f"{instance}/location/{content['AccessGrantsLocationId']}"
        more = {"content": told, "location": location}
        target = target.model_copy(update={"params": {**target.params, **more}})
        plan = plan_of(
            self,
            target,
            (state, {"Grant": None}),
            [_delete(target)],
            [_create(target, content)],
            affected=(words.grants(content),),
            warnings=(words.credentials_live(content["AccessGrantsLocationId"]),),
            irreversible=(words.NEW_ID,),
        )
        return plan.model_copy(update={"reads": (Permission(action=self.reads[0], resource=instance),)})


def _instance(account_id: str, region: str) -> str:
    return f"arn:{partition(region)}:s3:{region}:{account_id}:access-grants/default"


def _grants(read: Reader, target: Target, content: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """All grants, or those that may be the one which is known by its content."""
    asked: dict[str, Any] = {"AccountId": target.params["account_id"]}
    if content is not None:
        asked |= {
            **content["Grantee"],
            "Permission": content["Permission"],
            "GrantScope": content["GrantScope"],
        }
    while True:
        page = read.call("s3control", "list_access_grants", asked, target.params["region"]).data
        yield from page.get("AccessGrantsList", ())
        if not page.get("NextToken"):
            return
        asked["NextToken"] = page["NextToken"]


def _delete(target: Target) -> Call:
    params = {"AccountId": target.params["account_id"], "AccessGrantId": target.params["grant"]}
    permission = Permission(action="s3:DeleteAccessGrant", resource=literal(target.id))
    return _call("delete_access_grant", params, {"Grant": None}, permission)


def _create(target: Target, content: Mapping[str, Any]) -> Call:
    params = {name: value for name, value in content.items() if name != "GrantScope"}
    if not content["GrantScope"].endswith("*"):
        params["S3PrefixType"] = "Object"
    permission = Permission(action="s3:CreateAccessGrant", resource=target.params["location"])
    return _call(
        "create_access_grant",
        {"AccountId": target.params["account_id"], **params},
        {"Grant": dict(content)},
        permission,
    )


def _call(operation: str, params: dict[str, Any], after: State, permission: Permission) -> Call:
    return Call(
        service="s3control",
        operation=operation,
        params=params,
        after=state_hash(after),
        permissions=(permission,),
    )


REMEDIATION = DeleteAccessGrant()
