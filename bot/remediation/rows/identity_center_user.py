"""R9: a person of IAM Identity Center, disabled by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from bot.aws.errors import AwsRefused
from bot.remediation.arns import partition
from bot.remediation.contract import Guided, PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.guided import Guide, by_hand
from bot.remediation.plan import Permission, Plan, State, Target
from bot.remediation.words import from_above as words
from bot.remediation.words.by_hand import WHEN_DONE

_NAME = re.compile(r"[\x21-\x7e]{1,128}", re.ASCII)
_READS = ("sso:ListInstances", "identitystore:GetUserId", "identitystore:DescribeUser")


class IdentityCenterUser(Guided):
    """R9: no call disables a user of Identity Center or ends its sessions; DescribeUser shows the status.

    Source: IAM Identity Center User Guide, "Disable user access", "End active sessions"; Identity Store API
    Reference, DescribeUser (UserStatus).
    """

    row = "R9"
    name = "identity-center-user"
    title = "Disable an Identity Center user and end its sessions"
    family = "credentials"
    order = 350
    wants = ("user",)
    permissions = _READS
    verb = "Disable"

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `user`: the user name, which is also the name of its sessions."""
        name = wanted.get("user", "")
        if not _NAME.fullmatch(name):
            raise BadTarget(words.not_a_user(name))
        return Target(
            kind="identity_center_user",
            id=f"arn:{partition(region)}:identitystore::{account_id}:user/{name}",
            label=name,
            params={"user": name, "account_id": account_id, "region": region},
        )

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Status`: ENABLED or DISABLED, None where AWS does not show it."""
        name, region = target.params["user"], target.params["region"]
        try:
            store = _store(read, target)
            unique = {"AttributePath": "userName", "AttributeValue": name}
            wanted = {"IdentityStoreId": store, "AlternateIdentifier": {"UniqueAttribute": unique}}
            user = read.call("identitystore", "get_user_id", wanted, region).data["UserId"]
            found = read.call(
                "identitystore", "describe_user", {"IdentityStoreId": store, "UserId": user}, region
            ).data
        except AwsRefused as error:
            if error.code == "ResourceNotFoundException":
                raise TargetMissing(words.no_such_person(name)) from error
            if error.code.startswith("AccessDenied"):
                raise Refused(words.cannot_see_center(region, str(error))) from error
            raise
        status = found.get("UserStatus")
        return {"IdentityStore": store, "User": name, "UserId": user, "Status": status}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        if state["Status"] == "DISABLED":
            raise NothingToDo(words.disabled_already(target.label))
        if state["Status"] is None:
            raise Refused(words.no_status(target.label))
        guide = Guide(
            steps=(
                words.disable(target.label, state["UserId"]),
                words.END_SESSIONS,
                words.deny_issued(state["UserId"], _seconds(context.now)),
                WHEN_DONE,
            ),
            affected=(words.cannot_sign_in(target.label),),
            warnings=(words.SESSIONS_GO_ON, words.EXTERNAL_PROVIDER),
            irreversible=(words.ENABLE_AGAIN,),
        )
        reads = [Permission(action=action, resource="*") for action in _READS]
        title = f"Disable the Identity Center user {target.label}"
        return by_hand(self, target, (state, {**state, "Status": "DISABLED"}), title, guide, reads)


def _store(read: Reader, target: Target) -> str:
    """The identity store of the Region's instance. Raises Refused where none is seen."""
    region = target.params["region"]
    instances = read.call("sso-admin", "list_instances", {}, region).data["Instances"]
    if not instances:
        raise Refused(words.cannot_see_center(region, ""))
    store: str = instances[0]["IdentityStoreId"]
    return store


def _seconds(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


REMEDIATION = IdentityCenterUser()
