"""R8: remove a user's console password."""

from __future__ import annotations

from collections.abc import Mapping

from bot.aws.errors import AwsRefused
from bot.remediation.arns import refuse_protected, user_arn
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.errors import NothingToDo
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.rows import wording
from bot.remediation.users import affected_by, arn_of, observed_of, reads, resource, user_name


class RemoveConsolePassword(Automated):
    """R8: delete the login profile. IAM shows nobody the password, so that nothing can put it back.

    What IAM shows of it (since when it is there, whether it had to be changed) stays in the plan.
    """

    row = "R8"
    name = "remove-console-password"
    title = "Remove a user's console password"
    family = "credentials"
    order = 40
    wants = ("user",)
    permissions = ("iam:DeleteLoginProfile", "iam:GetUser", "iam:GetLoginProfile")
    reversible = False
    undo_verb = "Nothing gives back the console password of"
    undo_warning = wording.NEVER_PUT_BACK

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `user`, a name or an ARN."""
        name = user_name(account_id, wanted)
        params = {"user": name, "account_id": account_id, "region": region}
        return Target(kind="user", id=user_arn(account_id, region, name), label=name, params=params)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`LoginProfile`: None where the user has no password."""
        name = target.params["user"]
        return {"User": name, "Arn": arn_of(read, target), "LoginProfile": _profile(read, name)}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        target = target.model_copy(update={"id": state["Arn"]})
        refuse_protected(target.id, context)
        if state["LoginProfile"] is None:
            raise NothingToDo(wording.no_password(target.label))
        after = {**state, "LoginProfile": None}
        call = Call(
            service="iam",
            operation="delete_login_profile",
            params={"UserName": target.params["user"]},
            after=state_hash(after),
            permissions=(Permission(action="iam:DeleteLoginProfile", resource=resource(target)),),
        )
        return Plan(
            remediation=self.row,
            title=f"Remove the console password of {target.label}",
            verb="Remove the console password of",
            account_id=target.params["account_id"],
            region=target.params["region"],
            target=target,
            calls=(call,),
            undo=(),
            base_hash=state_hash(state),
            before=state,
            after=after,
            reads=reads(target, "iam:GetUser", "iam:GetLoginProfile"),
            affected=affected_by(observed_of(target.id, context)),
            irreversible=(wording.NEVER_PUT_BACK,),
            warnings=(wording.OPEN_CONSOLES_STAY, wording.KEYS_STAY),
        )


def _profile(read: Reader, user: str) -> State | None:
    try:
        profile = read.call("iam", "get_login_profile", {"UserName": user}).data["LoginProfile"]
    except AwsRefused as error:
        if error.code == "NoSuchEntity":
            return None
        raise
    return {
        "CreateDate": profile["CreateDate"].isoformat(),
        "PasswordResetRequired": bool(profile.get("PasswordResetRequired")),
    }


REMEDIATION = RemoveConsolePassword()
