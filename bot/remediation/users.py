"""What the remediations of IAM users share: who the user is, who uses it, what may be done to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.aws.errors import AwsRefused
from bot.policy.wildcard import literal
from bot.remediation import sentences
from bot.remediation.arns import account_of, is_user
from bot.remediation.contract import Observed, PlanContext, Reader
from bot.remediation.errors import BadTarget, TargetMissing
from bot.remediation.plan import Permission, Target

_USER_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)


def observed_of(arn: str, context: PlanContext) -> list[Observed]:
    """What the evidence saw of one user."""
    return [one for one in context.observed if is_user(one.principal, arn)]


def affected_by(used: Sequence[Observed]) -> tuple[str, ...]:
    if not used:
        return (sentences.NOBODY_SEEN,)
    # Whoever is not the suspect comes first: that is what an approver must not overlook.
    ordered = sorted(used, key=lambda one: (one.label == "suspect", -one.events))
    return tuple(sentences.use_stops(one) for one in ordered)


def user_name(account_id: str, wanted: Mapping[str, str]) -> str:
    given = wanted.get("user", "")
    if given.startswith("arn:"):
        if account_of(given) != account_id or ":user/" not in given:
            raise BadTarget(sentences.other_account(given, account_id))
        given = given.rsplit("/", 1)[-1]
    if not _USER_NAME.fullmatch(given):
        raise BadTarget(sentences.not_a_user(given))
    return given


def arn_of(read: Reader, target: Target) -> str:
    """The user's ARN with its path, which only IAM knows."""
    name = target.params["user"]
    try:
        arn: str = read.call("iam", "get_user", {"UserName": name}).data["User"]["Arn"]
    except AwsRefused as error:
        if error.code == "NoSuchEntity":
            raise TargetMissing(sentences.no_such_user(name, target.params["account_id"])) from error
        raise
    return arn


def reads(target: Target, *actions: str) -> tuple[Permission, ...]:
    return tuple(Permission(action=action, resource=resource(target)) for action in actions)


def resource(target: Target) -> str:
    """The ARN as a policy's Resource, every character for itself: a user's path may hold `*` or `${...}`."""
    return literal(target.id)
