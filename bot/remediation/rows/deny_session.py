"""R7: deny one session of a role in a bucket, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from bot.policy.denials import deny_user_id
from bot.remediation import denying
from bot.remediation.arns import account_of, partition, refuse_protected
from bot.remediation.buckets import BucketRow, feel_it
from bot.remediation.contract import Observed, PlanContext, Reader
from bot.remediation.errors import BadTarget, TargetMissing
from bot.remediation.iam import asked, listed, role_name
from bot.remediation.plan import Permission, Plan, State, Target
from bot.remediation.rows import wording
from bot.remediation.words import roles as words

_SESSION = re.compile(r"arn:[\w-]+:sts::\d{12}:assumed-role/([\w+=,.@-]+)/([\w+=,.@-]+)", re.ASCII)
_USER_ID = re.compile(r"(AROA[A-Z0-9]{8,}):([\w+=,.@-]{2,64})", re.ASCII)


class DenySession(BucketRow):
    """R7: a Deny on the condition that aws:userid is this session's: the role's unique id and the name.

    The id is asked of IAM where the session is named by its ARN: a role that is deleted and made again under
    the same name has another one. Who opens a session of another name gets in again.
    """

    row = "R7"
    name = "deny-session"
    title = "Deny one session of a role everything in a bucket"
    family = "bucket policy"
    order = 48
    wants = ("bucket", "session")
    reads = denying.READS
    permissions = (*denying.PERMISSIONS, "iam:GetRole", "iam:ListRoles")
    verb = "Deny a session in the policy of"
    undo_verb = "Let in again the session that was denied in the policy of"
    undo_warning = words.SESSION_COMES_BACK

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`, and `session`: its ARN in this account, or `AROA...:name` of any account."""
        bucket, session = super().target(account_id, region, wanted), wanted.get("session", "")
        own = _SESSION.fullmatch(session) and account_of(session) == account_id
        if not own and not _USER_ID.fullmatch(session):
            raise BadTarget(words.not_a_session(session, account_id))
        return bucket.model_copy(update={"params": {**bucket.params, "session": session}})

    def snapshot(self, read: Reader, target: Target) -> State:
        """`UserId`: of the session. `Role`: its role's ARN, None where it is of another account."""
        state = denying.snapshot(read, target)
        user_id, role = _found(read, target)
        return {**state, "UserId": user_id, "Role": role}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        session, user_id = target.params["session"], state["UserId"]
        if state["Role"]:
            refuse_protected(state["Role"], context)
        # No other role has this unique id, and the role itself is none that must stay.
        sure = replace(context, known={**context.known, "aws:userid": "AROAOFANOTHERROLE:session"})
        plan = denying.plan(
            self,
            target,
            state,
            sure,
            partial(deny_user_id, user_id=user_id),
            affected=feel_it([one for one in context.observed if _means(session, state["Role"], one)]),
            warnings=(words.ENDS_BY_ITSELF, words.NEXT_SESSION, wording.COPIES_ARE_NOT_DENIED),
        )
        title = f"Deny the session {user_id} everything in {target.label}"
        reads = (*plan.reads, _role_read(target, state))
        return plan.model_copy(update={"title": title, "reads": reads})


def _found(read: Reader, target: Target) -> tuple[str, str | None]:
    """The session's aws:userid, and the ARN of its role where the account has it."""
    session = target.params["session"]
    if known := _USER_ID.fullmatch(session):
        roles = listed(read, "list_roles", {}, "Roles")
        return session, next((one["Arn"] for one in roles if one["RoleId"] == known[1]), None)
    role = role_name(target.params["account_id"], session)
    answer = asked(read, "get_role", {"RoleName": role})
    if answer is None:
        raise TargetMissing(wording.no_such_role(role, target.params["account_id"]))
    return f"{answer['Role']['RoleId']}:{session.rsplit('/', 1)[-1]}", answer["Role"]["Arn"]


def _role_read(target: Target, state: State) -> Permission:
    if _USER_ID.fullmatch(target.params["session"]):
        account = f"arn:{partition(target.params['region'])}:iam::{target.params['account_id']}"
        return Permission(action="iam:ListRoles", resource=f"{account}:role/")
    return Permission(action="iam:GetRole", resource=state["Role"])


def _means(session: str, role: str | None, one: Observed) -> bool:
    name = re.split(r"[:/]", session)[-1]
    if session.startswith("arn:"):
        return one.principal == session
    inside = role is None or f":assumed-role/{role.rsplit('/', 1)[-1]}/" in one.principal
    return inside and one.principal.endswith(f"/{name}")


REMEDIATION = DenySession()
