"""Requests between which no policy can tell: so that of a million alike, one is evaluated.

Two requests have one shape when they need the same action, the same statements name their callers in the same
way and speak of their resources, and the conditions of those statements get the same answers. A value that a
policy variable reads counts as it is.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.policy.conditions import holds
from bot.policy.context import UNKNOWN, Context
from bot.policy.document import Condition, Policy, Statement
from bot.policy.principals import Caller, caller, excluded, grant
from bot.policy.recorded import Recorded
from bot.policy.request import Request, derived, full_context
from bot.policy.statements import speaks_of_action, speaks_of_resource
from bot.policy.truth import Truth
from bot.policy.wildcard import is_fixed, matches

_VARIABLE = re.compile(r"\$\{\s*([^{},]+?)\s*(?:,[^{}]*)?\}")
_SPECIAL = re.compile(r"[*?]|\$\{")
_SESSION = re.compile(r"(arn:[\w-]+:sts::\d{12}:assumed-role/[^/]+)/.*", re.DOTALL)
_FOLLOWING: Final = frozenset(
    {
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principaltype",
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:username",
        "aws:resourceaccount",
        "s3:resourceaccount",
    }
)
"""Keys that every caller has or has not, by its kind."""
_MOST: Final = 100_000
"""Of what is remembered about single values; then it is forgotten and begun anew."""

Shape = tuple[Hashable, ...]
Value = str | Sequence[str] | None


@dataclass(frozen=True)
class _Who:
    """A caller: `alike` is equal for all whom the statements name in the same way."""

    alike: int
    keys: dict[str, str]
    """The condition keys that follow from who it is, in lower case."""
    unnamed_by: frozenset[int]
    """The statements that do not speak of it."""


@dataclass(frozen=True)
class _Speaking:
    """A statement that speaks of an action, and what it asks of a request."""

    number: int
    statement: Statement
    fits: Callable[[str], bool]
    """Whether it may speak of a resource, whatever the values of policy variables are."""
    varies: bool
    keys: tuple[str, ...]


class _Speakers:
    """Statements, to be found by a resource that they speak of: most are told apart by how they begin."""

    def __init__(self, statements: Iterable[_Speaking]) -> None:
        self._by_beginning: dict[int, dict[str, list[_Speaking]]] = {}
        for one in statements:
            for beginning in _beginnings(one.statement):
                same = self._by_beginning.setdefault(len(beginning), {})
                same.setdefault(beginning, []).append(one)

    def of(self, resource: str) -> Iterable[_Speaking]:
        """The statements that may speak of a resource."""
        found: dict[int, _Speaking] = {}
        for length, beginnings in self._by_beginning.items():
            for one in beginnings.get(resource[:length], ()):
                if one.fits(resource):
                    found[one.number] = one
        return found.values()


class Shapes:
    """The shapes that requests have under these policies, whose bucket belongs to `account_id`."""

    def __init__(self, policies: Iterable[Policy], account_id: str) -> None:
        self._statements = [one for policy in policies for one in policy.statements]
        self._account_id = account_id
        self._named = frozenset(
            one.value for s in self._statements for one in (*s.principals, *s.not_principals)
        )
        self._exact = frozenset(_read_by_variables(self._statements))
        self._keys = _keys_of(self._statements, self._exact)
        self._classes: dict[Hashable, int] = {}
        self._callers: dict[tuple[str, str], _Who] = {}
        self._speaking: dict[tuple[int, str], _Speakers] = {}
        self._answers: dict[tuple[int, str, Hashable], Hashable] = {}

    def of(self, one: Recorded) -> Shape:
        """The shape of a request."""
        who, context = self._who(one), one.context
        said: list[Hashable] = [who.alike, one.action, one.allowed, one.named]
        place = (who.alike, one.action)
        speaking = self._speaking.get(place) or self._about(place, who, one.action)
        for statement in speaking.of(one.resource):
            said.append(statement.number)
            if statement.varies:
                said.append(self._by_variables(statement.statement, one))
            for key in statement.keys:
                value = context.get(key)
                said.append(self._answer(statement, key, who.keys.get(key) if value is None else value))
        return tuple(said)

    def request(self, one: Recorded) -> Request:
        """The request as it is evaluated: what policies ask for and the log does not tell is unknown."""
        unknown = {key: UNKNOWN for key in self._keys if key not in one.context and not _follows(key, one)}
        return Request(
            principal=one.principal,
            action=one.action,
            resource=one.resource,
            resource_account=self._account_id if ":s3:::" in one.resource else None,
            context={**unknown, **one.context},
        )

    def _who(self, one: Recorded) -> _Who:
        userid = one.context.get("aws:userid", "") if self._named else ""
        unique = userid.partition(":")[0] if isinstance(userid, str) else ""
        place = (one.principal, unique if unique in self._named else "")
        known = self._callers.get(place)
        if known is None:
            if len(self._callers) >= _MOST:
                self._callers.clear()
            alike = (self._stand_in(place[0]), place[1])
            known = self._callers.get(alike) or self._looked_at(caller(*alike))
            self._callers[alike] = self._callers[place] = known
        return known

    def _stand_in(self, principal: str) -> str:
        """For sessions that no policy names, one for all of the role."""
        session = None if principal in self._named else _SESSION.fullmatch(principal)
        return f"{session[1]}/-" if session else principal

    def _looked_at(self, who: Caller) -> _Who:
        named = tuple(
            (grant(one.principals, who), bool(one.not_principals) and excluded(one.not_principals, who))
            for one in self._statements
        )
        alike = (who.kind, who.account, who.is_service_linked, named)
        keys = {key.lower(): value for key, value in derived(who, self._account_id).items()}
        unnamed_by = frozenset(
            number
            for number, (one, ((_, truth), spared)) in enumerate(zip(self._statements, named, strict=True))
            if (one.principals and truth == Truth.NO) or (spared and one.effect == "Allow")
        )
        return _Who(self._classes.setdefault(alike, len(self._classes)), keys, unnamed_by)

    def _about(self, place: tuple[int, str], who: _Who, action: str) -> "_Speakers":
        if len(self._speaking) >= _MOST:
            self._speaking.clear()
        found = self._speaking[place] = _Speakers(
            _Speaking(number, one, _fits(one), _varies(one), tuple(_asked_by(one)))
            for number, one in enumerate(self._statements)
            if number not in who.unnamed_by and speaks_of_action(one, action)
        )
        return found

    def _by_variables(self, statement: Statement, one: Recorded) -> Hashable:
        request = self.request(one)
        context = full_context(request, caller(request.principal))
        return speaks_of_resource(statement, one.resource, context)

    def _answer(self, speaking: _Speaking, key: str, value: Value) -> Hashable:
        """What the statement's conditions on a key make of a value; the value itself where it matters."""
        if value is None:
            return None
        given = value if isinstance(value, str) else tuple(value)
        if key in self._exact:
            return given
        place = (speaking.number, key, given)
        known = self._answers.get(place)
        if known is None:
            if len(self._answers) >= _MOST:
                self._answers.clear()
            statement, context = speaking.statement, Context({key: given})
            tested = (holds(c, context, variables=statement.variables).truth for c in _on(statement, key))
            known = self._answers[place] = tuple(tested)
        return known


def _follows(key: str, one: Recorded) -> bool:
    """Whether a key's value or absence follows from the principal and the resource."""
    unsigned_or_service = not one.principal.startswith("arn:")
    return key in _FOLLOWING or (unsigned_or_service and key.startswith("aws:principal"))


def _varies(statement: Statement) -> bool:
    return any("${" in text for text in (*statement.resources, *statement.not_resources))


def _beginnings(statement: Statement) -> set[str]:
    """What resources begin with of which a statement may speak; empty texts where that may be anything."""
    return {_SPECIAL.split(text)[0] for text in statement.resources} or {""}


def _fits(statement: Statement) -> Callable[[str], bool]:
    if statement.not_resources and _varies(statement):
        return lambda _: True
    tests = [_matcher(text) for text in statement.resources or statement.not_resources]
    if statement.resources and len(tests) == 1:
        return tests[0]
    wanted = not statement.not_resources
    return lambda resource: any(test(resource) for test in tests) == wanted


def _matcher(pattern: str) -> Callable[[str], bool]:
    """A fast test for a pattern; of one with variables, for what stands before the first."""
    head, star, tail = pattern.partition("*")
    if "${" in pattern:
        beginning = _SPECIAL.split(pattern)[0]
        return lambda text: text.startswith(beginning)
    if star and not tail and is_fixed(head):
        return lambda text: text.startswith(head)
    if is_fixed(pattern):
        return lambda text: text == pattern
    return lambda text: matches(pattern, text)


def _on(statement: Statement, key: str) -> list[Condition]:
    return [one for one in statement.conditions if one.key.lower() == key]


def _asked_by(statement: Statement) -> dict[str, None]:
    """The keys that decide about one statement, in lower case: its conditions' and its variables'."""
    conditions = (one.key.lower() for one in statement.conditions)
    return dict.fromkeys((*conditions, *_read_by_variables([statement])))


def _keys_of(statements: Iterable[Statement], exact: Iterable[str]) -> tuple[str, ...]:
    """All keys that the statements ask for."""
    conditions = (condition.key.lower() for one in statements for condition in one.conditions)
    return tuple(dict.fromkeys((*conditions, *exact)))


def _read_by_variables(statements: Iterable[Statement]) -> set[str]:
    """The keys that variables read, and those that are compared with variables."""
    found: set[str] = set()
    for one in statements:
        for text in (*one.resources, *one.not_resources):
            found.update(name.lower() for name in _VARIABLE.findall(text))
        for condition in one.conditions:
            names = {name.lower() for value in condition.values for name in _VARIABLE.findall(value)}
            found.update(names, {condition.key.lower()} if names else ())
    return found
