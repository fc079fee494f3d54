"""Trigger ids and response URLs: the two short-lived rights that an interaction hands to the app."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.slack.errors import SlackError

TRIGGER_SECONDS = 3.0
RESPONSE_URL_SECONDS = 30 * 60
RESPONSE_URL_USES = 5


@dataclass
class Trigger:
    user: str
    made_at: float
    used: bool = False


class Triggers:
    """Trigger ids: each opens one view, within three seconds (docs.slack.dev/interactivity)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._made: dict[str, Trigger] = {}

    def make(self, user: str) -> str:
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**11)}.{secrets.token_hex(16)}"
        self._made[trigger_id] = Trigger(user, self._clock())
        return trigger_id

    def use(self, trigger_id: str) -> str:
        """The user whose interaction it was.

        Raises SlackError ``invalid_trigger_id``, ``exchanged_trigger_id``, ``expired_trigger_id``.
        """
        trigger = self._made.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock() - trigger.made_at > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user


@dataclass
class ResponseUrl:
    """Where the app may answer: the channel, the person and, for a click, the message."""

    channel: str
    user: str
    made_at: float
    message_ts: str | None = None
    uses: int = 0


class ResponseUrls:
    """Response URLs: five uses within thirty minutes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._made: dict[str, ResponseUrl] = {}

    def make(self, channel: str, user: str, *, message_ts: str | None = None) -> str:
        """The path of a new response URL, below ``/response/``."""
        ticket = secrets.token_urlsafe(18)
        self._made[ticket] = ResponseUrl(channel, user, self._clock(), message_ts)
        return ticket

    def use(self, ticket: str) -> ResponseUrl:
        """Raises SlackError ``invalid_url``, ``expired_url``, ``used_url``, each with status 404."""
        found = self._made.get(ticket)
        if found is None:
            raise SlackError("invalid_url", status=404)
        if self._clock() - found.made_at > RESPONSE_URL_SECONDS:
            raise SlackError("expired_url", status=404)
        if found.uses >= RESPONSE_URL_USES:
            raise SlackError("used_url", status=404)
        found.uses += 1
        return found
