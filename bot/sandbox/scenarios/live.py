"""After the past: attacker and innocents go on calling, until they are stopped."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios import account, cast, files
from bot.sandbox.scenarios.account import BUCKET
from bot.sandbox.scenarios.cast import Cast
from bot.sandbox.scenarios.player import Player
from bot.sandbox.scenarios.world import Turn, World

#: Seconds between two calls of one player.
EVERY = 3.0


@dataclass
class Role:
    """A player and the endless round of its calls."""

    player: Player
    calls: Iterator[Callable[[Player], Turn]]

    def turn(self) -> Turn:
        return next(self.calls)(self.player)


class LivePlayers:
    """The people of `leaked-key`, each in a thread of its own."""

    attackers = frozenset({cast.ATTACKER.name, cast.ATTACKER_SECOND.name, cast.ANONYMOUS.name})
    innocents = frozenset({cast.APP.name, cast.REPORTS.name})

    def __init__(self, aws: FakeAws, world: World, every: float = EVERY) -> None:
        """`every` is the pause between two calls of one player, seconds."""
        self._every = every
        self._roles = _roles(Cast(aws, world.keys), world)
        self._locks = [threading.Lock() for _ in self._roles]
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._stopping.clear()
        self._threads = [
            threading.Thread(target=self._go_on, args=(number,), name=f"player-{number}", daemon=True)
            for number in range(len(self._roles))
        ]
        for thread in self._threads:
            thread.start()

    def probe(self) -> list[Turn]:
        """Everyone makes their next call now; what came of it, in order."""
        return [self._turn(number) for number in range(len(self._roles))]

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=15)
        self._threads = []

    def _go_on(self, number: int) -> None:
        # Not all at once: each begins at its own place in the pause.
        pause = self._every * (number + 1) / len(self._roles)
        while not self._stopping.wait(pause):
            self._turn(number)
            pause = self._every

    def _turn(self, number: int) -> Turn:
        with self._locks[number]:
            return self._roles[number].turn()


def _roles(players: Cast, world: World) -> list[Role]:
    salaries = [key for key in files.PAYROLL if "salaries" in key]
    return [
        Role(players.user(cast.ATTACKER_SCRIPT, world.attacker_user), _round(salaries, _get)),
        Role(players.user(cast.ATTACKER_SECOND, f"{world.attacker_user}/2"), _round(files.STAFF, _get)),
        Role(players.anonymous(cast.ANONYMOUS), _round(files.PAYROLL, _get)),
        Role(players.service(cast.APP), _round(salaries, _get, _put)),
        Role(players.service(cast.REPORTS), _round(salaries, _list, _get)),
        Role(players.user(cast.MARIA, account.OPERATOR), _round([BUCKET], _look)),
    ]


Call = Callable[[str], Callable[[Player], Turn]]


def _round(keys: list[str] | tuple[str, ...], *calls: Call) -> Iterator[Callable[[Player], Turn]]:
    """The calls in turn, for one key after the other, for ever."""
    for key in itertools.cycle(keys):
        for call in calls:
            yield call(key)


def _get(key: str) -> Callable[[Player], Turn]:
    return lambda player: player.attempt("s3", "get_object", Bucket=BUCKET, Key=key)


def _put(key: str) -> Callable[[Player], Turn]:
    name = f"uploads/{key.rpartition('/')[2]}"
    return lambda player: player.attempt("s3", "put_object", Bucket=BUCKET, Key=name, Body=b"hours\n" * 200)


def _list(key: str) -> Callable[[Player], Turn]:
    prefix = f"{key.split('/', maxsplit=1)[0]}/"
    return lambda player: player.attempt("s3", "list_objects_v2", Bucket=BUCKET, Prefix=prefix)


def _look(bucket: str) -> Callable[[Player], Turn]:
    return lambda player: player.attempt("s3", "get_bucket_policy", Bucket=bucket)
