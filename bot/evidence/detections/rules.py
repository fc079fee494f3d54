"""Detections of single records: which rules a record satisfies, and which names a search must look for.

The rules are Sigma files in playbooks/detections, read and edited by the team; see the README there.
"""

from collections.abc import Iterator

from bot.evidence.detections.rule import Rule
from bot.evidence.detections.ruleset import bundled
from bot.evidence.detections.scene import Scene
from bot.evidence.events import Event


def detect(event: Event, scene: Scene) -> Iterator[Rule]:
    """The rules that a record satisfies; of those with the same id and kind only the first, the strongest."""
    return iter(scene.met_by(event))


def event_names() -> frozenset[str]:
    """The event names that our rules require, without the frequent ones."""
    return bundled().event_names()
