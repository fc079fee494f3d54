"""The arguments of a Web API call, however they were sent.

slack_sdk sends forms, JSON bodies, empty JSON bodies and query strings; booleans arrive as ``1``
and ``0``, lists as ``a,b`` or as JSON, objects as JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Json

_FALSE = {"", "0", "false", "False"}


class Arguments:
    """Typed access to what was sent."""

    def __init__(self, sent: Mapping[str, Any]) -> None:
        self._sent = sent

    def __contains__(self, name: str) -> bool:
        return self._sent.get(name) is not None

    def required(self, name: str) -> str:
        """Raises SlackError ``invalid_arguments`` when it is missing."""
        value = self.text(name)
        if not value:
            messages = [f"[ERROR] missing required field: {name}"]
            raise SlackError("invalid_arguments", response_metadata={"messages": messages})
        return value

    def text(self, name: str) -> str:
        value = self._sent.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        if name not in self:
            return default
        value = self._sent[name]
        return value if isinstance(value, bool) else str(value) not in _FALSE

    def number(self, name: str, default: int) -> int:
        """Raises SlackError ``invalid_arguments`` when it is not a whole number."""
        if not self.text(name):
            return default
        try:
            return int(self.text(name))
        except ValueError:
            raise SlackError("invalid_arguments") from None

    def names(self, name: str) -> list[str]:
        """A list of ids: a JSON list or text with commas."""
        value = self._sent.get(name)
        if isinstance(value, str):
            value = json.loads(value) if value.startswith("[") else value.split(",")
        return [str(one).strip() for one in value or [] if str(one).strip()]

    def value(self, name: str, error: str) -> Any:
        """A JSON value, or None when it was not sent. Raises SlackError ``error`` for broken JSON."""
        value = self._sent.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None


async def read(request: web.Request) -> Json:
    """Query, form and JSON body merged. Raises SlackError ``invalid_json`` or ``json_not_object``."""
    sent: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.text()
        if body:
            sent |= _object(body)
    elif request.can_read_body:
        sent |= dict(await request.post())
    return sent


def _object(body: str) -> Json:
    try:
        found = json.loads(body)
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(found, dict):
        raise SlackError("json_not_object")
    return found
