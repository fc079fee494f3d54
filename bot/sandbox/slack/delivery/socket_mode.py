"""Socket Mode: the app dials in, the fake sends envelopes and reads their acknowledgements.

Source: docs.slack.dev/apis/events-api/using-socket-mode.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.slack.delivery.courier import NOT_CONNECTED, TIMEOUT, Ack, Parcel
from bot.sandbox.slack.records import Json

MOST_CONNECTIONS = 10
PING_SECONDS = 0.2
"""Often, because the SDK's reader wakes up (and lets its client close) only when something arrives."""


class SocketMode:
    """The open connections of the app; each envelope goes to one of them, picked at random."""

    def __init__(self, app_id: str) -> None:
        self._app_id = app_id
        self._tickets: set[str] = set()
        self._open: dict[web.WebSocketResponse, asyncio.Task[Any] | None] = {}
        self._waiting: dict[str, asyncio.Future[Ack]] = {}
        self._random = random.Random()

    @property
    def connections(self) -> int:
        return len(self._open)

    def new_ticket(self) -> str:
        """What the URL of apps.connections.open carries; good for one connection."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until either side closes it."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.json_response({"ok": False, "error": "invalid_auth"}, status=403)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if len(self._open) >= MOST_CONNECTIONS:
            await self._say_goodbye(socket, "too_many_websockets")
            return socket
        self._open[socket] = asyncio.current_task()
        await socket.send_json(self._hello())
        pinging = asyncio.create_task(_ping(socket))
        try:
            await self._listen(socket)
        finally:
            pinging.cancel()
            self._forget(socket)
        return socket

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                self._take(frame.data)

    def _take(self, data: str) -> None:
        """Match an acknowledgement to its envelope; anything else is ignored, as Slack does."""
        try:
            answer: Any = json.loads(data)
        except ValueError:
            return
        envelope_id = answer.get("envelope_id") if isinstance(answer, dict) else None
        waiting = self._waiting.pop(envelope_id or "", None)
        if waiting is not None and not waiting.done():
            waiting.set_result(Ack(payload=answer.get("payload")))

    async def bring(self, parcel: Parcel, seconds: float) -> Ack:
        """Send one envelope and wait for its acknowledgement."""
        socket = self._pick()
        if socket is None:
            return Ack(error=NOT_CONNECTED)
        envelope_id = secrets.token_hex(16)
        waiting: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = waiting
        try:
            await socket.send_json(_envelope(envelope_id, parcel))
            return await asyncio.wait_for(waiting, seconds)
        except (TimeoutError, ConnectionError):
            return Ack(error=TIMEOUT)
        finally:
            self._waiting.pop(envelope_id, None)

    def _pick(self) -> web.WebSocketResponse | None:
        alive = [one for one in self._open if not one.closed]
        return self._random.choice(alive) if alive else None

    async def drop(self, *, warned: bool) -> None:
        """Close every connection, with or without the disconnect frame."""
        for socket, serving in list(self._open.items()):
            self._forget(socket)
            if warned:
                await self._say_goodbye(socket, "refresh_requested")
            elif serving is not None:
                serving.cancel()

    async def stop(self) -> None:
        for socket in list(self._open):
            self._forget(socket)
            await socket.close()

    async def _say_goodbye(self, socket: web.WebSocketResponse, reason: str) -> None:
        await socket.send_json(
            {
                "type": "disconnect",
                "reason": reason,
                "num_connections": len(self._open),
                "debug_info": {"host": "applink-sandbox"},
                "connection_info": {"app_id": self._app_id},
            }
        )
        await socket.close()

    def _forget(self, socket: web.WebSocketResponse) -> None:
        self._open.pop(socket, None)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "debug_info": {
                "host": "applink-sandbox",
                "build_number": 10,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": self._app_id},
        }


async def _ping(socket: web.WebSocketResponse) -> None:
    with suppress(ConnectionError):
        while not socket.closed:
            await socket.ping()
            await asyncio.sleep(PING_SECONDS)


def _envelope(envelope_id: str, parcel: Parcel) -> Json:
    envelope: Json = {
        "envelope_id": envelope_id,
        "payload": parcel.payload,
        "type": parcel.kind,
        "accepts_response_payload": parcel.kind != "events_api",
    }
    if parcel.kind == "events_api":
        envelope["retry_attempt"] = parcel.attempt
        envelope["retry_reason"] = "timeout" if parcel.attempt else ""
    return envelope
