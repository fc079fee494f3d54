"""The scenarios of the sandbox, by name."""

from __future__ import annotations

from bot.sandbox.scenarios.foreign_replication import ForeignReplication
from bot.sandbox.scenarios.insider import Insider
from bot.sandbox.scenarios.leaked_key import LeakedKey
from bot.sandbox.scenarios.public_bucket import PublicBucket
from bot.sandbox.scenarios.ransom import Ransom
from bot.sandbox.scenarios.stolen_role import StolenRole
from bot.sandbox.scenarios.world import Scenario

SCENARIOS: tuple[type[Scenario], ...] = (
    LeakedKey,
    PublicBucket,
    StolenRole,
    Ransom,
    ForeignReplication,
    Insider,
)


def names() -> tuple[str, ...]:
    """The names that `scenario` knows."""
    return tuple(known.name for known in SCENARIOS)


def scenario(name: str) -> Scenario:
    """The scenario of that name.

    Raises:
        KeyError: there is none; the message lists those that there are.
    """
    for known in SCENARIOS:
        if known.name == name:
            return known()
    raise KeyError(f"There is no scenario {name!r}. There are: {', '.join(names())}.")
