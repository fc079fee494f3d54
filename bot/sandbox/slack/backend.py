"""Everything the Web API, the interactions and the page share."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from bot.sandbox.slack.delivery.courier import Courier
from bot.sandbox.slack.delivery.socket_mode import SocketMode
from bot.sandbox.slack.events import Events
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.payloads import Payloads
from bot.sandbox.slack.triggers import ResponseUrls, Triggers
from bot.sandbox.slack.workspace import Workspace

BOT_TOKEN = "xoxb-sandbox-bot"
APP_TOKEN = "xapp-1-A0S3INCIDENT-sandbox"
SIGNING_SECRET = "sandbox-signing-secret"


@dataclass(frozen=True)
class Refusal:
    """A Web API call that was refused: the method, Slack's code, and the details if any."""

    method: str
    code: str
    messages: tuple[str, ...] = ()


@dataclass
class Backend:
    workspace: Workspace
    triggers: Triggers
    response_urls: ResponseUrls
    payloads: Payloads
    faults: Faults
    sockets: SocketMode
    courier: Courier
    events: Events
    base_url: str = ""
    refusals: deque[Refusal] = field(default_factory=lambda: deque(maxlen=500))

    def response_url(self, channel: str, user: str, *, message_ts: str | None = None) -> str:
        ticket = self.response_urls.make(channel, user, message_ts=message_ts)
        return f"{self.base_url}response/{ticket}"
