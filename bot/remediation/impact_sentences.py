"""What a change would do to recorded requests, in sentences: a few for the card, all of it for Details.

Makers, actions and prefixes come from the log: whoever shows them escapes them. Moments are written so that
whoever shows them can give the reader's own time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.policy.replay import Fate
from bot.remediation.impact import Impact, Requests
from bot.remediation.plan import AwsVerdict

_SHOWN = 3
_TITLES: dict[Fate, str] = {
    "stops": "Would stop",
    "opens": "Would let in",
    "depends": "Cannot be told",
    "keeps": "Goes on as before",
    "refused": "Refused either way, as policies are now",
}
UNREADABLE = "The recorded requests cannot be read, so whom this change stops cannot be told. {}"
NO_EVIDENCE = (
    "No evidence was collected yet, so whom this change stops cannot be told: start an investigation first,"
    " or ask the owner what depends on it."
)


def told(impact: Impact) -> tuple[str, ...]:
    """The table in a few sentences: whom the change stops, whom it lets in, and what cannot be told."""
    return tuple(_told(impact))


def _told(impact: Impact) -> Iterator[str]:
    if not impact.requests:
        yield f"No request was recorded {when(impact)}: nothing tells who uses it. {_unseen(impact)}".strip()
        return
    yield _stopped(impact)
    if others := impact.of("stops", attacker=False):
        yield f"Would also stop: {_listed(others, impact.total('stops').others)}."
    if impact.total("opens").attacker:
        yield f"Would let the attacker in: {_count(impact.total('opens').attacker)} refused until now."
    if opened := impact.of("opens", attacker=False):
        yield f"Would let in, refused until now: {_listed(opened, impact.total('opens').others)}."
    if undecided := _undecided(impact):
        yield undecided
    if unseen := _unseen(impact):
        yield unseen


def _stopped(impact: Impact) -> str:
    total = impact.total("stops")
    attacker = f"attacker {_count(total.attacker)}" if total.attacker else "none of the attacker's requests"
    nobody = "" if total.others else f"; nobody else {when(impact)}"
    return f"Would stop: {attacker}{nobody}."


def _undecided(impact: Impact) -> str:
    total = impact.total("depends")
    if not total.attacker + total.others:
        return ""
    rows = (*impact.of("depends", attacker=False), *impact.of("depends", attacker=True))
    keys = sorted({key for row in rows for key in row.depends_on})
    whose = f", {total.attacker:,} of them the attacker's" if total.attacker else ""
    who = f" ({_some([_who(row.maker) for row in rows])})" if rows else ""
    turns = f": they turn on {_some(keys)}, which the log does not tell" if keys else ""
    return f"Cannot be told of {_count(total.attacker + total.others)}{whose}{who}{turns}."


def _unseen(impact: Impact) -> str:
    if not impact.unseen:
        return ""
    return f"Not, or not all, recorded: {', '.join(impact.unseen)}. Who makes those requests cannot be told."


def when(impact: Impact) -> str:
    """`in 30 days`, or between two moments, or in the log where it is not limited."""
    if impact.start is None or impact.end is None:
        return "in the log"
    days = (impact.end - impact.start).days
    if days > 1:
        return f"in {days} days"
    return f"from {_moment(impact.start)} to {_moment(impact.end)}"


def all_rows(impact: Impact) -> tuple[str, ...]:
    """Every row that the plan has, and how many more there were."""
    lines = [f"{_TITLES[row.fate]}: {'attacker, ' if row.attacker else ''}{_row(row)}" for row in impact.rows]
    more = f"{impact.left_out:,} more rows are counted, but not listed." if impact.left_out else ""
    return (*lines, *((more,) if more else ()))


def totals(impact: Impact) -> str:
    """All counts in a sentence."""
    counts = (
        f"{_TITLES[one.fate].lower()} {one.attacker + one.others:,} (attacker {one.attacker:,})"
        for one in impact.totals
        if one.attacker + one.others
    )
    return f"{_count(impact.requests)} recorded {when(impact)}: {', '.join(counts) or 'none'}."


def _listed(rows: Sequence[Requests], total: int) -> str:
    shown = "; ".join(map(_row, rows[:_SHOWN]))
    rest = total - sum(row.requests for row in rows[:_SHOWN])
    return f"{shown}; and {_count(rest)} more" if rest > 0 else shown


def _row(row: Requests) -> str:
    where = f" on {row.prefix}" if row.prefix else ""
    last = f", last seen {_moment(row.last_seen)}" if row.last_seen else ""
    turns = f", turns on {', '.join(row.depends_on)}" if row.depends_on else ""
    return f"{_who(row.maker)} {row.action}{where}, {_count(row.requests)}{last}{turns}"


def _who(maker: str) -> str:
    return "unsigned requests (anonymous)" if maker == "anonymous" else maker


def _count(number: int) -> str:
    return "1 request" if number == 1 else f"{number:,} requests"


def _some(values: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(values))
    more = f" and {len(distinct) - _SHOWN} more" if len(distinct) > _SHOWN else ""
    return ", ".join(distinct[:_SHOWN]) + more


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def verdict(one: AwsVerdict) -> str:
    """AWS's own judgement beside ours; where they differ, that comes first."""
    if one.about == "new access":
        return _new_access(one)
    policy = "The policy as it is" if one.when == "before" else "The policy after the change"
    ours = "public" if one.ours else "not public"
    if one.public is None:
        return f"{policy}: {ours} by this program's reading. {one.by} could not be had: {one.why}"
    if not one.differs:
        return f"{policy}: {ours}; {one.by} says the same."
    theirs = "public" if one.public else "not public"
    return (
        f"{policy} is judged differently: AWS ({one.by}) says {theirs}, this program says {ours}."
        " Trust AWS, and look at the policy before you approve."
    )


def _new_access(one: AwsVerdict) -> str:
    if one.public is None:
        return (
            "The new policy allows nothing that the old one did not: proven by this program alone."
            f" {one.by} could not be had: {one.why}"
        )
    return f"The new policy allows nothing that the old one did not: proven, and {one.by} says the same."


def grants_more(label: str, by: str) -> str:
    """Why a plan is refused that our own proof found narrower."""
    return (
        f"AWS says that the policy planned for {label} would allow more than the one in force ({by}),"
        " although this program proved that it does not. One of them is wrong, so nothing is proposed: narrow"
        " the policy by hand, or take back what the attacker gave (R11)."
    )
