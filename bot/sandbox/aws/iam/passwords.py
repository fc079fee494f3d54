"""A console password that was made a moment ago cannot be changed or deleted yet; moto lets it.

Source: IAM API Reference, DeleteLoginProfile and UpdateLoginProfile, EntityTemporarilyUnmodifiable. How long
IAM is busy is not published; the sentence is the one that people report from AWS.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.sandbox.aws.call import Call
from bot.sandbox.aws.errors import AwsError

#: Seconds, of the caller's clock: what is played in the past is long done.
BUSY = 1.0
_CHANGES = ("DeleteLoginProfile", "UpdateLoginProfile")


class Passwords:
    """Knows when which user's password was made."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._made: dict[str, float] = {}

    def guard(self, call: Call) -> None:
        """Raises AwsError EntityTemporarilyUnmodifiable."""
        name = str(call.text("UserName"))
        age = self._clock() - self._made.get(name, 0.0)
        if call.operation in _CHANGES and 0 <= age < BUSY:
            raise AwsError(
                "EntityTemporarilyUnmodifiable",
                f"Login Profile for User {name} cannot be modified while login profile is being created.",
                409,
            )

    def after(self, call: Call) -> None:
        if call.operation == "CreateLoginProfile":
            self._made[str(call.text("UserName"))] = call.stage.at.timestamp()
