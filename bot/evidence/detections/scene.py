"""What rules may know besides the record."""

from dataclasses import dataclass, field

from bot.evidence.detections.rule import Rule
from bot.evidence.detections.ruleset import Detections, bundled
from bot.evidence.events import Event


@dataclass(frozen=True)
class Scene:
    """The bucket asked about, its owner's account, accounts that may reach it, and the rules in force.

    Several answers ask the same rules about the same events: what a scene has found it keeps.
    """

    bucket: str
    owner: str | None
    known_accounts: frozenset[str] = frozenset()
    detections: Detections = field(default_factory=bundled, compare=False, repr=False)
    _met: dict[int, tuple[Event, tuple[Rule, ...]]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def met_by(self, event: Event) -> tuple[Rule, ...]:
        """The rules that a record satisfies (see Detections.detect)."""
        # By identity, with the event kept beside: as long as it is, nothing else has its place in memory.
        known = self._met.get(id(event))
        if known is None:
            known = self._met[id(event)] = event, tuple(self.detections.detect(event, self))
        return known[1]
