"""Every story: before anything is done the attackers get through, and what is damaged is known to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios.catalogue import SCENARIOS, names, scenario
from bot.sandbox.scenarios.world import Players, Scenario, World

#: What each has to repair beside cutting somebody off, as `wrong` says it.
DAMAGE = {
    "leaked-key": ["still public"],
    "public-bucket": ["still public", "not fully on"],
    "stolen-role": [],
    "ransom": ["24 of 40 objects", "Versioning", "lifecycle rule cleanup"],
    "foreign-replication": ["to-archive', 'sync-eu-west-backup"],
    "insider": [],
}


@dataclass
class Told:
    story: Scenario
    aws: FakeAws
    world: World
    players: Players


@pytest.fixture(scope="module", params=names())
def told(request: pytest.FixtureRequest) -> Iterator[Told]:
    aws = FakeAws(delivery_seconds=0)
    aws.start()
    story = scenario(request.param)
    world = story.build(aws)
    yield Told(story, aws, world, story.live(aws, world))
    aws.stop()


def test_there_is_damage_for_every_story() -> None:
    assert {one.name for one in SCENARIOS} == DAMAGE.keys()


def test_attackers_and_innocents_are_among_the_players(told: Told) -> None:
    turns = {turn.actor: turn.allowed for turn in told.players.probe()}
    assert told.players.attackers | told.players.innocents <= turns.keys()
    assert not told.players.attackers & told.players.innocents
    assert all(turns[name] for name in told.players.attackers)


def test_the_damage_is_known_as_long_as_it_is_not_repaired(told: Told) -> None:
    wrong = list(told.story.wrong(told.aws, told.world))
    assert len(wrong) == len(DAMAGE[told.story.name])
    for sentence, words in zip(wrong, DAMAGE[told.story.name], strict=True):
        assert words in sentence


def test_the_attackers_addresses_are_in_the_log(told: Told) -> None:
    seen = {event.record["sourceIPAddress"] for event in told.aws.events}
    assert set(told.world.attacker_ips) <= seen


def test_everything_was_recorded_before_now_and_in_order(told: Told) -> None:
    records = [event.record for event in told.aws.events]
    times = [one["eventTime"] for one in records if one["userIdentity"]["type"] != "AWSService"]
    assert times == sorted(times)
