"""The forty deliveries of a round: what people do in the middle of an incident, as Slack sends it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.slack.delivery.courier import Parcel
from bot.sandbox.slack.delivery.http import FORM, encode, signature
from bot.sandbox.slack.payloads import Payloads
from bot.sandbox.slack.records import Message
from bot.sandbox.slack.workspace import Workspace

Kind = Literal["note", "status", "list", "approve", "ask again"]
ROUND: dict[Kind, int] = {"note": 16, "status": 2, "list": 2, "approve": 16, "ask again": 4}
PEOPLE = ("U0DANA", "U0SAM", "U0ANA")


@dataclass(frozen=True)
class Delivery:
    """One command or click. `trace` names what it must leave in the database, exactly once."""

    kind: Kind
    delivery_id: str
    trace: str
    parcel: Parcel

    def request(self, port: int, secret: str) -> str:
        """The signed HTTP request, as bytes go over the line."""
        _, body = encode(self.parcel)
        stamp = str(int(time.time()))
        return (
            f"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\nContent-Type: {FORM}\r\n"
            f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: {signature(secret, stamp, body)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )


class Deliveries:
    """Makes rounds. Clicks are on the message of a card, with the whole card in them, as Slack does it."""

    def __init__(
        self, workspace: Workspace, base_url: str, channel: str, card: Message, plan_id: str
    ) -> None:
        self._payloads = Payloads(workspace)
        self._payloads.base_url = base_url
        self._workspace = workspace
        self._channel = workspace.channel_named(channel)
        self._card = card
        self._plan_id = plan_id
        self._numbers = itertools.count(1)

    def round(self) -> list[Delivery]:
        """Forty, commands and clicks mixed."""
        waiting = {kind: [self._make(kind) for _ in range(number)] for kind, number in ROUND.items()}
        return list(_mixed(list(waiting.values())))

    def _make(self, kind: Kind) -> Delivery:
        number = next(self._numbers)
        person = PEOPLE[number % len(PEOPLE)]
        trigger_id = f"{number}.{self._workspace.team_id}.bench"
        if kind in ("approve", "ask again"):
            return self._click(kind, person, trigger_id, number)
        text = f"note measured {number:06d}" if kind == "note" else kind
        payload = self._payloads.command(
            person, self._channel, "/s3incident", text, trigger_id=trigger_id, response_url=self._url
        )
        parcel = Parcel("slash_commands", payload)
        delivery_id = f"command:{trigger_id}"
        return Delivery(kind, delivery_id, text.removeprefix("note ") if kind == "note" else "", parcel)

    def _click(self, kind: Kind, person: str, trigger_id: str, number: int) -> Delivery:
        action_id = "plan.approve" if kind == "approve" else "plan.again"
        # Each Approve is for another version of the plan: otherwise a second click is only told to wait.
        action = {
            "type": "button",
            "action_id": action_id,
            "block_id": "decide",
            "text": {"type": "plain_text", "text": kind.title()},
            "value": f"{self._plan_id}:{number:064x}",
            "action_ts": f"{time.time():.6f}",
        }
        payload: dict[str, Any] = self._payloads.message_actions(
            person, self._card, action, state={}, trigger_id=trigger_id, response_url=self._url
        )
        delivery_id = f"click:{person}:{action_id}:{trigger_id}"
        trace = f"decide:{delivery_id}" if kind == "approve" else f"reply:{delivery_id}"
        return Delivery(kind, delivery_id, trace, Parcel("interactive", payload))

    @property
    def _url(self) -> str:
        return f"{self._payloads.base_url}/commands/none"


def _mixed(kinds: list[list[Delivery]]) -> Iterator[Delivery]:
    for row in itertools.zip_longest(*kinds):
        yield from (one for one in row if one is not None)
