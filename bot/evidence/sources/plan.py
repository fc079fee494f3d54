"""Which look-ups to make in CloudTrail event history, and in which order (domain 1.5).

LookupEvents takes one attribute a call, 2 calls a second for each account and Region, so the order
matters: what the incident is about first, and a partial answer says how partial it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.evidence.names import BLINDING, EVASION, EXITS, EXPOSURE, PERSISTENCE, SAFETY_NETS

#: IAM, and the global endpoint of STS, log here.
GLOBAL_REGION = "us-east-1"

Attribute = tuple[str, str]


@dataclass(frozen=True)
class Lookup:
    """One LookupEvents query: a Region and one (AttributeKey, AttributeValue)."""

    region: str
    attribute: Attribute


@dataclass(frozen=True)
class LookupPlan:
    """Where to look and for what.

    `regions` are those with activity (the bucket's own first); `keys` are access keys already under
    suspicion. `most` bounds the look-ups, follow-ups included: 2 a second, so 240 take two minutes in one
    Region. `beside_files` says that the files of a trail that was on all the time are read too: they hold
    every call by name, so that history need only tell what keys did in the last minutes, and whether
    somebody blinded the trail.
    """

    bucket: str
    regions: tuple[str, ...]
    keys: tuple[str, ...] = ()
    beside_files: bool = False
    most: int = 240

    def lookups(self) -> Iterator[Lookup]:
        """Keys, then the bucket, then exposure, persistence and evasion, in this order."""
        everywhere = tuple(dict.fromkeys((*self.regions, GLOBAL_REGION)))
        for key in self.keys:
            yield from self.follow_ups(key)
        for region in self.regions:
            yield Lookup(region, ("ResourceName", self.bucket))
        if self.beside_files:
            yield from _named(BLINDING, everywhere)
            return
        yield from _named(EXPOSURE | EXITS | SAFETY_NETS, self.regions)
        yield from _named(PERSISTENCE, (GLOBAL_REGION,))
        yield from _named(EVASION, everywhere)

    def follow_ups(self, key: str) -> Iterator[Lookup]:
        """What a key did; and for a temporary key the call that issued it, whose resource it is."""
        for region in dict.fromkeys((*self.regions, GLOBAL_REGION)):
            yield Lookup(region, ("AccessKeyId", key))
            if key.startswith("ASIA"):
                yield Lookup(region, ("ResourceName", key))


def _named(names: frozenset[str], regions: tuple[str, ...]) -> Iterator[Lookup]:
    for name in sorted(names):
        for region in regions:
            yield Lookup(region, ("EventName", name))
