"""Which look-ups to make in CloudTrail event history, and in which order (domain 1.5).

LookupEvents takes one attribute a call, 2 calls a second for each account and Region, so the order
matters: what the incident is about first, and a partial answer says how partial it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.evidence.names import BLINDING, EVASION, EXITS, EXPOSURE, PERSISTENCE, SAFETY_NETS
from bot.evidence.wanted import Wanted

#: IAM, and the global endpoint of STS, log here.
GLOBAL_REGION = "us-east-1"

#: Beside a trail's files so many look-ups are enough: they are for what is not delivered yet.
MOST_BESIDE = 90

#: What destroys or gives away the key that objects are encrypted with (E21).
_KEY_CHANGES = frozenset({"DisableKey", "PutKeyPolicy", "ScheduleKeyDeletion"})

Attribute = tuple[str, str]


@dataclass(frozen=True)
class Lookup:
    """One LookupEvents query: a Region and one (AttributeKey, AttributeValue)."""

    region: str
    attribute: Attribute

    def __str__(self) -> str:
        return f"{self.region} {'='.join(self.attribute)}"


@dataclass(frozen=True)
class LookupPlan:
    """Where to look and for what.

    `regions` are those with activity (the bucket's own first). `most` bounds the look-ups of a run: 2 a
    second, so 240 take two minutes in one Region. `beside_files` says that the files of a trail that was on
    all the time are read too: they hold every call by name, so that history need only tell what keys did in
    the last minutes, and whether somebody blinded the trail.
    """

    bucket: str
    regions: tuple[str, ...]
    beside_files: bool = False
    most: int = 240

    @property
    def bound(self) -> int:
        """How many look-ups may be made in a run."""
        return min(self.most, MOST_BESIDE) if self.beside_files else self.most

    def lookups(self, wanted: Wanted) -> Iterator[Lookup]:
        """Keys in question, then the bucket, then exposure, persistence and evasion, then all other keys.

        Addresses and user agents cannot be looked up.
        """
        for key in sorted(wanted.foremost):
            yield from self.of_key(key)
        if wanted.bucket:
            yield from (Lookup(region, ("ResourceName", wanted.bucket)) for region in self.regions)
        yield from self._by_name(wanted.names)
        for principal in sorted(wanted.principals):
            if ":user/" in principal:
                name = principal.rsplit("/", 1)[-1]
                yield from (Lookup(region, ("Username", name)) for region in self._everywhere)
        for key in sorted(wanted.keys - wanted.foremost):
            yield from self.of_key(key)

    def of_key(self, key: str) -> Iterator[Lookup]:
        """What a key did; and for a temporary key the call that issued it, whose resource it is."""
        for region in self._everywhere:
            yield Lookup(region, ("AccessKeyId", key))
            if key.startswith("ASIA"):
                yield Lookup(region, ("ResourceName", key))

    def _by_name(self, wanted: frozenset[str]) -> Iterator[Lookup]:
        if self.beside_files:
            yield from _named(BLINDING & wanted, self._everywhere)
            return
        yield from _named((EXPOSURE | EXITS | SAFETY_NETS | _KEY_CHANGES) & wanted, self.regions)
        yield from _named(PERSISTENCE & wanted, (GLOBAL_REGION,))
        yield from _named((EVASION | {"ConsoleLogin"}) & wanted, self._everywhere)

    @property
    def _everywhere(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.regions, GLOBAL_REGION)))


def _named(names: frozenset[str], regions: tuple[str, ...]) -> Iterator[Lookup]:
    for name in sorted(names):
        for region in regions:
            yield Lookup(region, ("EventName", name))
