"""A case: everything that answers, timeline and proposals are drawn from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from bot.evidence import names, wording
from bot.evidence.actors.assessment import Assessment
from bot.evidence.actors.lineage import Mints
from bot.evidence.actors.people import Joined
from bot.evidence.collect import Collected, OriginKey, actor_key, origin_key
from bot.evidence.coverage.coverage import Covered, Recorded
from bot.evidence.detections.scene import Scene
from bot.evidence.detections.sign import Sign
from bot.evidence.events import Event
from bot.evidence.report import Clue, Coverage, Hop
from bot.evidence.touching import touches


@dataclass(frozen=True)
class Gate:
    """Whether "no" may be said. `missing` is how to learn what was not provably recorded (None: all was),
    `until` up to when it was if not to the end, `lost` what could not be read (None: all could), `where`
    what was read.
    """

    missing: str | None
    lost: str | None
    where: str
    until: datetime | None = None


@dataclass(frozen=True)
class Case:
    """All that the answers are drawn from. `bucket_before`: see Gathered."""

    collected: Collected
    scene: Scene
    signs: Sequence[Sign]
    assessed: dict[str, Assessment]
    hops: Sequence[Hop]
    covered: Covered
    mints: Mints
    joined: Joined
    new: Mapping[str, bool | None]
    clues: Sequence[Clue] = ()
    bucket_before: Mapping[str, Any] | None = None

    @cached_property
    def about(self) -> list[Event]:
        """Events about the bucket, without this program's own."""
        bucket, role_of = self.collected.question.bucket, self.collected.set_apart
        return [
            event for event in self.collected.kept if role_of(event.who) != "own" and touches(event, bucket)
        ]

    def others(self, wanted: Iterable[str], *, here: bool = False) -> list[Event]:
        """Successful events with these names, by anybody but services and this program."""
        wanted = frozenset(wanted)
        return [event for name, event in (self._worked_here if here else self._worked) if name in wanted]

    @cached_property
    def _worked(self) -> list[tuple[str, Event]]:
        """Successful events by anybody but services and this program, with their plain names."""
        return self._worked_of(self.collected.kept)

    @cached_property
    def _worked_here(self) -> list[tuple[str, Event]]:
        return self._worked_of(self.about)

    def _worked_of(self, events: Iterable[Event]) -> list[tuple[str, Event]]:
        role_of = self.collected.set_apart
        return [
            (names.plain(event.name), event)
            for event in events
            if event.succeeded and role_of(event.who) in (None, "responder")
        ]

    def total(self, wanted: Iterable[str]) -> int:
        """How many such calls about the bucket worked, by anybody but services and this program."""
        role_of, wanted = self.collected.set_apart, frozenset(wanted)
        return sum(
            number
            for tally in self.collected.tallies.values()
            if role_of(tally.who) in (None, "responder")
            for counts in tally.origins.values()
            for (name, outcome), number in counts.outcomes.items()
            if name in wanted and outcome == "ok"
        )

    def by_rules(self, rules: Iterable[str], *, here: bool = True) -> list[Event]:
        """Successful events that satisfy one of the rules, by anybody but services and this program."""
        wanted = frozenset(rules)
        events = self.about if here else self.collected.kept
        return [event for event in events if wanted & self._rules.get(event.event_id, frozenset())]

    @cached_property
    def _rules(self) -> dict[str, frozenset[str]]:
        """The rules that each successful event satisfies."""
        met = ((event.event_id, self.scene.met_by(event)) for _, event in self._worked)
        return {event_id: frozenset(rule.id for rule in rules) for event_id, rules in met if rules}

    @cached_property
    def suspects(self) -> list[str]:
        """The actors labelled suspect."""
        return [actor for actor, one in self.assessed.items() if one.label == "suspect"]

    def gate(self, *needed: Recorded) -> Gate:
        """Open when all that is needed was provably recorded and read."""
        missing = [one for one in needed if one not in self.covered.proven]
        how = wording.HOW_TO_KNOW[missing[0]] if missing else None
        known = [self.covered.until.get(one) for one in missing]
        ends = [one for one in known if one is not None]
        until = min(ends) if ends and len(ends) == len(known) else None
        return Gate(how, self.covered.lost, self.covered.where, until)

    def clues_of(self, source: str) -> list[Clue]:
        """What one of the other AWS services says."""
        return [clue for clue in self.clues if clue.source == source]

    def looked(self, subject: str) -> Coverage | None:
        """The coverage row of a subject, if there is one."""
        return next((row for row in self.covered.rows if row.subject == subject), None)

    @cached_property
    def suspicious(self) -> frozenset[str]:
        """The ids of kept events that suspects made from the places held against them."""
        return frozenset(e.event_id for e in self.collected.kept if self.is_suspicious(e))

    def is_suspicious(self, event: Event) -> bool:
        """Whether a suspect made it, from a place that is held against it."""
        return self.holds_against(actor_key(event), origin_key(event))

    def holds_against(self, actor: str, place: OriginKey) -> bool:
        """Whether an actor is a suspect, and what came from this place is held against it."""
        found = self.assessed.get(actor)
        if found is None or found.label != "suspect":
            return False
        return not found.origins or place in found.origins
