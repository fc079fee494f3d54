"""The people whom a report names by their Slack user ids, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from bot.reports.data import Named, ReportData

#: What a user id in Slack looks like; what this program did itself stands under its own name.
_USER_ID = re.compile(r"[UW][A-Z0-9]{2,}")


def with_names(data: ReportData, name_of: Callable[[str], str | None]) -> ReportData:
    """The same with the names of the people in it; whom nobody can name (None) keeps the id alone."""
    ids = dict.fromkeys(one for one in _people(data) if one and _USER_ID.fullmatch(one))
    names = ((one, name_of(one)) for one in ids)
    return replace(data, people=tuple(Named(one, name) for one, name in names if name))


def _people(data: ReportData) -> Iterator[str | None]:
    """Everybody who did something in the incident, in the report's order; some more than once."""
    yield data.facts.opened_by
    yield data.facts.closed_by
    yield from (one.who for one in data.chronology.happenings if one.side == "response")
    for change in data.changes:
        yield from (change.requested_by, change.decided_by, *(yes.user_id for yes in change.approvals))
    yield from (one.done_by for one in data.duties)
