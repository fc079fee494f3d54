"""Findings of an audit as lines: urgent ones under their bucket, the others put together over all buckets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby

from bot.slack.cards.text import and_more, code, inline
from bot.store.tables.audits import AuditResult

SEVERITIES = ("critical", "high", "medium", "low", "info")
URGENT = ("critical", "high")
#: So many buckets are all named; of more, the first ones and how many others there are.
NAMED = 3

Place = tuple[str, str]


def place(result: AuditResult) -> Place:
    """One check of one bucket."""
    return result.bucket, result.check


def badness(result: AuditResult) -> tuple[int, str, str]:
    """Sorts the worst first."""
    rank = SEVERITIES.index(result.severity) if result.severity in SEVERITIES else len(SEVERITIES)
    return rank, result.bucket, result.check


def urgent(bad: Iterable[AuditResult]) -> list[tuple[str, list[AuditResult]]]:
    """The critical and high findings by bucket, the worst bucket first."""
    found = sorted((one for one in bad if one.severity in URGENT), key=lambda one: one.bucket)
    groups = [
        (bucket, sorted(those, key=badness)) for bucket, those in groupby(found, lambda one: one.bucket)
    ]
    return sorted(groups, key=lambda group: badness(group[1][0]))


def line(result: AuditResult, new: Collection[Place]) -> str:
    """Under its bucket: `critical, new` and the whole sentence."""
    mark = ", new" if place(result) in new else ""
    return f"*{inline(result.severity)}{mark}* {inline(result.detail)}"


def together(results: Iterable[AuditResult], new: Collection[Place]) -> list[str]:
    """One line for each problem with all the buckets that have it: what it is, without what it means."""
    problems: dict[tuple[int, str, str, bool], list[str]] = {}
    for one in sorted(results, key=badness):
        what = one.detail.split(": ", 1)[0].rstrip(".")
        key = badness(one)[0], what, one.severity, place(one) in new
        problems.setdefault(key, []).append(one.bucket)
    return [
        f"*{inline(severity)}{', new' if is_new else ''}* {inline(what)}: {named(buckets)}"
        for (_, what, severity, is_new), buckets in sorted(problems.items())
    ]


def sentences(results: Iterable[AuditResult]) -> list[str]:
    """One line for each sentence, whole, with all the buckets of which it is said."""
    said: dict[str, list[str]] = {}
    for one in results:
        said.setdefault(one.detail, []).append(one.bucket)
    return [f"{named(buckets)}: {inline(detail)}" for detail, buckets in said.items()]


def named(buckets: Sequence[str]) -> str:
    """`a`, `b` and `c`; `a`, `b` and 3 more."""
    all_ = [code(one) for one in dict.fromkeys(buckets)]
    return and_more(all_, NAMED if len(all_) <= NAMED else NAMED - 1)
