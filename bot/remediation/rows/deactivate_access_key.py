"""R1: deactivate an access key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.remediation import sentences
from bot.remediation.arns import refuse_protected, user_arn
from bot.remediation.contract import Automated, Observed, PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo, TargetMissing
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.users import affected_by, arn_of, observed_of, reads, resource, user_name

_KEY_ID = re.compile(r"[A-Z0-9]{16,128}")


class DeactivateAccessKey(Automated):
    """R1: set one access key to Inactive. Deleting it would lose its history, and could not be undone."""

    row = "R1"
    name = "deactivate-access-key"
    title = "Deactivate an access key"
    family = "credentials"
    order = 20
    wants = ("user", "access_key_id")
    permissions = ("iam:UpdateAccessKey", "iam:GetUser", "iam:ListAccessKeys")
    undo_verb = "Reactivate"
    undo_warning = sentences.KEY_COMES_BACK

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `user`, a name or an ARN, and `access_key_id`. Keys have no ARN: `id` is the user's."""
        name, key = user_name(account_id, wanted), wanted.get("access_key_id", "")
        if not _KEY_ID.fullmatch(key):
            raise BadTarget(sentences.not_a_key(key))
        if key.startswith("ASIA"):
            raise BadTarget(sentences.temporary_key(key))
        params = {"user": name, "access_key_id": key, "account_id": account_id, "region": region}
        arn = user_arn(account_id, region, name)
        return Target(kind="access_key", id=arn, label=f"access key {key} of {name}", params=params)

    def snapshot(self, read: Reader, target: Target) -> State:
        name, key = target.params["user"], target.params["access_key_id"]
        arn = arn_of(read, target)
        keys = read.call("iam", "list_access_keys", {"UserName": name}).data["AccessKeyMetadata"]
        status = {one["AccessKeyId"]: one["Status"] for one in keys}.get(key)
        if status is None:
            raise TargetMissing(sentences.no_such_key(key, name))
        return {"UserName": name, "Arn": arn, "AccessKeyId": key, "Status": status}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        target = target.model_copy(update={"id": state["Arn"]})
        key = target.params["access_key_id"]
        refuse_protected(target.id, context)
        if state["Status"] == "Inactive":
            raise NothingToDo(sentences.already_inactive(key))
        after = {**state, "Status": "Inactive"}
        used = observed_of(target.id, context)
        return Plan(
            remediation=self.row,
            title=f"Deactivate the {target.label}",
            verb="Deactivate",
            account_id=target.params["account_id"],
            region=target.params["region"],
            target=target,
            calls=(self._call(target, after),),
            undo=(self._call(target, state),),
            base_hash=state_hash(state),
            before=state,
            after=after,
            reads=reads(target, "iam:GetUser", "iam:ListAccessKeys"),
            affected=affected_by([one for one in used if one.access_key_id == key]),
            warnings=(sentences.SESSIONS_STAY, *_other_ways(target.params["user"], key, used)),
        )

    def _call(self, target: Target, after: State) -> Call:
        key = target.params["access_key_id"]
        return Call(
            service="iam",
            operation="update_access_key",
            params={"UserName": target.params["user"], "AccessKeyId": key, "Status": after["Status"]},
            after=state_hash(after),
            permissions=(Permission(action="iam:UpdateAccessKey", resource=resource(target)),),
        )


def _other_ways(user: str, key: str, used: Sequence[Observed]) -> Iterator[str]:
    others = sorted({one.access_key_id for one in used if one.access_key_id} - {key})
    if others:
        yield sentences.other_keys(user, others)
    yield sentences.OTHER_WAYS


REMEDIATION = DeactivateAccessKey()
