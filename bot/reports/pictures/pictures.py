"""The pictures of an investigation: PNG bytes, each with the sentences that stand for it.

The drawing library takes a second to import, so it is imported by the first picture that is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.evidence.report import Investigation
from bot.reports.pictures.chart import chart
from bot.reports.pictures.sentences import lineage_alt_text, timeline_alt_text
from bot.reports.pictures.tree import tree


@dataclass(frozen=True)
class Picture:
    """`name` is "timeline" or "lineage"; `alt_text` is plain text for those who cannot see it."""

    name: str
    title: str
    png: bytes
    alt_text: str


def pictures(found: Investigation) -> tuple[Picture, ...]:
    """Those that have something to show, in the order in which one looks at them."""
    return tuple(one for one in (timeline(found), lineage(found)) if one)


def timeline(found: Investigation) -> Picture | None:
    """Requests over time of each actor, with the changes; None when no request's time is known."""
    shown = chart(found)
    if shown is None:
        return None
    from bot.reports.pictures.timeline import draw  # noqa: PLC0415 -- see above

    return Picture("timeline", "Requests over time", draw(shown), timeline_alt_text(found))


def lineage(found: Investigation) -> Picture | None:
    """Where the keys came from that reached the bucket; None when nobody is known to have reached it."""
    shown = tree(found)
    if not shown.boxes:
        return None
    from bot.reports.pictures.lineage import draw  # noqa: PLC0415 -- see above

    return Picture("lineage", "How access reached the bucket", draw(shown), lineage_alt_text(found))
