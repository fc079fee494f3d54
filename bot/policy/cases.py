"""One case for simulation, as JSON: a request, and every policy that applies to it.

    {"name": "etl reads",
     "request": {"principal": "arn:aws:iam::111122223333:role/etl", "action": "s3:GetObject",
                 "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333",
                 "context": {"aws:SourceIp": "192.0.2.1"}},
     "identity_policies": [{"name": "etl", "policy": {...}}], "resource_policy": {...},
     "permission_boundaries": null, "session_policy": null, "scps": [[...], ...], "rcps": []}

Wherever a policy stands, the bare document, its JSON text, and `{"name", "policy"}` are taken. A layer that
does not apply is left out, null or `[]`; each inner list of `scps` and `rcps` is one level of the
organisation. A condition key with the value null is one that cannot be known.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, Final

from bot.policy.context import UNKNOWN
from bot.policy.decision import Decision
from bot.policy.document import Policy, PolicyError, parse
from bot.policy.evaluate import evaluate
from bot.policy.request import Policies, Request

_ELEMENTS: Final = (
    "name",
    "request",
    "identity_policies",
    "resource_policy",
    "permission_boundaries",
    "session_policy",
    "scps",
    "rcps",
)
_REQUEST_ELEMENTS: Final = ("principal", "action", "resource", "resource_account", "context")
_PRINCIPAL = re.compile(r"anonymous|arn:\S[^\r\n]*|\d{12}|[\w-]+(\.[\w-]+)+|[0-9a-f]{64}")
_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9]+")
_ACCOUNT = re.compile(r"\d{12}")


class CaseError(ValueError):
    """Something that is not a case; `path` is the JSON path of what is wrong, the message says it."""

    def __init__(self, path: str, sentence: str) -> None:
        super().__init__(f"{path}: {sentence}")
        self.path = path


@dataclass(frozen=True)
class Case:
    """A named question: what would AWS decide about `request` under `policies`?"""

    name: str
    request: Request
    policies: Policies

    def answer(self) -> dict[str, Any]:
        """`name`, `decision`, `because` and `depends_on`, ready for JSON."""
        return as_json(self.name, evaluate(self.request, self.policies))


def as_json(name: str, decision: Decision) -> dict[str, Any]:
    """A decision as it is written out."""
    return {
        "name": name,
        "decision": decision.outcome,
        "because": [asdict(reason) for reason in decision.because],
        "depends_on": list(decision.depends_on),
    }


def read_case(text: str) -> Case:
    """Read one case from its JSON text. Raises CaseError with the JSON path of what is wrong."""
    case = _object("$", _loaded(text))
    _spelt(case, _ELEMENTS, "$")
    name = case.get("name")
    if not isinstance(name, str) or not name:
        raise CaseError("$.name", "is missing: give the case a name, a string.")
    return Case(name, _request(case.get("request")), _policies(case))


def _loaded(text: str) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        raise CaseError("$", "is nested too deeply.") from None
    except ValueError as error:
        raise CaseError("$", f"is not JSON ({error}).") from None


def _request(value: object) -> Request:
    body = _object("$.request", value)
    _spelt(body, _REQUEST_ELEMENTS, "$.request")
    account = body.get("resource_account")
    if account is not None and not (isinstance(account, str) and _ACCOUNT.fullmatch(account)):
        raise CaseError("$.request.resource_account", "must be a string of 12 digits, or null.")
    return Request(
        principal=_text(body, "principal", _PRINCIPAL, "an ARN, a service name or anonymous"),
        action=_text(body, "action", _ACTION, "one IAM action such as s3:GetObject, without wildcards"),
        resource=_text(body, "resource", re.compile(r".+", re.DOTALL), "an ARN, or * where there is none"),
        resource_account=account,
        context=dict(_context(body.get("context"))),
    )


def _text(body: Mapping[str, Any], element: str, form: re.Pattern[str], what: str) -> str:
    value = body.get(element)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise CaseError(f"$.request.{element}", f"must be {what}.")
    return value


def _context(value: object) -> Iterator[tuple[str, str | list[str]]]:
    for key, given in _object("$.request.context", {} if value is None else value).items():
        path = f"$.request.context.{key}"
        yield key, [_scalar(path, one) for one in given] if isinstance(given, list) else _scalar(path, given)


def _scalar(path: str, value: object) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise CaseError(path, "must be a string, a number, a boolean, null (cannot be known), or a list of them.")


def _policies(case: Mapping[str, Any]) -> Policies:
    return Policies(
        identity=_listed("$.identity_policies", case.get("identity_policies"), "identity policy"),
        resource=_one("$.resource_policy", case.get("resource_policy"), "resource policy"),
        boundaries=_listed("$.permission_boundaries", case.get("permission_boundaries"), "boundary") or None,
        session=_one("$.session_policy", case.get("session_policy"), "session policy"),
        scps=_levels("$.scps", case.get("scps"), "SCP"),
        rcps=_levels("$.rcps", case.get("rcps"), "RCP"),
    )


def _levels(path: str, value: object, name: str) -> tuple[tuple[Policy, ...], ...]:
    levels = enumerate(_list(path, value))
    return tuple(_listed(f"{path}[{index}]", level, f"{name} of level {index}") for index, level in levels)


def _listed(path: str, value: object, name: str) -> tuple[Policy, ...]:
    return tuple(
        _policy(f"{path}[{index}]", one, f"{name} {index}") for index, one in enumerate(_list(path, value))
    )


def _one(path: str, value: object, name: str) -> Policy | None:
    return None if value is None else _policy(path, value, name)


def _policy(path: str, value: object, name: str) -> Policy:
    """A document, its text, or either under `policy` beside its `name`."""
    if isinstance(value, Mapping) and "policy" in value:
        path, name, value = f"{path}.policy", _name(path, value, name), value["policy"]
    if not isinstance(value, str):
        value = _object(path, value)
    try:
        return parse(value, name)
    except PolicyError as error:
        raise CaseError(path, f"is not a policy: {error}") from None


def _name(path: str, value: Mapping[str, Any], otherwise: str) -> str:
    name = value.get("name", otherwise)
    if not isinstance(name, str):
        raise CaseError(f"{path}.name", "must be a string.")
    return name


def _list(path: str, value: object) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise CaseError(path, "must be a list, or null.")
    return value


def _object(path: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise CaseError(path, "must be a JSON object.")
    return value


def _spelt(body: Mapping[str, Any], known: tuple[str, ...], path: str) -> None:
    """Refuse a misspelt element, which would otherwise be a layer that silently does not apply.

    Others (a note, an expected decision) are the author's own and pass.
    """
    for element in body:
        missing = [one for one in known if one not in body]
        if element not in known and (meant := get_close_matches(element.lower(), missing, n=1, cutoff=0.8)):
            raise CaseError(f"{path}.{element}", f"is not an element of a case; {meant[0]} is.")
