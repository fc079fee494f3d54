"""From events in order of time to all that the later steps need, in a memory that does not grow with the log.

Kept are single events that name the bucket or belong to the catalogue of names; all others are only counted.
Of events that are alike (one place, one call, one outcome, nothing special about it) the first are kept and
the rest are counted too, so that ten million reads by one caller end in the right answer: counts, distinct
objects and bursts are exact (tallies), and what later steps look at one by one stays small.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from bot.evidence import names
from bot.evidence.access_logs.event import ACCESS_LOG
from bot.evidence.baseline import Usual
from bot.evidence.bursts import Burst, Bursts
from bot.evidence.detections.giveaways import is_credential_file, is_ransom_note
from bot.evidence.events import Event, within, without_raw
from bot.evidence.identity import Identity
from bot.evidence.objects import Distinct
from bot.evidence.questions import Question
from bot.evidence.sources.base import in_reach
from bot.evidence.tallies import (
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

#: Of events alike so many are kept singly, the earliest: of reads and of single objects, and of all other
#: changes (nobody makes thousands of those but to hide one among them).
MOST_ALIKE, MOST_CHANGES = 200, 5_000

_MOST_ROLES = 10_000

#: Of reads and single objects altogether so many are kept; and as many again of those that are special.
MOST_BULK = 10_000


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
    - `aggregated` counts events that were found alike to kept ones and only counted: who counts `kept` counts
      too few then, the tallies have all. `bursts` is the busiest stretch by (actor, place, event name) of
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


def collect(
    question: Question,
    events: Iterable[Event],
    *,
    told_of: Callable[[str], bool] = lambda _: False,
    issued: frozenset[str] = frozenset(),
    event_names: frozenset[str] = frozenset(),
) -> Collected:
    """Read all events, which come in order of time.

    `told_of` says whether CloudTrail has a record of a request id: access log lines of the same request are
    joined to it. `issued` are keys whose issuing call is always kept; `event_names` are those that detections
    ask for, kept beside those of the catalogue.
    """
    collecting = _Collecting(question, told_of, issued, names.NOTABLE | names.WORTH_A_FINDING | event_names)
    for event in events:
        collecting.place(event)
    return collecting.finish()


class _Collecting:
    """One pass over the events."""

    def __init__(
        self,
        question: Question,
        told_of: Callable[[str], bool],
        issued: frozenset[str],
        telling: frozenset[str],
    ) -> None:
        self._question, self._told_of, self._issued = question, told_of, issued
        self._names = telling
        self._result = Collected(question)
        self._counting = Counting()
        self._bursts: Bursts[tuple[str, OriginKey, str]] = Bursts()
        self._alike: Counter[Hashable] = Counter()
        self._bulk: Counter[bool] = Counter()
        self._roles: dict[int, tuple[Identity, str | None]] = {}

    def place(self, event: Event) -> None:
        result, question = self._result, self._question
        about = touches(event, question.bucket)
        if not about and _elsewhere(event, question.account_id):
            result.other_accounts += 1
            # The caller's own copy of a call that issued a key: only it names who that was.
            if event.shared_event_id and _issues(event) and self._is_followed(event):
                result.minting.append(without_raw(event))
        elif event.event_type == ACCESS_LOG and self._joined(event, about=about):
            result.joined += 1
        else:
            self._consider(event, about=about)

    def finish(self) -> Collected:
        result = self._result
        result.tallies, result.objects = self._counting.finish(), self._counting.objects
        result.bursts = self._bursts.best()
        return result

    def _joined(self, event: Event, *, about: bool) -> bool:
        self._result.lines += about
        return event.request_id is not None and self._told_of(event.request_id)

    def _consider(self, event: Event, *, about: bool) -> None:
        question, result = self._question, self._result
        inside = within(event.time, question.window)
        telling = _telling(event, self._names)
        if inside:
            actor = actor_key(event)
            self._count(event, actor, about=about, telling=telling)
            if (about or telling) and self._is_kept(event, actor, about=about):
                result.kept.append(without_raw(event))
        elif about and within(event.time, question.span):
            result.baseline.add(event)
        else:
            result.outside += 1
        if _issues(event) and in_reach(event, question.window) and self._is_followed(event):
            result.minting.append(without_raw(event))

    def _count(self, event: Event, actor: str, *, about: bool, telling: bool) -> None:
        result = self._result
        result.about_bucket += about
        role = self._role(event.who)
        result.services += role == "service"
        result.own += role == "own"
        result.responders += role == "responder"
        _see(event, result.seen, about=about)
        self._counting.add(event, actor, about=about, telling=telling and event.name not in names.LOOKING)
        if about and event.succeeded and (key := event.key) is not None:
            self._bursts.add((actor, origin_key(event), event.name), event.time, key, event.event_id)

    def _role(self, who: Identity) -> str | None:
        """`set_apart`, remembered: one identity comes with many events (see `identity_in`)."""
        known = self._roles.get(id(who))
        if known is None:
            if len(self._roles) >= _MOST_ROLES:
                self._roles.clear()
            # Holding the identity keeps its id from being given to another.
            known = self._roles[id(who)] = who, set_apart(who, self._question)
        return known[1]

    def _is_kept(self, event: Event, actor: str, *, about: bool) -> bool:
        """Whether the event is among the first of its like, and there is room for more of the kind."""
        special = _special(event)
        bulk = event.read_only is not False or (about and is_data(event))
        if bulk and self._bulk[any(special)] >= MOST_BULK:
            self._result.aggregated += 1
            return False
        alike = actor, origin_key(event), event.service, event.name, event.error_code, special
        self._alike[alike] += 1
        if self._alike[alike] > (MOST_ALIKE if bulk else MOST_CHANGES):
            self._result.aggregated += 1
            return False
        self._bulk[any(special)] += bulk
        return True

    def _is_followed(self, event: Event) -> bool:
        """Whether the issuing call is of a key in question, or among the first of its like."""
        alike = "issued", event.who.access_key, event.name, str(event.parameters.get("roleArn"))
        self._alike[alike] += 1
        return event.minted_key in self._issued or self._alike[alike] <= MOST_ALIKE


_SPECIAL = (
    "versionId",
    "x-amz-acl",
    "x-amz-copy-source",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
)


def _special(event: Event) -> tuple[object, ...]:
    """What sets a call apart from others of its name: those with and without it are not alike."""
    key, written = event.key, {}
    if not event.parameters.keys().isdisjoint(_SPECIAL):
        written = {name: str(event.parameters[name]) for name in _SPECIAL if name in event.parameters}
    return (
        "versionId" in written,
        "x-amz-server-side-encryption-customer-algorithm" in written,
        written.get("x-amz-server-side-encryption-aws-kms-key-id", ""),
        written.get("x-amz-acl", ""),
        written.get("x-amz-copy-source", "").removeprefix("/").split("/")[0],
        event.extra.get("AuthenticationMethod") == "QueryString",
        key is not None and is_ransom_note(key),
        key is not None and is_credential_file(key),
    )


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


def _telling(event: Event, wanted: frozenset[str]) -> bool:
    name = names.plain(event.name)
    if event.service == "s3" and name in names.DATA:
        return False
    return name in wanted or event.service == "signin"
