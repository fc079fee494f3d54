"""One way in which rights are given, and how they are taken back; and who holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.remediation.arns import is_role, partition, refuse_protected
from bot.remediation.buckets import feel_it
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.created.holders import named
from bot.remediation.errors import BadTarget, TargetMissing
from bot.remediation.iam import asked, group_name, refuse_of_aws, role_name
from bot.remediation.plan import Plan, State, Target
from bot.remediation.users import affected_by, observed_of, user_name
from bot.remediation.words import rights as words

HOLDERS = ("user", "role", "group")


class Form(Protocol):
    """One way of giving rights. `ways` are the sets of parameters that a target of it may have."""

    @property
    def ways(self) -> tuple[frozenset[str], ...]: ...
    @property
    def permissions(self) -> tuple[str, ...]: ...

    def target(self, account_id: str, region: str, given: Mapping[str, str]) -> Target: ...

    def snapshot(self, read: Reader, target: Target) -> State: ...

    def plan(self, row: Any, target: Target, state: State, context: PlanContext) -> Plan: ...


@dataclass(frozen=True)
class Holder:
    """A user, role or group: `kind` says which."""

    kind: str
    name: str

    @property
    def params(self) -> dict[str, str]:
        """IAM's parameter for it."""
        return named(self.kind, self.name)

    @property
    def label(self) -> str:
        return f"{self.kind} {self.name}"

    def action(self, verb: str, what: str) -> str:
        """`attach_user_policy`."""
        return f"{verb}_{self.kind}_{what}"

    def arn_of(self, read: Reader, account_id: str) -> str:
        """Its ARN with the path, which only IAM knows. Raises TargetMissing and AwsError."""
        answer = asked(read, f"get_{self.kind}", self.params)
        if answer is None:
            raise TargetMissing(words.no_holder(self.label, account_id))
        arn: str = answer[self.kind.title()]["Arn"]
        return arn


def ways(*more: str) -> tuple[frozenset[str], ...]:
    """A user, a role or a group, each with these parameters."""
    return tuple(frozenset({holder, *more}) for holder in HOLDERS)


def holder_in(params: Mapping[str, str]) -> Holder:
    """Whom a target's parameters name."""
    kind = next(one for one in HOLDERS if one in params)
    return Holder(kind, params[kind])


def holder_target(account_id: str, region: str, given: Mapping[str, str]) -> Target:
    """A target for a user, role or group. Raises BadTarget."""
    kind = next(one for one in HOLDERS if one in given)
    name = _NAMES[kind](account_id, given)
    arn = f"arn:{partition(region)}:iam::{account_id}:{kind}/{name}"
    params = {kind: name, "account_id": account_id, "region": region}
    return Target.model_validate({"kind": kind, "id": arn, "label": f"{kind} {name}", "params": params})


def _group(_account_id: str, given: Mapping[str, str]) -> str:
    name = group_name(given["group"].rsplit("/", 1)[-1])
    if name is None:
        raise BadTarget(words.not_a_group(given["group"]))
    return name


_NAMES = {
    "user": user_name,
    "role": lambda account_id, given: role_name(account_id, given["role"]),
    "group": _group,
}


def refuse_holder(arn: str, label: str, context: PlanContext) -> None:
    """Raises Refused for who must keep what they have."""
    refuse_protected(arn, context)
    refuse_of_aws(arn, label)


def affected(arn: str, context: PlanContext) -> tuple[str, ...]:
    """Whose calls may stop with the rights of one holder."""
    if ":group/" in arn:
        return (words.MEMBERS_LOSE,)
    if ":role/" in arn:
        return tuple(feel_it([one for one in context.observed if is_role(one.principal, arn)]))
    return affected_by(observed_of(arn, context))
