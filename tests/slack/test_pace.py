"""One message a second and channel, with short bursts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.pace import Pace


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_free_and_then_it_is_one_a_second():
    clock = Clock()
    pace = Pace(burst=3, clock=clock)
    assert [pace.wait("C1") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert pace.wait("C1") == 1.0
    assert pace.wait("C2") == 0.0
    clock.now = 1.0
    assert pace.wait("C1") == 0.0
    assert pace.wait("C1") == 1.0


def test_a_pause_that_slack_asked_for_holds_everything_back():
    clock = Clock()
    pace = Pace(clock=clock)
    pace.close("C1", 30)
    assert pace.wait("C1") == 30
    clock.now = 30.0
    assert pace.wait("C1") == 0.0


@given(st.lists(st.floats(0, 3), max_size=80))
def test_never_more_than_the_burst_and_one_a_second(gaps):
    clock = Clock()
    pace = Pace(burst=5, clock=clock)
    sent = 0
    for gap in gaps:
        clock.now += gap
        sent += pace.wait("C1") == 0.0
    assert sent <= 5 + clock.now + 1e-6
