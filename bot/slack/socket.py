"""Socket Mode: deliveries come over a websocket, so no public address is needed."""

from __future__ import annotations

import contextlib
import time
from socket import SHUT_RD

from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler

from bot.config import Settings
from bot.slack.app import LISTENER_THREADS
from bot.slack.identity import is_loopback, web_client

# The client pings every ten seconds and gives a connection up after four missed answers.
PING_SECONDS = 10
STALE_SECONDS = 45


class SocketRunner:
    """Keeps one websocket open and reconnects by itself."""

    def __init__(self, app: App, settings: Settings) -> None:
        self._handler = SocketModeHandler(
            app,
            settings.slack_app_token,
            web_client=web_client(settings),
            ping_interval=PING_SECONDS,
            concurrency=LISTENER_THREADS,
        )
        if is_loopback(settings.slack_api_url):
            self._handler.client.proxy = None

    def start(self) -> None:
        """Connects; deliveries are handled on threads of their own. Raises SlackApiError for a bad token."""
        self._handler.connect()  # type: ignore[no-untyped-call]

    def stop(self) -> None:
        """Takes no more deliveries, lets those in hand finish, and closes the websocket."""
        client = self._handler.client
        client.auto_reconnect_enabled = False
        session = client.current_session
        if session is not None and session.sock is not None:
            # Wakes the thread that waits for deliveries; closing alone would wait three seconds for it.
            with contextlib.suppress(OSError):
                session.sock.shutdown(SHUT_RD)
        self._handler.close()  # type: ignore[no-untyped-call]

    def session_id(self) -> str | None:
        """Names the present connection; a reconnect changes it."""
        return self._handler.client.session_id()

    def ping_age(self) -> float | None:
        """Seconds since Slack last answered a ping; None while there was no answer yet."""
        session = self._handler.client.current_session
        if session is None or session.last_ping_pong_time is None:
            return None
        return time.time() - session.last_ping_pong_time

    def alive(self) -> bool:
        """Judged by the pings alone: `is_connected` stays true on a dead line, and silence can be normal."""
        age = self.ping_age()
        return age is not None and age < STALE_SECONDS
