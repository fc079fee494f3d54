"""The card of a change of very many objects: counts, bytes and examples, and that it is a list."""

from __future__ import annotations

import json

from bot.remediation.catalogue import remediation
from bot.remediation.contract import PlanContext
from bot.remediation.plan import Plan
from bot.remediation.sweep.manifests import NOTHING_LEFT
from bot.slack.cards import deck, details
from bot.store import plans
from tests.slack.house import House
from tests.slack.validated import taken, taken_view


def restoring() -> Plan:
    row = remediation("R44")
    wanted = {"bucket": "acme-payroll", "before": "2026-01-15T12:00:00Z"}
    target = row.target("111122223333", "us-east-1", wanted)
    objects = {
        "sha256": "ab" * 32,
        "items": 1_204_331,
        "bytes": 3_200_000_000_000,
        "largest": 10**9,
        "examples": ["2026/<!channel>", "b", "c"],
    }
    state = {
        "Bucket": "acme-payroll",
        "Versioning": "Enabled",
        "ObjectOwnership": None,
        "Objects": objects,
        "LeftOut": NOTHING_LEFT,
    }
    return row.plan(target, state, PlanContext("inc-0001"))


def test_the_card_tells_how_many_objects_and_which_list(house: House) -> None:
    row = house.propose(house.open(), restoring())
    with house.database.read() as tx:
        drawn = taken(deck.draw(tx, house.settings, "plan", {"plan_id": row.id}))
        opened = taken_view(details.draw(tx, row, house.settings))
    card, view = (json.dumps(one, ensure_ascii=False) for one in (drawn.payload(), opened.to_dict()))
    assert "for each of 1,204,331 objects" in card
    assert "1,204,331 objects, 3.2 TB" in card
    assert "and 1,204,328 more" in card
    assert "&lt;!channel&gt;" in card
    assert "ab" * 32 in view
    assert "its hash is part of what is approved." in card


def test_where_there_is_no_undo_there_is_no_button_for_it(house: House) -> None:
    row = house.propose(house.open(), restoring())
    with house.database.begin() as tx:
        plans.move(tx, row.id, {row.state}, "verified")
        drawn = taken(deck.draw(tx, house.settings, "plan", {"plan_id": row.id}))
    card = json.dumps(drawn.payload(), ensure_ascii=False)
    assert "Undo…" not in card
    assert "Details" in card
