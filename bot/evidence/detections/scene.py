"""What rules may know besides the record."""

from dataclasses import dataclass, field

from bot.evidence.detections.rule import Rule
from bot.evidence.detections.ruleset import Asked, Detections, Parts, bundled
from bot.evidence.events import Event


@dataclass
class Memory:
    """What was found of events, by their ids, for as long as the bucket's owner is taken to be the same.

    The passes of one investigation meet the same events again; their rules need be asked only once.
    """

    owner: str | None = None
    asked: dict[str, Asked] = field(default_factory=dict)

    def of(self, owner: str | None) -> "Memory":
        """Itself; emptied when the owner is another than before."""
        if owner != self.owner:
            self.owner, self.asked = owner, {}
        return self


@dataclass(frozen=True)
class Scene:
    """The bucket asked about, its owner's account, accounts that may reach it, and the rules in force.

    Several answers ask the same rules about the same events: what a scene has found it keeps, and finds in
    the `memory` of earlier scenes, where there is one: then no two events may share an id.
    """

    bucket: str
    owner: str | None
    known_accounts: frozenset[str] = frozenset()
    detections: Detections = field(default_factory=bundled, compare=False, repr=False)
    memory: Memory | None = field(default=None, compare=False, repr=False)
    _asked: dict[int, tuple[Event, Asked]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def met_by(self, event: Event) -> tuple[Rule, ...]:
        """The rules that a record satisfies (see Detections.asked)."""
        return self._of(event)[0]

    def parts_of(self, event: Event) -> Parts:
        """The parts of correlations that a record satisfies (see Detections.asked)."""
        return self._of(event)[1]

    def _of(self, event: Event) -> Asked:
        # By identity, with the event kept beside: as long as it is, nothing else has its place in memory.
        known = self._asked.get(id(event))
        if known is None:
            known = self._asked[id(event)] = event, self._remembered(event)
        return known[1]

    def _remembered(self, event: Event) -> Asked:
        if self.memory is None:
            return self.detections.asked(event, self)
        found = self.memory.asked.get(event.event_id)
        if found is None:
            found = self.memory.asked[event.event_id] = self.detections.asked(event, self)
        return found
