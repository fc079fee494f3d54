"""The smallest change that closes a policy: what is public is taken out or narrowed, all else is left as it
was.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.policy import wording
from bot.policy.change import (
    Document,
    Kind,
    Tightened,
    fitting,
    statements_of,
    with_statements,
)
from bot.policy.document import Condition, Policy, Principal, Statement, parse
from bot.policy.meaning_of_public import fixed_values, is_fixed_principal, judge, weakness
from bot.policy.principals import account_in_arn
from bot.policy.wildcard import is_fixed


def public_statements(policy: Policy) -> tuple[int, ...]:
    """The positions of the statements that S3 calls public."""
    return tuple(statement.index for statement in policy.statements if judge(statement).public)


def without_statements(document: Document, indexes: Collection[int]) -> Document | None:
    """The document without the statements at these positions (the first is 0); None when none would remain.

    The other statements and elements are the same objects in the same order. Raises IndexError for a position
    that the document does not have, so that a plan made from another version of it cannot pass.
    """
    listed = statements_of(document)
    if missing := [index for index in indexes if not 0 <= index < len(listed)]:
        raise IndexError(f"the policy has no statement at position {missing[0]}")
    if not indexes:
        return document
    kept = [statement for index, statement in enumerate(listed) if index not in indexes]
    return with_statements(document, kept) if kept else None


def narrow_public(document: Document, kind: Kind = "bucket") -> Tightened:
    """Make a policy not public by S3's own rule, keeping everyone whom it names.

    A public statement is pinned to the accounts or the organisation that its condition names by a pattern;
    otherwise its wildcard principals go, and the named ones stay; otherwise the values of a condition that
    are not fixed go; only then does the statement go. Nobody is let in who was not before. Raises
    PolicyError, and PolicyTooLargeError where pins do not fit.
    """
    policy, listed = parse(document), statements_of(document)
    public = public_statements(policy)
    if not public:
        return Tightened(document, (wording.NOTHING_PUBLIC,), changed=False)
    narrowed = {index: _narrowed(policy.statements[index], listed[index]) for index in public}
    after = [narrowed[i].body if i in narrowed else one for i, one in enumerate(listed)]
    kept = [one for one in after if one is not None]
    explanation = tuple(one.sentence for one in narrowed.values())
    if not kept:
        return Tightened(None, (*explanation, wording.NOTHING_LEFT))
    return Tightened(fitting(with_statements(document, kept), kind), explanation)


@dataclass(frozen=True)
class _Narrowed:
    """What becomes of a public statement; its `body` is None when it has to go."""

    body: Mapping[str, Any] | None
    sentence: str


def _narrowed(statement: Statement, body: Mapping[str, Any]) -> _Narrowed:
    for change in (_pinned, _named_only, _fixed_only):
        for candidate in change(statement, body):
            if candidate.body and not judge(parse({"Statement": candidate.body}).statements[0]).public:
                return candidate
    return _Narrowed(None, wording.removed(statement.label))


_PINS: Final[dict[str, tuple[str, Callable[[str], str | None]]]] = {
    "aws:principalarn": ("aws:PrincipalAccount", account_in_arn),
    "aws:principalorgpaths": ("aws:PrincipalOrgID", lambda path: path.partition("/")[0]),
}
"""Keys whose patterns name an account or an organisation, and the key that fixes it without loss."""


def _pinned(statement: Statement, body: Mapping[str, Any]) -> Iterator[_Narrowed]:
    """With a condition added that holds for all whom a pattern of the statement's conditions can match."""
    for condition in statement.conditions:
        pin = _PINS.get(condition.key.lower())
        if pin is None or not _is_positive(condition):
            continue
        key, read = pin
        values = list(dict.fromkeys(map(read, condition.values)))
        if all(value and is_fixed(value) for value in values) and not _has_key(statement, key):
            added = {key: values[0] if len(values) == 1 else values}
            sentence = wording.pinned(statement.label, key, ", ".join(filter(None, values)))
            yield _Narrowed({**body, "Condition": _with_equals(body["Condition"], added)}, sentence)


def _is_positive(condition: Condition) -> bool:
    """Whether it holds only for requests that have the key with one of the values."""
    return not (
        condition.operator.negated or condition.if_exists or condition.qualifier == "ForAllValues"
    ) and (condition.operator.name in ("StringEquals", "StringLike", "ArnEquals", "ArnLike"))


def _has_key(statement: Statement, key: str) -> bool:
    return any(condition.key.lower() == key.lower() for condition in statement.conditions)


def _with_equals(conditions: Mapping[str, Any], added: Mapping[str, Any]) -> Mapping[str, Any]:
    """The conditions with StringEquals ones added, beside those there are, however the operator is
    written."""
    written = next((one for one in conditions if one.lower() == "stringequals"), "StringEquals")
    return {**conditions, written: {**conditions.get(written, {}), **added}}


def _named_only(statement: Statement, body: Mapping[str, Any]) -> Iterator[_Narrowed]:
    """Without the principals that are not fixed, where others remain."""
    named = [one for one in statement.principals if is_fixed_principal(one)]
    if not named or not isinstance(body.get("Principal"), Mapping):
        return
    kinds = {kind: _kept(kind, values, named) for kind, values in body["Principal"].items()}
    principals = {kind: values for kind, values in kinds.items() if values}
    gone = ", ".join(one.value for one in statement.principals if one not in named)
    sentence = wording.unnamed(statement.label, gone, ", ".join(one.value for one in named))
    yield _Narrowed({**body, "Principal": principals}, sentence)


def _kept(kind: str, values: Any, named: Collection[Principal]) -> Any:
    """The values of one kind of principal that stay, as written: a string, or a list."""
    values_named = {one.value for one in named if one.kind == kind}
    if isinstance(values, str):
        return values if values in values_named else None
    return [value for value in values if value in values_named]


def _fixed_only(statement: Statement, body: Mapping[str, Any]) -> Iterator[_Narrowed]:
    """With one condition's fixed values only, where the others are all that makes it public."""
    for condition in statement.conditions:
        fixed = fixed_values(condition)
        if fixed and weakness(condition) == wording.NOT_FIXED:
            keys = {**body["Condition"][condition.written], condition.key: list(fixed)}
            gone = ", ".join(value for value in condition.values if value not in fixed)
            sentence = wording.values_removed(statement.label, condition.key, gone, ", ".join(fixed))
            yield _Narrowed({**body, "Condition": {**body["Condition"], condition.written: keys}}, sentence)
