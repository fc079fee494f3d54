"""The timeline picture's content, before it is drawn."""

from __future__ import annotations

from bot.reports.pictures.chart import MOST_LANES, MOST_MARKS, chart
from tests.incidents.evidence import USER
from tests.reports.shown import act, at, busy, complete


def test_a_suspect_has_a_lane_for_suspicious_requests_and_one_for_its_usual_ones() -> None:
    shown = chart(complete())
    assert shown is not None
    assert [(lane.name, lane.suspicious) for lane in shown.lanes] == [
        ("user ci-deploy", True),
        ("user ci-deploy, from its usual places", False),
        ("user maria", False),
    ]
    first = shown.lanes[0]
    assert (first.requests, first.denied, first.peak) == (43, 1, 40)


def test_rates_are_per_minute_whatever_the_width_of_a_bin() -> None:
    shown = chart(complete(activity=(busy(USER, 0, ok=64, denied=32, minutes=32),)))
    assert shown is not None
    (bar,) = shown.lanes[0].bars
    assert (bar.ok, bar.denied) == (2, 1)
    assert shown.end == at(32)


def test_changes_that_worked_are_marked_in_order_of_time() -> None:
    shown = chart(complete())
    assert shown is not None
    assert [(mark.number, mark.text) for mark in shown.marks] == [(1, "PutUserPolicy ci-deploy")]


def test_of_too_many_changes_those_of_suspects_stay_and_the_others_are_counted() -> None:
    by_others = [act(1, "s3:PutBucketPolicy", f"other {n}", label="known") for n in range(MOST_MARKS)]
    late = act(4, "iam:CreateUser", "by the suspect")
    shown = chart(complete(timeline=(*by_others, late)))
    assert shown is not None
    assert shown.marks[-1].text == "by the suspect"
    assert [mark.number for mark in shown.marks] == list(range(1, MOST_MARKS + 1))
    assert shown.more_marks == 1


def test_a_change_outside_the_shown_time_is_not_drawn() -> None:
    shown = chart(complete(timeline=(act(-600, "iam:CreateUser"),)))
    assert shown is not None
    assert shown.marks == ()


def test_thousands_of_actors_are_summed_up_in_the_last_lane() -> None:
    crowd = tuple(busy(f"actor-{n}", n % 50, suspicious=False) for n in range(3000))
    shown = chart(complete(activity=crowd))
    assert shown is not None
    assert len(shown.lanes) == MOST_LANES
    assert shown.lanes[-1].name == "everybody else"
    assert sum(lane.requests for lane in shown.lanes) == 3000


def test_without_times_there_is_nothing_to_draw() -> None:
    assert chart(complete(activity=())) is None
