"""R6: take out of a role's trust policy whom it must not let in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.policy.change import Document
from bot.policy.document import PolicyError
from bot.remediation import trust_policy
from bot.remediation.arns import account_of, refuse_protected, role_arn
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.denying import several
from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.iam import (
    change,
    planned,
    refuse_of_aws,
    role_name,
    role_of,
    size_of,
    text_of,
)
from bot.remediation.plan import Call, Plan, State, Target
from bot.remediation.words import roles as words

#: IAM User Guide, "IAM and AWS STS quotas": role trust policy length; up to 4,096 on request.
_MOST_CHARACTERS = 4_096


class RestrictTrust(Automated):
    """R6: without `principal`, other accounts, everybody, and identity providers of others go out.

    It holds for new sessions alone: those that are open go on (R5).
    """

    row = "R6"
    name = "restrict-trust"
    title = "Take somebody out of a role's trust policy"
    family = "credentials"
    order = 45
    wants = ("role",)
    optional = ("principal",)
    reads = ("iam:GetRole",)
    permissions = ("iam:UpdateAssumeRolePolicy", *reads)
    verb = "Take somebody out of the trust policy of"
    undo_verb = "Put back the trust policy of"
    undo_warning = words.TRUST_OPENS

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `role`, and `principal`: whom to take out, several with commas between them."""
        name = role_name(account_id, wanted.get("role", ""))
        params = {"role": name, "account_id": account_id, "region": region}
        if several(wanted.get("principal", "")):
            params["principal"] = ", ".join(several(wanted["principal"]))
        return Target(kind="role", id=role_arn(account_id, region, name), label=name, params=params)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Trust`: the trust policy as IAM shows it."""
        role = role_of(read, target)
        return {"Role": role["RoleName"], "Arn": role["Arn"], "Trust": role["AssumeRolePolicyDocument"]}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        target = target.model_copy(update={"id": state["Arn"]})
        refuse_protected(target.id, context)
        refuse_of_aws(target.id, target.label)
        try:
            gone, after = _taken_out(target, state["Trust"])
            dead = trust_policy.unique_ids(state["Trust"])
        except PolicyError as error:
            raise Refused(words.trust_not_understood(target.label, str(error))) from error
        wanted = {**state, "Trust": after}
        plan = planned(
            self,
            target,
            (state, wanted),
            [_write(target, wanted)],
            [_write(target, self.undone(state))],
            affected=_affected(target, gone, context),
            warnings=_warnings(after),
            irreversible=[words.dead_ids(dead)] if dead else (),
        )
        title = f"Take {', '.join(gone)} out of the trust policy of {target.label}"
        return plan.model_copy(update={"title": title})

    def undone(self, before: State) -> State:
        """Without those whom IAM has deleted: it would not take them back."""
        return {**before, "Trust": trust_policy.without_deleted(before["Trust"])}


def _taken_out(target: Target, trust: Document) -> tuple[Sequence[str], Document]:
    """Who goes, and what is left. Raises NothingToDo, Refused and PolicyError."""
    wanted = several(target.params.get("principal", ""))
    goes = trust_policy.named(wanted) if wanted else trust_policy.from_outside(target.params["account_id"])
    gone = trust_policy.let_in(trust, goes)
    if not gone:
        label = target.label
        raise NothingToDo(words.not_trusted(label, wanted) if wanted else words.only_insiders(label))
    after = trust_policy.without(trust, goes)
    if (size := size_of([after])) > _MOST_CHARACTERS:
        raise Refused(words.too_long(target.label, size, _MOST_CHARACTERS))
    return gone, after


def _write(target: Target, after: State) -> Call:
    params = {"RoleName": target.params["role"], "PolicyDocument": text_of(after["Trust"])}
    return change(target.id, "update_assume_role_policy", after, params)


def _affected(target: Target, gone: Sequence[str], context: PlanContext) -> Iterator[str]:
    yield from (words.loses_role(one, target.label) for one in gone)
    accounts = {account_of(one) or one for one in gone}
    for one in context.observed:
        if one.principal in gone or account_of(one.principal) in accounts - {target.params["account_id"]}:
            yield words.comes_in_no_more(one.principal, one.events)


def _warnings(after: Document) -> Iterator[str]:
    nobody = trust_policy.NOBODY in after["Statement"]
    yield words.NOBODY_LEFT if nobody else words.OTHERS_STAY
    yield words.SESSIONS_GO_ON
    yield words.WHOLE_DOCUMENT


REMEDIATION = RestrictTrust()
