"""What a change does to recorded requests, on the card and behind Details, whatever the log says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.remediation.impact import Impact, Requests, Total
from bot.remediation.plan import AwsVerdict
from bot.slack.cards import details
from bot.store import plans
from bot.store.types import utcnow
from tests.slack.house import deny_all_plan
from tests.slack.test_cards import HOSTILE, draw, slow_fixture, stored
from tests.slack.validated import taken_view

FATES = ("stops", "opens", "depends", "keeps", "refused")


def impact(maker: str, rows: int) -> Impact:
    now = utcnow()
    return Impact(
        start=now - timedelta(days=30),
        end=now,
        requests=1204 + rows,
        totals=tuple(
            Total(fate=fate, attacker=1204 if fate == "stops" else 0, others=rows) for fate in FATES
        ),
        rows=tuple(
            Requests(fate=fate, attacker=False, maker=maker, action=maker, prefix=maker, requests=1,
                     last_seen=now, depends_on=(maker,))
            for fate in FATES for _ in range(rows)
        ),
        left_out=3,
        unseen=(),
    )  # fmt: skip


def shown(house, incident, **parts):
    plan = deny_all_plan("ci").model_copy(update=parts)
    row = stored(house, incident, plan)
    card = draw(house, "plan", plan_id=row.id)
    with house.database.read() as tx:
        return card, taken_view(details.draw(tx, plans.get(tx, row.id), house.settings))


def test_the_card_says_whom_it_stops_in_a_sentence_and_details_has_every_row(house):
    card, page = shown(house, house.open(), impact=impact("arn:aws:iam::444455556666:role/etl", 2))
    assert "Would stop: attacker 1,204 requests" in str(card)
    assert "role/etl" in str(card)
    assert str(page).count("arn:aws:iam::444455556666:role/etl s3") == 0
    assert "3 more rows are counted" in str(page)
    assert "last seen <!date^" in str(page)  # the sentences; in the table stands UTC


def test_a_difference_to_aws_is_on_the_card(house):
    differs = AwsVerdict(by="GetBucketPolicyStatus", when="before", public=True, ours=False)
    card, page = shown(house, house.open(), aws_verdicts=(differs,))
    for text in (str(card), str(page)):
        assert "is judged differently" in text


@pytest.fixture
def incident(house):
    return house.open()


@slow_fixture
@given(HOSTILE, st.integers(0, 40))
def test_a_hostile_log_never_breaks_or_fools(house, incident, hostile, rows):
    said = AwsVerdict(by="CheckNoPublicAccess", when="after", public=None, ours=False, why=hostile)
    shown(house, incident, impact=impact(hostile, rows), aws_verdicts=(said,))
