"""Whether one statement applies to one request, and why."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.policy.conditions import Answer, holds
from bot.policy.context import Context
from bot.policy.document import Condition, Statement
from bot.policy.principals import Caller, Grant, excluded, grant
from bot.policy.truth import Truth
from bot.policy.variables import expand
from bot.policy.wildcard import matches

CANONICAL_USER = "CanonicalUser"
"""What a decision depends on when a policy names an account by its canonical user ID."""

_HELD = {Truth.YES: "held", Truth.NO: "did not hold", Truth.MAYBE: "cannot be known"}


@dataclass(frozen=True)
class Ask:
    """What a statement is asked about: one caller, one action, one resource, one request context."""

    caller: Caller
    action: str
    resource: str
    context: Context
    #: A permissions boundary makes AWS ignore whom NotPrincipal leaves out of a Deny.
    bounded: bool = False


@dataclass(frozen=True)
class Verdict:
    """What a statement says to a request.

    `applies` is NO when it does not apply; `relevant` whether it speaks of this caller, action and resource
    at all, so that only its conditions decided. `conditions` has one line for each condition; their values
    are untrusted text.
    """

    statement: Statement
    applies: Truth
    relevant: bool
    grant: Grant = Grant.NONE
    conditions: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()


def judge(statement: Statement, ask: Ask) -> Verdict:
    """Whether the statement applies to what is asked."""
    if not speaks_of_action(statement, ask.action):
        return Verdict(statement, Truth.NO, relevant=False)
    named, principal = _principal(statement, ask)
    resource = speaks_of_resource(statement, ask.resource, ask.context)
    scope = [principal, resource]
    if min(one.truth for one in scope) == Truth.NO:
        return Verdict(statement, Truth.NO, relevant=False)
    tested = [(c, holds(c, ask.context, variables=statement.variables)) for c in statement.conditions]
    answers = [*scope, *(answer for _, answer in tested)]
    return Verdict(
        statement,
        applies=min(one.truth for one in answers),
        relevant=True,
        grant=named,
        conditions=tuple(_line(condition, answer, ask.context) for condition, answer in tested),
        unknown=frozenset().union(*(one.unknown for one in answers)),
    )


def speaks_of_action(statement: Statement, action: str) -> bool:
    """Whether Action lists the action, or NotAction does not."""
    listed = statement.actions or statement.not_actions
    return bool(statement.actions) == any(matches(one, action, ignore_case=True) for one in listed)


def _principal(statement: Statement, ask: Ask) -> tuple[Grant, Answer]:
    if statement.not_principals:
        spared = excluded(statement.not_principals, ask.caller)
        if statement.effect == "Deny" and ask.bounded:
            spared = False
        return (Grant.NONE, Answer(Truth.NO)) if spared else (Grant.DIRECT, Answer(Truth.YES))
    if not statement.principals:
        return Grant.DIRECT, Answer(Truth.YES)
    named, truth = grant(statement.principals, ask.caller)
    return named, Answer(truth, frozenset({CANONICAL_USER} if truth == Truth.MAYBE else ()))


def speaks_of_resource(statement: Statement, resource: str, context: Context) -> Answer:
    """Whether Resource lists the resource, or NotResource does not; variables may leave it open."""
    listed = statement.resources or statement.not_resources
    answers = [_matches(pattern, resource, context, statement.variables) for pattern in listed]
    if statement.not_resources:
        if any(answer is None for answer in answers):
            return Answer(Truth.NO)
        found = _any(answer for answer in answers if answer)
        return Answer(found.truth.negated(), found.unknown)
    return _any(answer for answer in answers if answer) if listed else Answer(Truth.YES)


def _matches(pattern: str, resource: str, context: Context, variables: bool) -> Answer | None:
    """Whether a resource pattern matches; None when it holds a variable without a value."""
    expanded = expand(pattern, context, enabled=variables)
    if expanded.pattern is None:
        return None
    if not matches(expanded.pattern, resource):
        return Answer(Truth.NO)
    return Answer(Truth.MAYBE if expanded.unknown else Truth.YES, expanded.unknown)


def _any(answers: Iterable[Answer]) -> Answer:
    """The surest of the answers."""
    return max(answers, key=lambda answer: answer.truth, default=Answer(Truth.NO))


def _line(condition: Condition, answer: Answer, context: Context) -> str:
    given = ", ".join(context.values(condition.key)) or "absent"
    return f"{condition} {_HELD[answer.truth]} (the request's value: {given})"
