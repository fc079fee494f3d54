"""What is held against one actor, and why."""

from dataclasses import dataclass

from bot.evidence.detections.sign import Sign
from bot.evidence.report import Label
from bot.evidence.tallies import OriginKey, Tally


@dataclass(frozen=True)
class Assessment:
    """A label, its reasons, the signs behind it, and from where the suspicious acts came.

    `inherited` are (sentence, id of the event that shows it) of what makes it a suspect's kin; `apart` says
    that the actor was set apart and never judged; `known_because` is what made it known; `split` tells of an
    owner and a thief behind one principal; `declared` of a key that was under suspicion before.
    """

    label: Label
    reasons: tuple[str, ...]
    signs: tuple[Sign, ...] = ()
    origins: frozenset[OriginKey] = frozenset()
    inherited: tuple[tuple[str, str], ...] = ()
    apart: bool = False
    known_because: str | None = None
    split: str | None = None
    declared: str | None = None


def same_places(origins: frozenset[OriginKey], tally: Tally) -> frozenset[OriginKey]:
    """Also what the same principal did from the same addresses with other keys or clients."""
    addresses = {origin[1] for origin in origins}
    return frozenset(origin for origin in tally.origins if origin[1] in addresses)
