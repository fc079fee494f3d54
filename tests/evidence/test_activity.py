"""Requests over time around the suspicious ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from bot.evidence.activity import MOST_BINS, MOST_ROWS, activity
from bot.evidence.pulse import Pulse

START = datetime(2026, 3, 1, tzinfo=UTC)
PLACE, HOME = ("AKIA", "203.0.113.66", "curl"), ("AKIA", "10.0.0.1", "aws-cli")


def tally(**places: Any) -> Any:
    """`here` and `home` are minutes at which one request each was made."""
    origins = {}
    for name, place in (("here", PLACE), ("home", HOME)):
        if name in places:
            counts = origins[place] = SimpleNamespace(pulse=Pulse())
            for minute in places[name]:
                counts.pulse.add(START + timedelta(minutes=minute), denied=minute % 2 == 1)
    return SimpleNamespace(origins=origins, bucket_events=places.get("events", 1))


def told(**tallies: Any) -> Any:
    suspect = SimpleNamespace(label="suspect", origins=frozenset({PLACE}))
    other = SimpleNamespace(label="known", origins=frozenset())
    assessed = {name: suspect if name.startswith("thief") else other for name in tallies}
    return activity(tallies, assessed)  # type: ignore[arg-type]


def test_the_suspicious_places_of_an_actor_are_told_apart_from_its_usual_ones() -> None:
    rows = told(thief=tally(here=[10, 11], home=[9]), maria=tally(home=[10]))
    assert [(one.actor, one.suspicious, one.ok, one.denied) for one in rows] == [
        ("thief", True, 1, 0),
        ("thief", True, 0, 1),
        ("thief", False, 0, 1),
        ("maria", False, 1, 0),
    ]


def test_what_is_far_from_the_suspicious_requests_is_left_out() -> None:
    rows = told(thief=tally(here=[10_000, 10_060], home=[0]), maria=tally(home=[9_990, 20_000]))
    assert {(one.actor, one.start) for one in rows} == {
        ("thief", START + timedelta(minutes=10_000)),
        ("thief", START + timedelta(minutes=10_060)),
        ("maria", START + timedelta(minutes=9_990)),
    }


def test_without_suspects_everything_is_told() -> None:
    assert len(told(maria=tally(home=[0, 50_000]))) == 2


def test_a_long_attack_is_told_in_few_bins() -> None:
    rows = told(thief=tally(here=range(0, 60_000, 7)))
    assert len(rows) <= MOST_BINS
    assert sum(one.ok + one.denied for one in rows) == len(range(0, 60_000, 7))


def test_a_crowd_is_summed_up() -> None:
    crowd = {f"user-{n}": tally(home=[n % 9]) for n in range(100)}
    rows = told(thief=tally(here=[3]), **crowd)
    assert len({one.actor for one in rows}) == MOST_ROWS + 1
    assert sum(one.ok + one.denied for one in rows) == 101
    assert all(one.label is None for one in rows if one.actor is None)


def test_nothing_is_told_of_nothing() -> None:
    assert told() == ()
