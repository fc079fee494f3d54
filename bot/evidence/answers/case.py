"""A case: everything that answers, timeline and proposals are drawn from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.evidence import names, wording
from bot.evidence.actors.labels import Assessment
from bot.evidence.collect import Collected, set_apart
from bot.evidence.coverage.coverage import Covered, Recorded
from bot.evidence.detections.rule_tests import Scene
from bot.evidence.detections.rules import detect
from bot.evidence.detections.sign import Sign
from bot.evidence.events import Event
from bot.evidence.report import Hop
from bot.evidence.touching import touches


@dataclass(frozen=True)
class Gate:
    """Whether "no" may be said. `missing` is how to learn what was not provably recorded (None: all was),
    `lost` what could not be read (None: all could), `where` what was read.
    """

    missing: str | None
    lost: str | None
    where: str


@dataclass(frozen=True)
class Case:
    """All that the answers are drawn from."""

    collected: Collected
    scene: Scene
    signs: Sequence[Sign]
    assessed: dict[str, Assessment]
    hops: Sequence[Hop]
    covered: Covered

    @property
    def about(self) -> list[Event]:
        """Events about the bucket, without this program's own."""
        question = self.collected.question
        return [
            event
            for event in self.collected.kept
            if touches(event, question.bucket) and set_apart(event.who, question) != "own"
        ]

    def others(self, wanted: Iterable[str], *, here: bool = False) -> list[Event]:
        """Successful events with these names, by anybody but services and this program."""
        question, wanted = self.collected.question, frozenset(wanted)
        return [
            event
            for event in (self.about if here else self.collected.kept)
            if names.plain(event.name) in wanted
            and event.succeeded
            and set_apart(event.who, question) in (None, "responder")
        ]

    def by_rules(self, rules: Iterable[str], *, here: bool = True) -> list[Event]:
        """Successful events that satisfy one of the rules."""
        wanted = frozenset(rules)
        return [
            event
            for event in (self.about if here else self.collected.kept)
            if event.succeeded
            and set_apart(event.who, self.collected.question) in (None, "responder")
            and any(rule.id in wanted for rule in detect(event, self.scene))
        ]

    @property
    def suspects(self) -> list[str]:
        """The actors labelled suspect."""
        return [actor for actor, one in self.assessed.items() if one.label == "suspect"]

    def gate(self, *needed: Recorded) -> Gate:
        """Open when all that is needed was provably recorded and read."""
        missing = next((one for one in needed if one not in self.covered.proven), None)
        how = wording.HOW_TO_KNOW[missing] if missing else None
        return Gate(how, self.covered.lost, self.covered.where)
