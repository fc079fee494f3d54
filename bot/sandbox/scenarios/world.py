"""What a scenario is, and what it leaves for those who use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from bot.sandbox.aws.server import FakeAws


@dataclass(frozen=True)
class KeyPair:
    """An access key of a user, with its secret."""

    access_key_id: str
    secret_access_key: str


@dataclass(frozen=True)
class World:
    """The account after the past has been played.

    Attributes:
        bucket: the bucket that the incident is about; `trail_bucket` is where the trail writes.
        attacker_ips: every address that the attacker used, the anonymous reads' too.
        innocent_roles: names of the roles that must go on working.
        bot_access_key_id, bot_secret_access_key: the bot's base identity; it can only assume the two roles.
        keys: the players' own keys by user name (the attacker's second one is `attacker_user` + "/2").
        attacker_user: the user whose key the attacker has, empty where it has none.
        leaked_key_id, second_key_id: that key, and the one that the attacker made.
    """

    account_id: str
    region: str
    bucket: str
    trail_bucket: str
    attacker_ips: tuple[str, ...]
    innocent_roles: tuple[str, ...]
    bot_access_key_id: str
    bot_secret_access_key: str = field(repr=False)
    evidence_role_arn: str
    remediation_role_arn: str
    external_id: str
    break_glass_arn: str
    keys: Mapping[str, KeyPair] = field(repr=False)
    attacker_user: str = ""
    leaked_key_id: str = ""
    second_key_id: str = ""


class Turn(NamedTuple):
    """One call of a player and what came of it. `error` is AWS's code, None when it was allowed."""

    actor: str
    call: str
    allowed: bool
    error: str | None


class Players(Protocol):
    """Attacker and innocents, calling every few seconds until stopped.

    `attackers` and `innocents` are the names under which they appear (`Turn.actor`).
    """

    attackers: frozenset[str]
    innocents: frozenset[str]

    def start(self) -> None: ...

    def probe(self) -> list[Turn]:
        """Everyone makes their next calls now; what came of them, in order."""
        ...

    def stop(self) -> None: ...


class Scenario(Protocol):
    """A story to try the bot on: `build` makes the account and plays the past, `live` goes on with it.

    `build` plays until the present, or until the `now` that the scenario was made with. `by_hand` are the
    changes that its responders ask for themselves, because nothing proposes them: row and target.
    """

    name: str
    title: str
    by_hand: tuple[tuple[str, Mapping[str, str]], ...]

    def build(self, aws: FakeAws) -> World: ...

    def live(self, aws: FakeAws, world: World) -> Players: ...

    def wrong(self, aws: FakeAws, world: World) -> Iterator[str]:
        """What of the damage is not repaired yet, a sentence each, read from the account by its root."""
        ...
