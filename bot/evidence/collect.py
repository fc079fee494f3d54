"""From events in order of time to all that the later steps need, in a memory that does not grow with the log.

Kept are single events that name the bucket or belong to the catalogue of names; all others are only counted.
Of events that are alike (one place, one call, one outcome, nothing special about it) the first are kept and
the rest are counted too, so that ten million reads by one caller end in the right answer: counts, distinct
objects and bursts are exact (tallies), and what later steps look at one by one stays small.
"""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from operator import itemgetter

from bot.evidence import names
from bot.evidence.access_logs.event import ACCESS_LOG
from bot.evidence.baseline import Usual
from bot.evidence.bursts import Burst, Bursts
from bot.evidence.events import Event, within, without_raw
from bot.evidence.identity import Identity
from bot.evidence.keeping import Keeping, Kind, kind_of
from bot.evidence.objects import Distinct
from bot.evidence.questions import Question
from bot.evidence.sources.base import in_reach
from bot.evidence.tallies import (
    Caller,
    Counting,
    OriginKey,
    OriginTally,
    Tally,
    actor_key,
    origin_key,
    outcome,
    reads_content,
)
from bot.evidence.touching import touches

__all__ = [
    "Collected",
    "OriginKey",
    "OriginTally",
    "Seen",
    "Tally",
    "actor_key",
    "collect",
    "is_data",
    "origin_key",
    "outcome",
    "reads_content",
    "set_apart",
]


@dataclass
class Seen:
    """What the events themselves prove about coverage: these were recorded.

    `management_regions` are those of management events in trail files: event history gives what it is
    asked for. `first` and `last` are of events that were found; `anything` says that some event of the window
    was read, found or not.
    """

    management_regions: set[str] = field(default_factory=set)
    data_reads: int = 0
    data_writes: int = 0
    first_read: datetime | None = None
    last_read: datetime | None = None
    first_write: datetime | None = None
    last_write: datetime | None = None
    first: datetime | None = None
    last: datetime | None = None
    anything: bool = False

    def note(self, moment: datetime) -> None:
        """An event of this time was found."""
        self.anything = True
        self.first = min(self.first or moment, moment)
        self.last = max(self.last or moment, moment)


@dataclass
class Collected:
    """All that later steps need; `kept` is in order of time, `minting` reaches back before the window.

    - `events` were looked through, `duplicates` among the found ones delivered again; `outside` the window,
      of `other_accounts`, `about_bucket`, of `services`, `own` and `responders` count found ones.
    - `offered` counts events that would be kept one by one if they were few; `aggregated` those of them that
      were only counted, because they are alike to kept ones: who counts `kept` counts too few then, the
      tallies have all. `bursts` is the busiest stretch by (actor, place, event name) of
      answered calls for single objects of the bucket.
    - `lines` of access logs about the bucket, of which `joined` tell of a request that CloudTrail tells of.
    - `baseline`: who usually is at the bucket, from before the window; `objects`: the keys that were read, by
      (actor, place): `objects.count([...])` is exact over any choice of them.
    """

    question: Question
    events: int = 0
    duplicates: int = 0
    outside: int = 0
    other_accounts: int = 0
    about_bucket: int = 0
    services: int = 0
    own: int = 0
    responders: int = 0
    offered: int = 0
    aggregated: int = 0
    lines: int = 0
    joined: int = 0
    kept: list[Event] = field(default_factory=list)
    minting: list[Event] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    bursts: dict[tuple[str, OriginKey, str], Burst] = field(default_factory=dict)
    baseline: Usual = field(default_factory=Usual)
    objects: Distinct = field(default_factory=Distinct)
    seen: Seen = field(default_factory=Seen)
    _apart: dict[int, tuple[Identity, str | None]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def set_apart(self, who: Identity) -> str | None:
        """As the function `set_apart` says; of each identity it is asked once."""
        # Holding the identity keeps its id from being given to another.
        known = self._apart.get(id(who))
        if known is None:
            known = self._apart[id(who)] = who, set_apart(who, self.question)
        return known[1]


def collect(
    question: Question,
    events: Iterable[Event],
    *,
    told_of: Callable[[str], bool] = lambda _: False,
    issued: frozenset[str] = frozenset(),
    event_names: frozenset[str] = frozenset(),
) -> Collected:
    """All that is to be collected of events, which come in order of time (see Collecting)."""
    collecting = Collecting(question, told_of=told_of, event_names=event_names)
    return collecting.all_of(events, issued)


class OrderMattersError(Exception):
    """Events that came late would have changed what was made of others: all must be collected anew."""


class Collecting:
    """What is collected of one question's events, and of those that turn up later.

    `told_of` says whether CloudTrail has a record of a request id: access log lines of the same request are
    joined to it. `event_names` are those that detections ask for, kept beside those of the catalogue.
    """

    def __init__(
        self,
        question: Question,
        *,
        told_of: Callable[[str], bool] = lambda _: False,
        event_names: frozenset[str] = frozenset(),
    ) -> None:
        self._question, self._told_of = question, told_of
        self._names = names.NOTABLE | names.WORTH_A_FINDING | event_names
        self._tells = lru_cache(maxsize=4096)(self._is_telling)
        self._result = Collected(question)
        self._counting = Counting(lambda who: set_apart(who, question))
        self._bursts: Bursts[tuple[str, OriginKey, str]] = Bursts()
        self._keeping = Keeping()
        self._kinds: list[Kind] = []
        self._one: dict[Kind, Kind] = {}
        self._lines = self._late = False

    def all_of(self, events: Iterable[Event], issued: frozenset[str]) -> Collected:
        """Every event, in order of time; the calls that issued the keys in `issued` are always kept."""
        self._keeping.issued = issued
        for event in events:
            self._place(event)
        return self._finish()

    def with_late(self, events: Iterable[Event], issued: frozenset[str]) -> Collected:
        """Some more events, in order of time among themselves: the result is that of all together.

        Counts do not care about order; what is kept takes its place again, with the late ones among it. What
        was left out before has no place among more either. Raises OrderMattersError where that is not so:
        then nothing that was collected here is good.
        """
        if self._lines or self._counting.crowded or self._keeping.dropped_issued:
            raise OrderMattersError
        self._late = True
        kept, kinds, minting = self._result.kept, self._kinds, self._result.minting
        self._result.kept, self._kinds, self._result.minting = [], [], []
        self._keeping = Keeping(issued)
        again = heapq.merge(
            ((*_when(event), 0, event, kind) for event, kind in zip(kept, kinds, strict=True)),
            ((*_when(event), 1, event, None) for event in minting),
            ((*_when(event), 2, event, None) for event in events),
            key=itemgetter(0, 1, 2),
        )
        for _, _, group, event, kind in again:
            if kind is not None:
                self._keep(event, kind)
            elif group == 1:
                self._keep_issuing(event)
            else:
                self._place(event)
        return self._finish()

    def _place(self, event: Event) -> None:
        result, question = self._result, self._question
        about = self._about(event)
        if self._late and (about or event.event_type == ACCESS_LOG):
            raise OrderMattersError
        if not about and _elsewhere(event, question.account_id):
            result.other_accounts += 1
            # The caller's own copy of a call that issued a key: only it names who that was.
            if event.shared_event_id and _issues(event):
                self._keep_issuing(event)
        elif event.event_type == ACCESS_LOG and self._joined(event, about=about):
            result.joined += 1
        else:
            self._consider(event, about=about)

    def _finish(self) -> Collected:
        result = self._result
        if self._late and self._counting.crowded:
            raise OrderMattersError
        result.tallies, result.objects = self._counting.finish(), self._counting.objects
        result.bursts = self._bursts.best()
        result.aggregated = result.offered - len(result.kept)
        return result

    def _about(self, event: Event) -> bool:
        return touches(event, self._question.bucket)

    def _joined(self, event: Event, *, about: bool) -> bool:
        self._lines = True
        self._result.lines += about
        return event.request_id is not None and self._told_of(event.request_id)

    def _consider(self, event: Event, *, about: bool) -> None:
        question, result = self._question, self._result
        if within(event.time, question.window):
            telling = self._tells(event.service, event.name)
            caller = self._count(event, about=about, telling=telling)
            if about or telling:
                result.offered += 1
                bulk = event.read_only is not False or (about and is_data(event))
                self._keep(event, kind_of(event, caller.actor, bulk=bulk))
        elif about and within(event.time, question.span):
            result.baseline.add(event)
        else:
            result.outside += 1
        if _issues(event) and in_reach(event, question.window):
            self._keep_issuing(event)

    def _count(self, event: Event, *, about: bool, telling: bool) -> Caller:
        result = self._result
        caller = self._counting.caller(event)
        result.about_bucket += about
        if caller.role is not None:
            result.services += caller.role == "service"
            result.own += caller.role == "own"
            result.responders += caller.role == "responder"
        _see(event, result.seen, about=about)
        self._counting.add(event, caller, about=about, telling=telling and event.name not in names.LOOKING)
        if about and event.succeeded and (key := event.key) is not None:
            self._bursts.add((caller.actor, caller.origin, event.name), event.time, key, event.event_id)
        return caller

    def _is_telling(self, service: str, event_name: str) -> bool:
        name = names.plain(event_name)
        if service == "s3" and name in names.DATA:
            return False
        return name in self._names or service == "signin"

    def _keep(self, event: Event, kind: Kind) -> None:
        if self._keeping.keeps(kind):
            self._result.kept.append(without_raw(event))
            self._kinds.append(self._one.setdefault(kind, kind))

    def _keep_issuing(self, event: Event) -> None:
        if self._keeping.keeps_issuing(event):
            self._result.minting.append(without_raw(event))


def _when(event: Event) -> tuple[datetime, str]:
    return event.time, event.event_id


def _issues(event: Event) -> bool:
    return event.name in names.MINTING or event.minted_key is not None


def set_apart(who: Identity, question: Question) -> str | None:
    """ "own", "responder", "service", or None for everybody else."""
    if _is_one_of(who, question.own_principals):
        return "own"
    if _is_one_of(who, question.responders):
        return "responder"
    return "service" if who.is_service else None


def _is_one_of(who: Identity, declared: frozenset[str]) -> bool:
    if who.principal in declared or (who.issuer or "") in declared:
        return True
    return any(who.principal.startswith(entry) for entry in declared if entry.endswith(("/", ":")))


def _see(event: Event, seen: Seen, *, about: bool) -> None:
    seen.note(event.time)
    # A line of an access log does not show that a trail records, nor that S3 delivered the others.
    if not (about and is_data(event)) or event.event_type == ACCESS_LOG:
        return
    if event.name in names.DATA_READS:
        seen.data_reads += 1
        seen.first_read, seen.last_read = seen.first_read or event.time, event.time
    elif event.name in names.DATA_WRITES:
        seen.data_writes += 1
        seen.first_write, seen.last_write = seen.first_write or event.time, event.time


def is_data(event: Event) -> bool:
    """Whether this is an S3 data event: by its name, because older records carry no flag."""
    return (event.service == "s3" and event.name in names.DATA) or event.category == "Data"


def _elsewhere(event: Event, account: str | None) -> bool:
    return account is not None and event.account not in (None, account) and event.who.account != account
