"""What a change would do to the requests that a log tells of: whom it stops, whom it lets in, what is open.

Each request is decided under the state before the change and under the state after it. What neither the log
nor the settings tell (the caller's own policies, ACLs of objects) is tried both ways, and what contradicts
the log's own outcome of the request falls away: who got in by nothing in the bucket policy has policies of
their own that allow it. What remains open is `depends`, never a guess.

The requests are taken one by one and are not kept; requests that no policy can tell apart are decided once
(`shapes`). So memory grows with the number of makers, actions and places only, and that has a limit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, get_args

from bot.policy.access import OBJECT_ACLS, OWN_POLICIES, RESTRICTING, Access, Assumed, Terms, terms
from bot.policy.document import Policy
from bot.policy.principals import Caller
from bot.policy.recorded import NOBODY_NAMED, Recorded, maker, prefix
from bot.policy.request import Request, caller_of, full_context
from bot.policy.shapes import Shape, Shapes
from bot.policy.statements import Ask
from bot.policy.truth import Truth

Fate = Literal["stops", "opens", "depends", "keeps", "refused"]
FATES: Final[tuple[Fate, ...]] = get_args(Fate)

MOST_ROWS: Final = 5_000
"""Rows that are kept; further makers, actions and places are counted together."""
MOST_SHAPES: Final = 50_000
OTHERS: Final = "others"


@dataclass(frozen=True)
class Verdict:
    """What becomes of a request, and what it depends on where that is open.

    `stops`: allowed before, denied after. `opens`: denied before, and after it at least the bucket lets it
    in. `keeps` and `refused`: allowed, or denied, before and after. `depends`: it cannot be told.
    """

    fate: Fate
    depends_on: tuple[str, ...] = ()


@dataclass
class Row:
    """Requests of one maker (a role for all its sessions) for one action below one prefix, with one fate."""

    fate: Fate
    attacker: bool
    maker: str
    action: str
    prefix: str
    requests: int = 0
    last_seen: datetime | None = None
    depends_on: set[str] = field(default_factory=set)

    def add(self, one: Recorded, depends_on: Iterable[str]) -> None:
        """Counts a request."""
        self.requests += one.count
        if self.last_seen is None or one.at > self.last_seen:
            self.last_seen = one.at
        self.depends_on.update(depends_on)


@dataclass(frozen=True)
class Replay:
    """What became of all requests: rows by fate, most requests first; `shapes` were evaluated."""

    rows: tuple[Row, ...]
    requests: int
    shapes: int

    def of(self, fate: Fate, *, attacker: bool | None = None) -> tuple[Row, ...]:
        """The rows of one fate; of the attacker's or everybody else's only, where asked for."""
        return tuple(
            row for row in self.rows if row.fate == fate and (attacker is None or row.attacker == attacker)
        )


def replay(requests: Iterable[Recorded], before: Access, after: Access) -> Replay:
    """What a change from one state to the other would do to each recorded request."""
    judging = Judging(before, after)
    table: dict[tuple[Fate, bool, str, str, str], Row] = {}
    number = 0
    for one in requests:
        number += one.count
        verdict = judging.of(one)
        place = (verdict.fate, one.attacker, maker(one.principal), one.action, prefix(one.resource))
        row = table.get(place)
        if row is None:
            if len(table) >= MOST_ROWS:
                place = (verdict.fate, one.attacker, OTHERS, "", "")
            row = table.setdefault(place, Row(*place))
        row.add(one, verdict.depends_on)
    rows = sorted(table.values(), key=lambda row: (-row.requests, row.maker, row.action, row.prefix))
    return Replay(tuple(rows), number, judging.evaluated)


class Judging:
    """Decides requests under two states, those of one shape once. `evaluated` counts them."""

    def __init__(self, before: Access, after: Access) -> None:
        self._before, self._after = before, after
        self._identities = (
            frozenset((*before.identities, *after.identities)) | before.complete | after.complete
        )
        self._keys = before.inactive_keys | after.inactive_keys
        self._shapes = Shapes(_policies(before, after), before.account_id)
        self._known: dict[tuple[Shape, str | None, str | None, bool], Verdict] = {}
        self.evaluated = 0

    def of(self, one: Recorded) -> Verdict:
        """What becomes of one request."""
        issuer = one.issuer if one.issuer in self._identities else None
        key = one.access_key_id if one.access_key_id in self._keys else None
        place = (self._shapes.of(one), issuer, key, self._before.holds(one.resource))
        verdict = self._known.get(place)
        if verdict is None:
            if len(self._known) >= MOST_SHAPES:
                self._known.clear()
            self.evaluated += 1
            verdict = self._known[place] = self.evaluate(one)
        return verdict

    def evaluate(self, one: Recorded) -> Verdict:
        """The same without remembering anything."""
        request = self._shapes.request(one)
        who = caller_of(request)
        ask = Ask(who, request.action, request.resource, full_context(request, who))
        was, now = (terms(state, ask, one.access_key_id, one.issuer) for state in (self._before, self._after))
        if not one.named and self._before.holds(one.resource) and self._before != self._after:
            return Verdict("depends", (NOBODY_NAMED,))
        return _compared(request, who, was, now, one.allowed)


def _policies(*states: Access) -> list[Policy]:
    own = [policy for state in states for some in state.identities.values() for policy in some]
    return [*(state.policy for state in states if state.policy), *own]


@dataclass(frozen=True)
class _Pair:
    """What is decided before and after, if what is open is so."""

    assumed: Assumed
    was: Truth
    now: Truth
    depends_on: tuple[str, ...]


def _compared(request: Request, who: Caller, was: Terms, now: Terms, logged: bool | None) -> Verdict:
    pairs = [_pair(request, who, was, now, assumed) for assumed in _open_questions(who, was, now)]
    pairs = _agreeing(pairs, logged)
    if was == now:
        return _untouched(pairs, logged)
    if any(one.was == Truth.NO and one.now == Truth.YES for one in pairs):
        return Verdict("opens")
    fates = {_fate(one) for one in pairs}
    if len(fates) == 1 and None not in fates:
        return Verdict(fates.pop() or "depends")
    if fates == {"stops", "refused"} and logged is None:
        return Verdict("stops")
    return Verdict("depends", _open(pairs))


def _open_questions(who: Caller, was: Terms, now: Terms) -> list[Assumed]:
    return list(dict.fromkeys((*was.open_questions(who), *now.open_questions(who))))


def _pair(request: Request, who: Caller, was: Terms, now: Terms, assumed: Assumed) -> _Pair:
    (before, keys), (after, more) = was.decide(request, who, assumed), now.decide(request, who, assumed)
    return _Pair(assumed, before, after, (*keys, *more))


def _agreeing(pairs: list[_Pair], logged: bool | None) -> list[_Pair]:
    """Those that agree with what came of the request; all, where none does: the state has changed since.

    Where the state before leaves it open, the log tells.
    """
    if logged is None:
        return pairs
    against, told = (Truth.NO, Truth.YES) if logged else (Truth.YES, Truth.NO)
    agreeing = [one for one in pairs if one.was != against]
    return [_Pair(one.assumed, told, one.now, one.depends_on) for one in agreeing] or pairs


def _untouched(pairs: list[_Pair], logged: bool | None) -> Verdict:
    """Nothing of what is changed speaks of the request, whatever its outcome is."""
    if logged is None:
        return Verdict("keeps" if any(one.was != Truth.NO for one in pairs) else "refused")
    # Where the state of today decides otherwise than the log, today counts.
    allowed = any(one.was == Truth.YES for one in pairs)
    return Verdict("keeps" if allowed else "refused")


def _fate(one: _Pair) -> Fate | None:
    if Truth.MAYBE in (one.was, one.now):
        return None
    if one.was == one.now:
        return "keeps" if one.now else "refused"
    return "opens" if one.now else "stops"


def _open(pairs: list[_Pair]) -> tuple[str, ...]:
    """What it turns on: condition keys that are not known, and what was tried both ways and matters."""
    found = {key for one in pairs if Truth.MAYBE in (one.was, one.now) for key in one.depends_on}
    for question, name in (
        ("own_policies", OWN_POLICIES),
        ("acl", OBJECT_ACLS),
        ("restricting", RESTRICTING),
    ):
        fates = {getattr(one.assumed, question): set[Fate | None]() for one in pairs}
        for one in pairs:
            fates[getattr(one.assumed, question)].add(_fate(one))
        if len({frozenset(one) for one in fates.values()}) > 1:
            found.add(name)
    return tuple(sorted(found))
