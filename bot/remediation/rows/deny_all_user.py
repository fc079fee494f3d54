"""R2: deny everything to an IAM user."""

from __future__ import annotations

from collections.abc import Mapping

from bot.remediation import sentences
from bot.remediation.arns import partition, refuse_protected, user_arn
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.users import affected_by, arn_of, observed_of, reads, resource, user_name

#: IAM's quota "Managed policies attached to an IAM user", unless the account raised it (up to 20).
_ATTACHED_QUOTA = 10


class DenyAllUser(Automated):
    """R2: attach AWSDenyAll, AWS's own policy that denies every action.

    It also holds for the sessions the user opened with GetSessionToken and GetFederationToken, which inherit
    the user's policies, and it beats every Allow (IAM User Guide, "Policy evaluation logic").
    """

    row = "R2"
    name = "deny-all-user"
    title = "Deny everything to an IAM user"
    family = "credentials"
    order = 10
    wants = ("user",)
    permissions = (
        "iam:AttachUserPolicy",
        "iam:DetachUserPolicy",
        "iam:GetUser",
        "iam:ListAttachedUserPolicies",
    )
    verb = "Deny everything to"
    undo_verb = "Lift the deny from"
    undo_warning = sentences.USER_COMES_BACK
    #: The policy of AWS that is attached, the state's name for it, and what the approver must know.
    policy = "AWSDenyAll"
    flag = "DenyAllAttached"
    warnings: tuple[str, ...] = (sentences.ROLES_STAY,)

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `user`, a name or an ARN."""
        name = user_name(account_id, wanted)
        return Target(
            kind="user",
            id=user_arn(account_id, region, name),
            label=name,
            params={"user": name, "account_id": account_id, "region": region},
        )

    def snapshot(self, read: Reader, target: Target) -> State:
        """`RoomForPolicy`: the policy is attached, or the quota leaves room for it."""
        name = target.params["user"]
        arn = arn_of(read, target)
        attached = read.call("iam", "list_attached_user_policies", {"UserName": name}).data[
            "AttachedPolicies"
        ]
        denied = any(policy["PolicyArn"] == self._arn(target) for policy in attached)
        room = denied or len(attached) < _ATTACHED_QUOTA or len(attached) < _quota(read)
        return {"User": name, "Arn": arn, self.flag: denied, "RoomForPolicy": room}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        target = target.model_copy(update={"id": state["Arn"]})
        refuse_protected(target.id, context)
        if state[self.flag]:
            raise NothingToDo(sentences.already_attached(target.label, self.policy))
        if not state["RoomForPolicy"]:
            raise Refused(sentences.no_room(target.label, self.policy))
        after = {**state, self.flag: True}
        return Plan(
            remediation=self.row,
            title=f"{self.verb} the IAM user {target.label}",
            verb=self.verb,
            account_id=target.params["account_id"],
            region=target.params["region"],
            target=target,
            calls=(self._call(target, "attach_user_policy", "iam:AttachUserPolicy", after),),
            undo=(self._call(target, "detach_user_policy", "iam:DetachUserPolicy", state),),
            base_hash=state_hash(state),
            before=state,
            after=after,
            reads=reads(target, "iam:GetUser", "iam:ListAttachedUserPolicies"),
            affected=affected_by(observed_of(target.id, context)),
            warnings=self.warnings,
        )

    def _call(self, target: Target, operation: str, action: str, after: State) -> Call:
        policy = self._arn(target)
        # Without the condition, the same permission would attach any policy: AdministratorAccess as well.
        only = {"ArnEquals": {"iam:PolicyARN": policy}}
        return Call(
            service="iam",
            operation=operation,
            params={"UserName": target.params["user"], "PolicyArn": policy},
            after=state_hash(after),
            permissions=(Permission(action=action, resource=resource(target), condition=only),),
        )

    def _arn(self, target: Target) -> str:
        return f"arn:{partition(target.params['region'])}:iam::aws:policy/{self.policy}"


def _quota(read: Reader) -> int:
    summary = read.call("iam", "get_account_summary", {}).data["SummaryMap"]
    return int(summary.get("AttachedPoliciesPerUserQuota", _ATTACHED_QUOTA))


REMEDIATION = DenyAllUser()
