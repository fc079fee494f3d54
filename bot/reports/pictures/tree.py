"""What the lineage picture shows, before it is drawn: from the origins of keys to the bucket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.evidence.report import Actor, Hop, Investigation, Origin
from bot.evidence.wording import called, some

#: More cannot be read on a phone; the rest is counted.
MOST_BOXES = 14
#: Boxes move to the right only so far.
MOST_DEPTH = 4


@dataclass(frozen=True)
class Box:
    """A key, a session, or what stands at the origin.

    `above` is the index of the box that issued it (None: an origin), `parent` that box's title. `how` says by
    what call and when it was issued, `reach` what was done with it; `at_bucket`: it touched the bucket.
    """

    title: str
    key: str | None = None
    how: str = ""
    reach: str = ""
    depth: int = 0
    above: int | None = None
    parent: str = ""
    suspicious: bool = False
    at_bucket: bool = False


@dataclass(frozen=True)
class Tree:
    """`left_out` boxes are not drawn because there are too many."""

    bucket: str
    boxes: tuple[Box, ...]
    left_out: int


def tree(found: Investigation) -> Tree:
    """The lineage's keys, each under what issued it; suspects without a key; everybody else in one box."""
    boxes = [*_keys(found), *_keyless(found)]
    shown = boxes[:MOST_BOXES]
    return Tree(found.bucket, (*shown, *_others(found)), len(boxes) - len(shown))


def _keys(found: Investigation) -> list[Box]:
    hops = {hop.access_key_id: hop for hop in found.lineage}
    uses = _uses(found.actors)
    boxes: list[Box] = []
    origins: dict[str, int] = {}
    placed: set[str] = set()

    def place(hop: Hop, above: int | None) -> None:
        if hop.access_key_id in placed:  # also where keys are said to have issued each other
            return
        placed.add(hop.access_key_id)
        if above is None and (name := _issuer(hop)):
            above = origins.setdefault(name, len(boxes))
            if above == len(boxes):
                boxes.append(Box(name))
        boxes.append(_box(hop, above, boxes, uses.get(hop.access_key_id, [])))
        here = len(boxes) - 1
        for child in hops.values():
            if child.parent_key_id == hop.access_key_id:
                place(child, here)

    for hop in sorted(hops.values(), key=lambda hop: hop.parent_key_id in hops):
        place(hop, None)
    return boxes


def _issuer(hop: Hop) -> str:
    """What is known of who issued the first key of a chain."""
    if hop.minted_by is None:
        return ""
    return called(hop.minted_by) + (f", key {hop.parent_key_id}" if hop.parent_key_id else "")


def _box(hop: Hop, above: int | None, boxes: list[Box], uses: list[tuple[Actor, Origin]]) -> Box:
    moment = f" on {hop.time:%Y-%m-%d %H:%M:%S}" if hop.time else ""
    return Box(
        title=called(hop.principal),
        key=hop.access_key_id,
        how=f"{hop.event}{moment}" if hop.event else hop.origin.partition(". ")[0],
        reach=_reach([origin for _, origin in uses]),
        depth=0 if above is None else min(boxes[above].depth + 1, MOST_DEPTH),
        above=above,
        parent="" if above is None else boxes[above].title,
        suspicious=any(origin.suspicious for _, origin in uses),
        at_bucket=any(actor.bucket_events for actor, _ in uses),
    )


def _uses(actors: Iterable[Actor]) -> Mapping[str, list[tuple[Actor, Origin]]]:
    """Who used each key, and from where."""
    uses: dict[str, list[tuple[Actor, Origin]]] = {}
    for actor in actors:
        for origin in actor.origins:
            if origin.access_key_id:
                uses.setdefault(origin.access_key_id, []).append((actor, origin))
    return uses


def _reach(origins: list[Origin]) -> str:
    """`48 calls, 2 refused; 35 objects read`; what several places read may be the same objects."""
    if not origins:
        return "not used in these logs"
    calls, denied = sum(one.events for one in origins), sum(one.denied for one in origins)
    read = [one.objects_read for one in origins if one.objects_read]
    objects = f"; {'at least ' if len(read) > 1 else ''}{some(max(read), 'object')} read" if read else ""
    return f"{some(calls, 'call')}, {denied:,} refused{objects}"


def _keyless(found: Investigation) -> Iterator[Box]:
    """Suspects whose requests carry no key, or one that the lineage does not tell of."""
    told = {hop.access_key_id for hop in found.lineage}
    for actor in found.suspects:
        places = [one for one in actor.origins if one.suspicious and one.access_key_id not in told]
        if places or not actor.origins:
            unsigned = actor.principal == "anonymous"
            yield Box(
                title=f"anonymous, {', '.join(actor.source_ips[:3])}"
                if unsigned
                else called(actor.principal),
                key=next((one.access_key_id for one in places if one.access_key_id), None),
                how="no credentials" if unsigned else "its key's origin is not in these logs",
                reach=_reach(places),
                suspicious=True,
                at_bucket=actor.bucket_events > 0,
            )


def _others(found: Investigation) -> Iterator[Box]:
    rest = [one for one in found.actors if one.label != "suspect" and one.bucket_events]
    if rest:
        names = list(dict.fromkeys(called(one.principal) for one in rest))
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield Box(
            title="Not suspect",
            how=f"{', '.join(names[:3])}{more}",
            reach=f"{some(sum(one.bucket_events for one in rest), 'call')} on the bucket",
            at_bucket=True,
        )
