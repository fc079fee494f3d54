"""Key policies: what remains without outsiders, and who must be able to change them."""

from __future__ import annotations

from bot.policy.document import Policy, parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.policy.reach import View
from bot.remediation import outsiders
from bot.remediation.contract import PlanContext
from bot.remediation.errors import Refused
from bot.remediation.plan import State, Target
from bot.remediation.words import keys as words

#: Whoever loses one of these could no longer repair the key.
_KEPT = ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy")
_EVERYTHING = parse({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, "everything")


def tightened(
    target: Target, state: State, context: PlanContext
) -> tuple[outsiders.Document, list[str], int]:
    """The policy without what is named or lets outsiders in; what goes; how many statements stay.

    Raises Refused and NothingToDo.
    """
    arn, document = state["Arn"], state["KeyPolicy"]
    policy, view = outsiders.understood(arn, document), View(target.params["account_id"])
    indexes = outsiders.chosen(arn, policy, target.params.get("statement"), view)
    remaining = outsiders.without(document, indexes)
    if remaining is None:
        raise Refused(words.deletes_policy(arn))
    after = outsiders.understood(arn, remaining)
    _refuse_lockout(target, arn, (policy, after), context)
    return remaining, outsiders.effects(policy, indexes, view), len(after.statements)


def _refuse_lockout(target: Target, arn: str, policies: tuple[Policy, Policy], context: PlanContext) -> None:
    """Nobody of `keep` loses the key, and somebody can change it. Raises Refused."""
    before, after = policies
    root = f"arn:{arn.split(':')[1]}:iam::{target.params['account_id']}:root"
    for who in context.keep:
        for action in _KEPT:
            if _allows(before, who, action, arn) and not _allows(after, who, action, arn):
                raise Refused(words.locks_out(arn, who))
    if not any(_allows(after, who, "kms:PutKeyPolicy", arn) for who in (root, *context.keep)):
        raise Refused(words.locks_out(arn, "everybody"))


def _allows(policy: Policy, who: str, action: str, arn: str) -> bool:
    """Whether the key policy lets a principal, by itself or by leaving it to the account's IAM policies.

    KMS looks at IAM policies only where the key policy says so: as across accounts, both must allow (KMS
    Developer Guide, "Key policies in AWS KMS").
    """
    request = Request(who, action, arn, "another")
    return evaluate(request, Policies(identity=(_EVERYTHING,), resource=policy)).allowed
