"""Counts over time: exact, bounded, and the same in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence import pulse
from bot.evidence.pulse import Pulse

START = datetime(2026, 3, 1, tzinfo=UTC)
REQUESTS = st.lists(st.tuples(st.integers(-50, 200_000), st.booleans()), max_size=60)


def counted(requests: list[tuple[int, bool]]) -> Pulse:
    made = Pulse()
    for minute, denied in requests:
        made.add(START + timedelta(minutes=minute, seconds=17), denied=denied)
    return made


def test_a_minute_is_a_bin_and_refusals_are_apart() -> None:
    made = counted([(0, False), (0, False), (0, True), (3, True)])
    assert list(made.bins()) == [(START, 2, 1), (START + timedelta(minutes=3), 0, 1)]


def test_too_many_bins_are_joined_and_nothing_is_lost() -> None:
    made = counted([(minute, minute % 7 == 0) for minute in range(20_000)])
    assert made.minutes == 32
    bins = list(made.bins())
    assert len(bins) <= pulse.MOST_BINS
    assert sum(ok for _, ok, _ in bins) + sum(denied for *_, denied in bins) == 20_000


def test_nothing_counted_is_false() -> None:
    assert not Pulse()
    assert counted([(0, True)])


@settings(deadline=None)
@given(REQUESTS, st.randoms(), st.integers(0, 60))
def test_order_and_splitting_play_no_part(requests: list, random: object, at: int) -> None:  # type: ignore[type-arg]
    few = pulse.MOST_BINS
    pulse.MOST_BINS = 8
    try:
        whole = counted(requests)
        parts = counted(requests[:at])
        parts.update(counted(requests[at:]))
        shuffled = list(requests)
        random.shuffle(shuffled)  # type: ignore[attr-defined]
        assert list(parts.bins()) == list(whole.bins()) == list(counted(shuffled).bins())
        assert len(whole.ok) <= 8
    finally:
        pulse.MOST_BINS = few
