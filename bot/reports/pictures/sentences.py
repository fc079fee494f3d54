"""What is written in the pictures, and the sentences that stand for them where they cannot be seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.evidence.report import Investigation
from bot.evidence.wording import short, some
from bot.reports.pictures.chart import Chart, chart
from bot.reports.pictures.tree import Tree, tree

#: Slack takes 2,000 characters; a screen reader reads all of them.
MOST = 900


def per_minute(rate: float) -> str:
    """`up to 35 a minute`, also below one."""
    if rate < 1:
        return "less than one a minute"
    return f"up to {rate:,.0f} a minute"


def between(start: datetime, end: datetime) -> str:
    """A span of time in UTC; the day is said once, and of weeks only the days."""
    if end - start > timedelta(days=7):
        return f"{start:%Y-%m-%d} to {end:%Y-%m-%d} UTC"
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d %H:%M} to {until} UTC"


def seen_from(shown: Chart) -> str:
    return between(shown.start, shown.end) + ("" if shown.whole else ", around the suspicious requests")


def changes_left_out(count: int) -> str:
    return f"and {some(count, 'more change')}: see the timeline"


def timeline_alt_text(found: Investigation) -> str:
    """Says what the timeline picture shows."""
    shown = chart(found)
    if shown is None:
        return "An empty timeline: no request's time is known."
    lanes = "; ".join(
        f"{'Suspect ' if one.suspicious else ''}{short(one.name, 80)}: {some(one.requests, 'request')},"
        f" {one.denied:,} refused, {per_minute(one.peak)}"
        for one in shown.lanes
    )
    changes = "; ".join(f"{shown.stamp(one.time)} {short(one.text, 80)}" for one in shown.marks)
    more = f"; {changes_left_out(shown.more_marks)}" if shown.more_marks else ""
    told = f"Changes: {changes}{more}." if changes else "No change is marked."
    return _cut(
        f"Requests over time in {short(shown.bucket, 63)}, {between(shown.start, shown.end)}. {lanes}. {told}"
    )


def lineage_alt_text(found: Investigation) -> str:
    """Says what the lineage picture shows."""
    return _cut(f"How access reached {short(found.bucket, 63)}. " + " ".join(_walk(tree(found))))


def _walk(shown: Tree) -> Iterator[str]:
    if not shown.boxes:
        yield "No key's origin is known."
    for box in shown.boxes:
        key = f", key {short(box.key, 40)}" if box.key else ""
        issued = f", issued by {short(box.parent, 60)}" if box.parent else ""
        more = "".join(f", {short(one, 90)}" for one in (box.how, box.reach) if one)
        yield f"{'Suspect ' if box.suspicious else ''}{short(box.title, 90)}{key}{issued}{more}."
    if shown.left_out:
        yield f"{some(shown.left_out, 'more key')} not drawn."


def _cut(text: str) -> str:
    return text if len(text) <= MOST else text[: MOST - 1].rstrip() + "…"
