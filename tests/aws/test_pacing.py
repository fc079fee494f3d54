"""Turns: never closer than the rate allows, each key on its own, first come first served."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.aws.pacing import Pacer


class Time:
    """A clock that only sleeping and waiting move."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


@given(st.lists(st.floats(0, 2), min_size=2, max_size=30))
def test_turns_are_never_closer_than_the_interval(pauses: list[float]) -> None:
    time, turns = Time(), []
    pacer = Pacer(2, time, time.sleep)
    for pause in pauses:
        time.now += pause
        pacer.wait("eu-central-1")
        turns.append(time.now)
    assert all(later - earlier >= 0.5 - 1e-9 for earlier, later in pairwise(turns))


def test_an_idle_pacer_does_not_wait_and_does_not_save_up() -> None:
    time = Time()
    pacer = Pacer(2, time, time.sleep)
    pacer.wait("a")
    time.now += 60
    before = time.now
    pacer.wait("a")
    assert time.now == before
    pacer.wait("a")
    assert time.now == before + 0.5


def test_keys_do_not_wait_for_each_other() -> None:
    time = Time()
    pacer = Pacer(2, time, time.sleep)
    for key in range(20):
        pacer.wait(key)
    assert time.now == 100.0
