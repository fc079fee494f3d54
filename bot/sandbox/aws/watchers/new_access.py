"""Whether a policy grants what another one does not: Access Analyzer's check, read from bare documents.

This does not use the policy language of the bot, which proves the same thing: so the two can disagree, and
where they do, one of them is wrong. It looks for one statement of the existing policy that covers each
statement of the new one in actions, resources and conditions, and for every Deny of the existing policy in
the new one. What several statements cover together it calls new, to be on the safe side. Source: IAM Access
Analyzer API Reference, CheckNoNewAccess.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.aws import wire
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError

Statement = Mapping[str, Any]
_KINDS = ("IDENTITY_POLICY", "RESOURCE_POLICY")


def check(call: Call) -> Response:
    """The answer. Raises AwsError InvalidParameterException."""
    if call.text("policyType") not in _KINDS:
        raise AwsError("ValidationException", "Value at 'policyType' failed to satisfy constraint.", 400)
    new, existing = _statements(call, "newPolicyDocument"), _statements(call, "existingPolicyDocument")
    reasons = [*_grants(new, existing), *_lost_denials(new, existing)]
    grant = "grant" if reasons else "do not grant"
    message = f"The modified permissions {grant} new access compared to your existing policy."
    told = {"result": "FAIL" if reasons else "PASS", "message": message, "reasons": reasons}
    return wire.answer(call, told)


def _statements(call: Call, parameter: str) -> list[Statement]:
    try:
        found = json.loads(str(call.text(parameter)))["Statement"]
    except (ValueError, KeyError, TypeError) as error:
        raise AwsError("InvalidParameterException", f"The policy is invalid: {error}", 400) from None
    return found if isinstance(found, list) else [found]


def _grants(new: list[Statement], existing: list[Statement]) -> Iterator[dict[str, Any]]:
    allows = [one for one in existing if one["Effect"] == "Allow"]
    for index, statement in enumerate(new):
        if statement["Effect"] == "Allow" and not any(_covers(one, statement) for one in allows):
            yield _reason("New access in the statement with", index, statement)


def _lost_denials(new: list[Statement], existing: list[Statement]) -> Iterator[dict[str, Any]]:
    kept = [_plain(one) for one in new]
    for index, statement in enumerate(existing):
        if statement["Effect"] == "Deny" and _plain(statement) not in kept:
            yield _reason("Removed the Deny statement with", index, statement)


def _reason(what: str, index: int, statement: Statement) -> dict[str, Any]:
    sid = {"statementId": statement["Sid"]} if statement.get("Sid") else {}
    return {"description": f"{what} index: {index}.", "statementIndex": index, **sid}


def _covers(existing: Statement, new: Statement) -> bool:
    """Whether everything that the new statement allows the existing one allows too."""
    return (
        _element(existing, new, "Principal", fold=False)
        and _element(existing, new, "Action", fold=True)
        and _element(existing, new, "Resource", fold=False)
        and _conditions(existing) <= _conditions(new)
    )


def _element(existing: Statement, new: Statement, name: str, *, fold: bool) -> bool:
    """With a Not... in either only the same one covers it, or a bare star."""
    wide, narrow = existing.get(name), new.get(name)
    if narrow is None or wide is None or isinstance(wide, dict):
        return wide == "*" or (
            _plain({"x": wide, "y": existing.get(f"Not{name}")})
            == _plain({"x": narrow, "y": new.get(f"Not{name}")})
        )
    return all(any(_matches(one, value, fold=fold) for one in _many(wide)) for value in _many(narrow))


def _matches(pattern: str, value: str, *, fold: bool) -> bool:
    """Whether a pattern takes all that another one takes: the other's star is a letter like any other."""
    made = "".join({"*": ".*", "?": "[^*]"}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(made, value, re.IGNORECASE if fold else 0) is not None


def _conditions(statement: Statement) -> set[tuple[str, str, tuple[str, ...]]]:
    return {
        (operator.lower(), key.lower(), tuple(sorted(str(value) for value in _many(values))))
        for operator, keys in (statement.get("Condition") or {}).items()
        for key, values in keys.items()
    }


def _plain(statement: Statement) -> str:
    """A statement apart from its name and the order of its values."""
    told = {name: value for name, value in statement.items() if name != "Sid"}
    return json.dumps({name: _sorted(value) for name, value in told.items()}, sort_keys=True)


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _sorted(one) for name, one in value.items()}
    return sorted(map(str, _many(value)))


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
