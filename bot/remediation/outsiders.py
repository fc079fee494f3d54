"""The statements of a policy that let outsiders in, and the policy without them.

For policies of access points and KMS keys. Only Allow statements are ever taken out: taking out a Deny opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.policy.document import Policy, PolicyError, Statement, parse
from bot.policy.reach import Reach, View, granted
from bot.policy.tighten import without_statements
from bot.remediation.denying import several
from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.words import outsiders as words

#: Beyond the organization and single services.
_OUTSIDE = ("accounts", "any_aws_account", "anyone")
#: In key policies: the calls of one account alone, though the principal is `*`.
_CALLER = "kms:calleraccount"

Document = dict[str, Any]


def understood(label: str, document: Mapping[str, Any]) -> Policy:
    """The policy of a target. Raises Refused where it is none."""
    try:
        return parse(document, label)
    except PolicyError as error:
        raise Refused(words.not_understood(label, str(error))) from error


def chosen(label: str, policy: Policy, given: str | None, view: View) -> tuple[int, ...]:
    """The positions of the statements that are named, or else of those that let outsiders in.

    `given`: Sids or positions as `#0`, with commas between several. Raises Refused and NothingToDo.
    """
    if given is None:
        found = tuple(
            index for index, reach in granted(policy, view).items() if _outside(policy, index, reach, view)
        )
        if not found:
            raise NothingToDo(words.nobody_outside(label, [one.label for one in policy.statements]))
        return found
    labels = {one.label: one for one in policy.statements}
    names = (given,) if given in labels else several(given)
    if not names or (missing := [name for name in names if name not in labels]):
        raise Refused(words.no_such_statement(label, missing if names else [given], list(labels)))
    if denies := [name for name in names if labels[name].effect == "Deny"]:
        raise Refused(words.keeps_denies(label, denies))
    # Two statements may have one Sid: what is named is all of them.
    return tuple(one.index for one in policy.statements if one.label in names and one.effect == "Allow")


def _outside(policy: Policy, index: int, reach: Reach, view: View) -> bool:
    own = any(
        condition.key.lower() == _CALLER
        and set(condition.values) == {view.account_id}
        and not condition.operator.negated
        for condition in policy.statements[index].conditions
    )
    return not own and (reach.level in _OUTSIDE or bool(reach.accounts))


def without(document: Mapping[str, Any], indexes: tuple[int, ...]) -> Document | None:
    """The document without these statements, the others as they were; None where none remains."""
    remaining = without_statements(document, indexes)
    return None if remaining is None else dict(remaining)


def effect(statement: Statement, reach: Reach) -> str:
    """What a statement gave to whom."""
    actions = statement.actions or tuple(f"everything but {name}" for name in statement.not_actions)
    return words.takes_out(statement.label, actions, reach.who)


def effects(policy: Policy, indexes: tuple[int, ...], view: View) -> list[str]:
    """One sentence for each statement that goes."""
    reaches = granted(policy, view)
    return [effect(policy.statements[index], reaches[index]) for index in indexes]
