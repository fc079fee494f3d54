"""Who the bot is in Slack: asked once with auth.test, and what every delivery is checked against."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler, RateLimitErrorRetryHandler
from slack_sdk.http_retry.handler import RetryHandler

from bot.config import Settings

TIMEOUT_SECONDS = 8


@dataclass(frozen=True)
class Identity:
    """The workspace the token belongs to, and the bot's own ids in it. `scopes` as Slack granted them."""

    team_id: str
    user_id: str
    bot_id: str
    enterprise_id: str | None
    scopes: tuple[str, ...]


class Myself:
    """Asks Slack once who the token belongs to; thread-safe."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._identity: Identity | None = None

    def identity(self) -> Identity:
        """Raises SlackApiError when Slack refuses the token."""
        with self._lock:
            if self._identity is None:
                self._identity = _ask(self._client)
            return self._identity

    def authorize(self) -> AuthorizeResult:
        """What Bolt needs to know before it runs a listener."""
        me = self.identity()
        return AuthorizeResult(
            enterprise_id=me.enterprise_id,
            team_id=me.team_id,
            bot_id=me.bot_id,
            bot_user_id=me.user_id,
            bot_token=self._client.token,
        )


def _ask(client: WebClient) -> Identity:
    answer = client.auth_test()
    granted = str(answer.headers.get("x-oauth-scopes", ""))
    return Identity(
        team_id=str(answer["team_id"]),
        user_id=str(answer["user_id"]),
        bot_id=str(answer.get("bot_id", "")),
        enterprise_id=answer.get("enterprise_id"),
        scopes=tuple(scope.strip() for scope in granted.split(",") if scope.strip()),
    )


def web_client(settings: Settings) -> WebClient:
    """A client that waits out rate limits: for work that can wait."""
    return _client(
        settings.slack_bot_token, settings, [ConnectionErrorRetryHandler(), RateLimitErrorRetryHandler(2)]
    )


def single_try(client: WebClient) -> WebClient:
    """The same client without any retry: a repeated chat.postMessage could post twice."""
    copy = WebClient(client.token, base_url=client.base_url, timeout=client.timeout, retry_handlers=[])
    copy.proxy = client.proxy
    return copy


def tokenless(client: WebClient) -> WebClient:
    """The client Bolt copies for each request; the token comes with the authorization."""
    copy = WebClient(None, base_url=client.base_url, timeout=client.timeout)
    copy.proxy = client.proxy
    return copy


def _client(token: str | None, settings: Settings, retries: list[RetryHandler]) -> WebClient:
    url = settings.slack_api_url
    client = WebClient(token, base_url=url, timeout=TIMEOUT_SECONDS, retry_handlers=retries)
    if is_loopback(url):
        # slack_sdk takes HTTPS_PROXY even for this machine's own address, and knows no NO_PROXY.
        client.proxy = None
    return client


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
