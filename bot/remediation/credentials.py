"""IAM users and their access keys: the first thing to contain when a key has leaked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.aws.errors import AwsRefused
from bot.policy.wildcard import literal
from bot.remediation import sentences
from bot.remediation.arns import account_of, is_user, partition, refuse_protected, user_arn
from bot.remediation.contract import Mode, Observed, PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash

_USER_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_KEY_ID = re.compile(r"[A-Z0-9]{16,128}")

#: IAM's quota "Managed policies attached to an IAM user", unless the account raised it (up to 20).
_ATTACHED_QUOTA = 10


class DenyAllUser:
    """R2: attach AWSDenyAll, AWS's own policy that denies every action.

    It also holds for the sessions the user opened with GetSessionToken and GetFederationToken, which inherit
    the user's policies, and it beats every Allow (IAM User Guide, "Policy evaluation logic").
    """

    row = "R2"
    name = "deny-all-user"
    title = "Deny everything to an IAM user"
    family = "credentials"
    mode: Mode = "automated"
    reversible = True
    approvals = 1
    undo_verb = "Lift the deny from"
    undo_warning = sentences.USER_COMES_BACK

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `user`, a name or an ARN."""
        name = _user_name(account_id, wanted)
        return Target(
            kind="user",
            id=user_arn(account_id, region, name),
            label=name,
            params={"user": name, "account_id": account_id, "region": region},
        )

    def snapshot(self, read: Reader, target: Target) -> State:
        """`RoomForPolicy`: AWSDenyAll is attached, or the quota leaves room for it."""
        name = target.params["user"]
        arn = _arn_of(read, target)
        attached = read.call("iam", "list_attached_user_policies", {"UserName": name}).data[
            "AttachedPolicies"
        ]
        denied = any(policy["PolicyArn"] == _deny_all(target) for policy in attached)
        room = denied or len(attached) < _ATTACHED_QUOTA or len(attached) < _quota(read)
        return {"User": name, "Arn": arn, "DenyAllAttached": denied, "RoomForPolicy": room}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        target = target.model_copy(update={"id": state["Arn"]})
        refuse_protected(target.id, context)
        if state["DenyAllAttached"]:
            raise NothingToDo(sentences.already_denied(target.label))
        if not state["RoomForPolicy"]:
            raise Refused(sentences.no_room(target.label))
        after = {**state, "DenyAllAttached": True}
        return Plan(
            remediation=self.row,
            title=f"Deny everything to the IAM user {target.label}",
            verb="Deny everything to",
            account_id=target.params["account_id"],
            region=target.params["region"],
            target=target,
            calls=(self._call(target, "attach_user_policy", "iam:AttachUserPolicy", after),),
            undo=(self._call(target, "detach_user_policy", "iam:DetachUserPolicy", state),),
            base_hash=state_hash(state),
            before=state,
            after=after,
            reads=_reads(target, "iam:GetUser", "iam:ListAttachedUserPolicies"),
            affected=_affected(observed_of(target.id, context)),
            warnings=(sentences.ROLES_STAY,),
        )

    def _call(self, target: Target, operation: str, action: str, after: State) -> Call:
        policy = _deny_all(target)
        # Without the condition, the same permission would attach any policy: AdministratorAccess as well.
        only = {"ArnEquals": {"iam:PolicyARN": policy}}
        return Call(
            service="iam",
            operation=operation,
            params={"UserName": target.params["user"], "PolicyArn": policy},
            after=state_hash(after),
            permissions=(Permission(action=action, resource=_resource(target), condition=only),),
        )


class DeactivateAccessKey:
    """R1: set one access key to Inactive. Deleting it would lose its history, and could not be undone."""

    row = "R1"
    name = "deactivate-access-key"
    title = "Deactivate an access key"
    family = "credentials"
    mode: Mode = "automated"
    reversible = True
    approvals = 1
    undo_verb = "Reactivate"
    undo_warning = sentences.KEY_COMES_BACK

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `user`, a name or an ARN, and `access_key_id`. Keys have no ARN: `id` is the user's."""
        name, key = _user_name(account_id, wanted), wanted.get("access_key_id", "")
        if not _KEY_ID.fullmatch(key):
            raise BadTarget(sentences.not_a_key(key))
        if key.startswith("ASIA"):
            raise BadTarget(sentences.temporary_key(key))
        params = {"user": name, "access_key_id": key, "account_id": account_id, "region": region}
        arn = user_arn(account_id, region, name)
        return Target(kind="access_key", id=arn, label=f"access key {key} of {name}", params=params)

    def snapshot(self, read: Reader, target: Target) -> State:
        name, key = target.params["user"], target.params["access_key_id"]
        arn = _arn_of(read, target)
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
            reads=_reads(target, "iam:GetUser", "iam:ListAccessKeys"),
            affected=_affected([one for one in used if one.access_key_id == key]),
            warnings=(sentences.SESSIONS_STAY, *_other_ways(target.params["user"], key, used)),
        )

    def _call(self, target: Target, after: State) -> Call:
        key = target.params["access_key_id"]
        return Call(
            service="iam",
            operation="update_access_key",
            params={"UserName": target.params["user"], "AccessKeyId": key, "Status": after["Status"]},
            after=state_hash(after),
            permissions=(Permission(action="iam:UpdateAccessKey", resource=_resource(target)),),
        )


def observed_of(arn: str, context: PlanContext) -> list[Observed]:
    """What the evidence saw of one user."""
    return [one for one in context.observed if is_user(one.principal, arn)]


def _affected(used: Sequence[Observed]) -> tuple[str, ...]:
    if not used:
        return (sentences.NOBODY_SEEN,)
    # Whoever is not the suspect comes first: that is what an approver must not overlook.
    ordered = sorted(used, key=lambda one: (one.label == "suspect", -one.events))
    return tuple(sentences.use_stops(one) for one in ordered)


def _other_ways(user: str, key: str, used: Sequence[Observed]) -> Iterator[str]:
    others = sorted({one.access_key_id for one in used if one.access_key_id} - {key})
    if others:
        yield sentences.other_keys(user, others)
    yield sentences.OTHER_WAYS


def _user_name(account_id: str, wanted: Mapping[str, str]) -> str:
    given = wanted.get("user", "")
    if given.startswith("arn:"):
        if account_of(given) != account_id or ":user/" not in given:
            raise BadTarget(sentences.other_account(given, account_id))
        given = given.rsplit("/", 1)[-1]
    if not _USER_NAME.fullmatch(given):
        raise BadTarget(sentences.not_a_user(given))
    return given


def _arn_of(read: Reader, target: Target) -> str:
    """The user's ARN with its path, which only IAM knows."""
    name = target.params["user"]
    try:
        arn: str = read.call("iam", "get_user", {"UserName": name}).data["User"]["Arn"]
    except AwsRefused as error:
        if error.code == "NoSuchEntity":
            raise TargetMissing(sentences.no_such_user(name, target.params["account_id"])) from error
        raise
    return arn


def _quota(read: Reader) -> int:
    summary = read.call("iam", "get_account_summary", {}).data["SummaryMap"]
    return int(summary.get("AttachedPoliciesPerUserQuota", _ATTACHED_QUOTA))


def _deny_all(target: Target) -> str:
    return f"arn:{partition(target.params['region'])}:iam::aws:policy/AWSDenyAll"


def _reads(target: Target, *actions: str) -> tuple[Permission, ...]:
    return tuple(Permission(action=action, resource=_resource(target)) for action in actions)


def _resource(target: Target) -> str:
    """The ARN as a policy's Resource, every character for itself: a user's path may hold `*` or `${...}`."""
    return literal(target.id)
