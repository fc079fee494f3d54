"""The detections in force, asked about single events and about all of them in order of time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from bot.evidence import names
from bot.evidence.detections.computed import Surroundings, is_outsider
from bot.evidence.detections.event_record import record_of
from bot.evidence.detections.making import Made, Ready, make
from bot.evidence.detections.rule import Rule
from bot.evidence.detections.sigma.correlations import Correlation, Hit, Match
from bot.evidence.detections.sigma.files import Problem, read
from bot.evidence.detections.sigma.record import Record
from bot.evidence.events import Event
from bot.resources import data_folder

#: Parts of correlations that a record satisfies, each with the record's values that correlations need.
Parts = tuple[tuple[str, Mapping[str, str]], ...]

#: What comes of a record: the rules that it satisfies, and the parts of correlations.
Asked = tuple[tuple[Rule, ...], Parts]


class CorrelationScene(Surroundings, Protocol):
    """Surroundings that may remember what they were asked of an event."""

    def parts_of(self, event: Event) -> Parts: ...


@dataclass(frozen=True)
class Correlated:
    """A correlation rule that holds for a group of records: the window in which it counted most."""

    rule: Rule
    count: float
    events: Sequence[Event]

    @property
    def title(self) -> str:
        """The rule's title, with what was counted."""
        return self.rule.titled(self.count)


@dataclass(frozen=True)
class _Possible:
    """Rules that a record may satisfy; whether some ask for its user agent, its caller's key, strangers."""

    rules: Sequence[Ready]
    of_agents: bool
    of_keys: bool
    of_outsiders: bool


class Detections:
    """The rules of some folders. Made once, it serves all threads."""

    def __init__(self, made: Made) -> None:
        self._made = made
        self._parts = frozenset(ref for one, *_ in made.correlations for ref in one.references)
        self._candidates = lru_cache(maxsize=4096)(self._that_may_hold)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was left out, and why."""
        return tuple(sorted(self._made.problems))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Rules that one record decides and that are told by themselves, strongest first."""
        return tuple(one.rule for one in self._made.ready if one.shown)

    @property
    def parts(self) -> tuple[Rule, ...]:
        """Rules that are nothing but parts of correlations."""
        return tuple(one.rule for one in self._made.ready if not one.shown)

    @property
    def correlations(self) -> tuple[Rule, ...]:
        """Rules that take several records."""
        return tuple(rule for _, rule, shown in self._made.correlations if shown)

    def asked(self, event: Event, scene: Surroundings) -> Asked:
        """The rules that a record satisfies (of those with one id and kind only the strongest), and the parts
        of correlations.
        """
        candidates = self._about(event, scene)
        if not candidates:
            return (), ()
        record = record_of(event, scene)
        holding = [one for one in candidates if one.test(record)]
        rules: dict[tuple[str, str], Rule] = {}
        for one in holding:
            if one.shown:
                rules.setdefault((one.rule.id, one.rule.kind), one.rule)
        parts = ((one.key, self._texts(one, record)) for one in holding if one.key in self._parts)
        return tuple(rules.values()), tuple(parts)

    def _texts(self, part: Ready, record: Record) -> Mapping[str, str]:
        """What stands in the fields that correlations ask of a part."""
        return {name: some[0] for name in self._made.fields[part.key] if (some := record.texts(name))}

    def correlate(self, events: Iterable[Event], scene: CorrelationScene) -> Iterator[Correlated]:
        """The correlation rules that hold for events in order of time, once for each group of each rule."""
        matches: dict[str, Sequence[Match[Event]]] = self._matches(events, scene)
        for correlation, rule, shown in self._made.correlations:
            hits = list(_once_each(correlation, matches, every=correlation.name in self._parts))
            if correlation.name in self._parts:
                matches[correlation.name] = sorted((hit.match for hit in hits), key=lambda match: match.time)
            if shown:
                for hit in _best(hits):
                    yield Correlated(rule, hit.measure, hit.match.events())

    def event_names(self) -> frozenset[str]:
        """The names worth searching whole logs for: those that rules require, less `names.FREQUENT`.

        Of frequent names rules see the records about the bucket, and those of everybody who is followed.
        """
        return frozenset(name for one in self._made.ready for name in one.rule.names) - names.FREQUENT

    def user_agent_parts(self) -> frozenset[str]:
        """Parts of user agents, in lower case, that rules look for in calls of any name."""
        return frozenset(part for one in self._of_any_name() for part in one.agents or ())

    def identity_types(self) -> frozenset[str]:
        """userIdentity types, in lower case, that rules look for in calls of any name, such as `root`."""
        return frozenset(kind for one in self._of_any_name() for kind in one.types or ())

    def _of_any_name(self) -> Iterator[Ready]:
        return (one for one in self._made.ready if one.names is None and one.shown)

    def _about(self, event: Event, scene: Surroundings) -> Sequence[Ready]:
        """The rules that a record can satisfy at all: few, mostly none."""
        who = event.who
        possible = self._candidates(
            event.name, event.service, who.type, event.error_code or "", event.denied, who.is_anonymous
        )
        rules = possible.rules
        if possible.of_outsiders:
            outsider = str(is_outsider(event, scene)).lower()
            rules = [one for one in rules if one.outsider is None or outsider in one.outsider]
        if possible.of_agents:
            agent = event.user_agent.lower()
            rules = [one for one in rules if one.agents is None or any(part in agent for part in one.agents)]
        if possible.of_keys:
            key = (who.access_key or "").lower()
            rules = [one for one in rules if one.keys is None or any(part in key for part in one.keys)]
        return rules

    def _that_may_hold(
        self, name: str, service: str, kind: str, error: str, denied: bool, anonymous: bool
    ) -> _Possible:
        either = {name.lower(), names.plain(name).lower()}
        source, kind, error = f"{service.lower()}.amazonaws.com", kind.lower(), error.lower()
        rules = [
            one
            for one in self._made.ready
            if (one.names is None or not either.isdisjoint(one.names))
            and (one.sources is None or source in one.sources or service.lower() in one.sources)
            and (one.types is None or kind in one.types)
            and (one.errors is None or error in one.errors)
            and (one.denied is None or str(denied).lower() in one.denied)
            and (one.anonymous is None or str(anonymous).lower() in one.anonymous)
        ]
        return _Possible(
            rules,
            of_agents=any(one.agents for one in rules),
            of_keys=any(one.keys for one in rules),
            of_outsiders=any(one.outsider for one in rules),
        )

    def _matches(self, events: Iterable[Event], scene: CorrelationScene) -> dict[str, Sequence[Match[Event]]]:
        """What each part of a correlation matched, in order of time."""
        found: dict[str, list[Match[Event]]] = {key: [] for key in self._parts}
        for event in events:
            for key, texts in scene.parts_of(event):
                found[key].append(Match(key, event.time, event, texts))
        return dict(found)


def _once_each(
    correlation: Correlation, matches: Mapping[str, Sequence[Match[Event]]], *, every: bool
) -> Iterable[Hit[Event]]:
    """All hits where other correlations build on them, else the best of each group."""
    hits = correlation.hits(matches)
    return hits if every else _best(hits)


def _best(hits: Iterable[Hit[Event]]) -> Iterable[Hit[Event]]:
    """The hit of each group that counts most, the earliest of equals."""
    best: dict[tuple[str, ...], Hit[Event]] = {}
    for hit in hits:
        if hit.group not in best or hit.measure > best[hit.group].measure:
            best[hit.group] = hit
    return best.values()


def load(folders: Sequence[Path] = ()) -> Detections:
    """Our rules and those in the folders; a rule with the id of an earlier one takes its place.

    Raises nothing for what stands in files: see `Detections.problems`.
    """
    return Detections(make(read([data_folder("playbooks") / "detections", *folders])))


@lru_cache(maxsize=1)
def bundled() -> Detections:
    """Our rules alone."""
    return load()


def is_loaded() -> bool:
    """Whether our rules are at hand; the first use of them in a process takes a while."""
    return bundled.cache_info().currsize > 0
