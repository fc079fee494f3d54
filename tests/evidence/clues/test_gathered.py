"""All that the services said, in one."""

from __future__ import annotations

from datetime import timedelta

from bot.evidence.clues.gathered import Gathered, together
from bot.evidence.report import Clue, Coverage
from tests.evidence.clues.answers import T0


def clue(id_: str, minutes: int | None) -> Clue:
    time = None if minutes is None else T0 + timedelta(minutes=minutes)
    return Clue(source="IAM", id=id_, title=id_, text="", time=time)


def test_clues_in_order_of_time_and_facts_without_one_last() -> None:
    row = Coverage(subject="IAM", answer="yes", because="asked")
    first = Gathered((clue("fact", None), clue("late", 9)), (row,))
    second = Gathered((clue("early", 1),), (row,), {"policy": None})
    whole = together((first, second))
    assert [one.id for one in whole.clues] == ["early", "late", "fact"]
    assert len(whole.coverage) == 2
    assert whole.bucket_before == {"policy": None}
