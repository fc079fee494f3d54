"""Events that turn up later are added to what was collected, as if they had been there from the beginning."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.evidence import keeping, tallies
from bot.evidence.collect import Collected, Collecting, OrderMattersError
from bot.evidence.events import Event, event_from
from bot.evidence.questions import Question
from bot.evidence.touching import touches
from tests.evidence.records import ACCOUNT, BUCKET, LEAKED_KEY, Log, Record, user
from tests.evidence.test_invariance import logs
from tests.examples import some_of

CI = user("ci-deploy", LEAKED_KEY, "198.51.100.10", "aws-cli/2.31.0")
QUESTION = Question(bucket=BUCKET, account_id=ACCOUNT)


def events_of(records: list[Record]) -> list[Event]:
    return sorted(map(event_from, records), key=lambda event: (event.time, event.event_id))


def told(found: Collected) -> dict[str, Any]:
    """All that was collected, in a form that can be compared."""
    members = vars(found) | {"objects": None, "kept": [event.event_id for event in found.kept]}
    members["tallies"] = [
        (actor, replace(tally, origins={}), list(tally.bearers), _places(tally))
        for actor, tally in found.tallies.items()
    ]
    return members


def _places(tally: tallies.Tally) -> list[Any]:
    return [(place, replace(one, read=None), list(one.calls)) for place, one in tally.origins.items()]


@given(records=logs(), data=st.data(), alike=st.sampled_from([1, 2, 200]), bulk=st.sampled_from([3, 10_000]))
@settings(
    max_examples=some_of(80),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_late_ones_make_no_difference(
    records: list[Record], data: st.DataObject, alike: int, bulk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_ALIKE", alike)
    monkeypatch.setattr(keeping, "MOST_CHANGES", alike * 2)
    monkeypatch.setattr(keeping, "MOST_BULK", bulk)
    events = events_of(records)
    late = {
        event.event_id
        for event in events
        if not touches(event, BUCKET) and data.draw(st.booleans(), label=event.name)
    }
    issued = frozenset(filter(None, (event.minted_key for event in events[:3])))
    collecting = Collecting(QUESTION)
    collecting.all_of((event for event in events if event.event_id not in late), frozenset())
    try:
        found = collecting.with_late((event for event in events if event.event_id in late), issued)
    except OrderMattersError:
        assert alike < 200
        return
    assert told(found) == told(Collecting(QUESTION).all_of(events, issued))


def _raises(early: list[Record], late: list[Record]) -> bool:
    collecting = Collecting(QUESTION)
    collecting.all_of(events_of(early), frozenset())
    try:
        collecting.with_late(events_of(late), frozenset())
    except OrderMattersError:
        return True
    return False


def test_where_the_order_matters_all_is_to_be_collected_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    here = [log.wait(seconds=1).object(CI, "GetObject", "k") for _ in range(3)]
    there = [log.wait(seconds=1).object(CI, "GetObject", "k", bucket="other") for _ in range(3)]
    moved = [log.object(CI.at(f"203.0.113.{n}"), "GetObject", "k", bucket="other") for n in range(3)]
    issuing = [log.wait(seconds=1).assume(CI, "r", "x", f"ASIA{number:016d}") for number in range(3)]
    assert not _raises(here, there + moved + issuing)
    assert _raises(here, here[:1])
    monkeypatch.setattr(tallies, "MOST_ORIGINS", 2)
    assert _raises(here, moved)
    assert _raises(moved, there)
    monkeypatch.setattr(tallies, "MOST_ORIGINS", 5)
    monkeypatch.setattr(keeping, "MOST_ALIKE", 2)
    assert _raises(issuing, there)
    assert not _raises(here, there)
