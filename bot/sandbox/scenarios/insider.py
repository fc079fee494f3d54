"""The scenario `insider`: an operator with every right to look around takes the whole payroll home.

Nothing is stolen or opened, and each call is allowed: no change is proposed by itself. People decide, and
deny the one principal in the bucket.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios import account, calls, cast, everyday, files
from bot.sandbox.scenarios.calls import get, listing
from bot.sandbox.scenarios.cast import Cast
from bot.sandbox.scenarios.live import EVERY, LivePlayers, Role
from bot.sandbox.scenarios.past import Beat, Past
from bot.sandbox.scenarios.player import Part
from bot.sandbox.scenarios.world import World

INSIDER = Part(account.OPERATOR, "attacker", cast.OFFICE, cast.OFFICE_CLI)


class Insider:
    """Builds the account and plays the past; `live` goes on with it."""

    name = "insider"
    title = "An operator who may look around copies the whole payroll"
    by_hand: tuple[tuple[str, Mapping[str, str]], ...] = (
        ("R14", {"principal": f"arn:aws:iam::111122223333:user/{account.OPERATOR}"}),
    )

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now

    def build(self, aws: FakeAws) -> World:
        past = Past(aws, self._now)
        past.play([*everyday.ordinary(past.cast, past.chance), *_takes_it_home(past.cast)])
        return past.world(attacker_ips=())

    def live(self, aws: FakeAws, world: World, every: float = EVERY) -> LivePlayers:
        players = Cast(aws, world.keys)
        insider = players.user(INSIDER, account.OPERATOR)
        others = [role for role in everyday.going_on(players) if role.player.part.name != account.OPERATOR]
        return LivePlayers(
            [Role(insider, calls.rounds(files.PAYROLL, calls.try_get)), *others],
            attackers=(INSIDER.name,),
            innocents=(cast.APP.name, cast.REPORTS.name),
            every=every,
        )

    def wrong(self, aws: FakeAws, world: World) -> Iterator[str]:
        del aws, world
        yield from ()


def _takes_it_home(players: Cast) -> Iterator[Beat]:
    insider = players.user(INSIDER, account.OPERATOR)
    yield Beat(21.0, insider, listing(""))
    for number, key in enumerate((*files.PAYROLL, *files.STAFF)):
        yield Beat(20.5 - number * 0.2, insider, get(key))
