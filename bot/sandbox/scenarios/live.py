"""After the past: attackers and innocents go on calling, until they are stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.sandbox.scenarios.calls import Attempt
from bot.sandbox.scenarios.player import Player
from bot.sandbox.scenarios.world import Turn

#: Seconds between two calls of one player.
EVERY = 3.0


@dataclass
class Role:
    """A player and the endless round of its calls."""

    player: Player
    calls: Iterator[Attempt]

    def turn(self) -> Turn:
        return next(self.calls)(self.player)


@dataclass
class Restarting(Role):
    """A workload that its supervisor starts anew when it is refused: it comes back with fresh credentials."""

    def turn(self) -> Turn:
        call = next(self.calls)
        first = call(self.player)
        if first.allowed:
            return first
        self.player.forget()
        return call(self.player)


class LivePlayers:
    """The people of a story, each in a thread of its own."""

    def __init__(
        self,
        roles: Sequence[Role],
        *,
        attackers: Iterable[str],
        innocents: Iterable[str],
        every: float = EVERY,
    ) -> None:
        """`every` is the pause between two calls of one player, seconds."""
        self.attackers, self.innocents = frozenset(attackers), frozenset(innocents)
        self._every = every
        self._roles = roles
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
