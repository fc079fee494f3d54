"""One pass over all sources: drop duplicates, count everything, keep what can matter.

What is kept are single events that name the bucket or belong to the catalogue of names; all others are
only counted, per principal and origin, so that memory follows what matters and not the size of the log.
The result does not depend on the order of sources, files or records.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from bot.evidence import names
from bot.evidence.events import Event, within
from bot.evidence.identity import Identity
from bot.evidence.questions import Question
from bot.evidence.sources.base import TRAIL_FILES, Source, in_reach
from bot.evidence.touching import touches

OriginKey = tuple[str | None, str, str]


@dataclass
class OriginTally:
    """Counts for one key, address and client of an actor."""

    first: datetime
    last: datetime
    first_id: str
    events: int = 0
    denied: int = 0
    objects: set[str] = field(default_factory=set)
    get_calls: int = 0
    bytes_out: int = 0
    calls_with_bytes: int = 0
    calls: Counter[str] = field(default_factory=Counter)


@dataclass
class Tally:
    """Counts for one actor. `who` is the identity with the smallest text, so that order plays no part.

    `here` counts the calls about the bucket by name, as `calls` of the origins counts all of them. `bearers`
    are the identities by access key: sessions of one principal begin at different times.
    """

    who: Identity
    bucket_events: int = 0
    here: Counter[str] = field(default_factory=Counter)
    bearers: dict[str, Identity] = field(default_factory=dict)
    origins: dict[OriginKey, OriginTally] = field(default_factory=dict)


@dataclass
class Seen:
    """What the events themselves prove about coverage: these were recorded.

    `management_regions` are those of management events in trail files: event history gives what it is
    asked for.
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


@dataclass
class Collected:
    """All that later steps need; `kept` is in order of time, `minting` reaches back before the window."""

    question: Question
    events: int = 0
    duplicates: int = 0
    outside: int = 0
    other_accounts: int = 0
    about_bucket: int = 0
    services: int = 0
    own: int = 0
    responders: int = 0
    kept: list[Event] = field(default_factory=list)
    minting: list[Event] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)

    def ordered(self) -> "Collected":
        """The same, its events by time and then by id, its counts by name, so that every run agrees."""
        self.kept.sort(key=_order)
        self.minting.sort(key=_order)
        self.tallies = dict(sorted(self.tallies.items()))
        for tally in self.tallies.values():
            tally.origins = dict(sorted(tally.origins.items(), key=_origin_order))
            for counts in tally.origins.values():
                counts.calls = Counter(dict(sorted(counts.calls.items())))
        return self


def _order(event: Event) -> tuple[datetime, str]:
    return event.time, event.event_id


def _origin_order(item: tuple[OriginKey, OriginTally]) -> tuple[datetime, str]:
    return item[1].first, item[1].first_id


def collect(
    question: Question, sources: Sequence[Source], keep: Callable[[Event], None] | None = None
) -> Collected:
    """Read every source once. `keep` receives each kept event with its record as received, for the vault."""
    result = Collected(question)
    for event in _once(sources, result):
        _place(event, result, keep)
    return result.ordered()


def _once(sources: Sequence[Source], result: Collected) -> Iterator[Event]:
    ids: set[str] = set()
    for source in sources:
        whole = source.coverage().kind == TRAIL_FILES
        for event in source.events():
            result.events += 1
            if whole and not is_data(event) and within(event.time, result.question.window):
                result.seen.management_regions.add(event.region)
            if event.event_id in ids:
                result.duplicates += 1
                continue
            ids.add(event.event_id)
            yield event


def _place(event: Event, result: Collected, keep: Callable[[Event], None] | None) -> None:
    question = result.question
    about = touches(event, question.bucket)
    if not about and _elsewhere(event, question.account_id):
        result.other_accounts += 1
        return
    inside = within(event.time, question.window)
    minting = event.name in names.MINTING or event.minted_key is not None
    if not inside:
        result.outside += 1
    if (inside and (about or _notable(event))) or (minting and in_reach(event, question.window)):
        if keep:
            keep(event)
        _remember(msgspec.structs.replace(event, raw=b""), result, inside=inside, minting=minting)
    if inside:
        _count(event, result, about=about)


def _remember(event: Event, result: Collected, *, inside: bool, minting: bool) -> None:
    if inside:
        result.kept.append(event)
    if minting:
        result.minting.append(event)


def _count(event: Event, result: Collected, *, about: bool) -> None:
    result.about_bucket += about
    role = set_apart(event.who, result.question)
    result.services += role == "service"
    result.own += role == "own"
    result.responders += role == "responder"
    _see(event, result.seen, about=about)
    _tally(event, result, about=about)


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
    seen.first = min(seen.first or event.time, event.time)
    seen.last = max(seen.last or event.time, event.time)
    if not is_data(event):
        return
    if about and event.name in names.DATA_READS:
        seen.data_reads += 1
        seen.first_read = min(seen.first_read or event.time, event.time)
        seen.last_read = max(seen.last_read or event.time, event.time)
    elif about and event.name in names.DATA_WRITES:
        seen.data_writes += 1
        seen.first_write = min(seen.first_write or event.time, event.time)
        seen.last_write = max(seen.last_write or event.time, event.time)


def is_data(event: Event) -> bool:
    """Whether this is an S3 data event: by its name, because older records carry no flag."""
    return (event.service == "s3" and event.name in names.DATA) or event.category == "Data"


def actor_key(event: Event) -> str:
    """What keeps actors apart: the principal; for unsigned requests the address is all there is."""
    return f"anonymous ({event.source_ip})" if event.who.is_anonymous else event.who.principal


def _tally(event: Event, result: Collected, *, about: bool) -> None:
    tally = result.tallies.setdefault(actor_key(event), Tally(event.who))
    tally.who = min(tally.who, event.who, key=_plainest)
    if key := event.who.access_key:
        tally.bearers[key] = min(tally.bearers.get(key, event.who), event.who, key=_plainest)
    tally.bucket_events += about
    if about:
        tally.here[f"{event.service}:{event.name}"] += 1
    origin = tally.origins.setdefault(origin_key(event), OriginTally(event.time, event.time, event.event_id))
    origin.first, origin.first_id = min((origin.first, origin.first_id), (event.time, event.event_id))
    origin.last = max(origin.last, event.time)
    origin.events += 1
    origin.denied += event.denied
    origin.calls[f"{event.service}:{event.name}"] += 1
    if about and reads_content(event):
        _read(event, origin)


def _plainest(who: Identity) -> tuple[str, ...]:
    return who.type, who.user_name or "", who.session_name or "", who.session_created or "~"


def origin_key(event: Event) -> OriginKey:
    """One key, used from one address, with one client."""
    return event.who.access_key, event.source_ip, event.user_agent


def reads_content(event: Event) -> bool:
    """Whether the call handed over the content of an object."""
    return event.service == "s3" and event.name in names.CONTENT_READS and event.succeeded


def _read(event: Event, origin: OriginTally) -> None:
    origin.get_calls += 1
    if event.key is not None:
        origin.objects.add(event.key)
    if (size := event.bytes_out) is not None:
        origin.bytes_out += size
        origin.calls_with_bytes += 1


def _elsewhere(event: Event, account: str | None) -> bool:
    return account is not None and event.account not in (None, account) and event.who.account != account


def _notable(event: Event) -> bool:
    name = names.plain(event.name)
    if event.service == "s3" and name in names.DATA:
        return False
    return name in names.NOTABLE or name in names.WORTH_A_FINDING or event.service == "signin"
