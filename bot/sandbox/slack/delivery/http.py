"""HTTP delivery: signed requests to the app's request URL.

Source: docs.slack.dev/authentication/verifying-requests-from-slack (v0 signatures) and
docs.slack.dev/apis/events-api (retry headers).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientConnectionError, ClientSession, ClientTimeout

from bot.sandbox.slack.delivery.courier import NOT_CONNECTED, TIMEOUT, Ack, Parcel

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def signature(secret: str, timestamp: str, body: str) -> str:
    """The ``X-Slack-Signature`` of a request: HMAC-SHA256 over ``v0:timestamp:body``."""
    base = f"v0:{timestamp}:{body}".encode()
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class HttpDelivery:
    """Posts each parcel to the request URL and reads the answer's body as its acknowledgement."""

    def __init__(self, request_url: str, secret: str, clock: Callable[[], float]) -> None:
        self._url = request_url
        self._secret = secret
        self._clock = clock
        self._session: ClientSession | None = None

    async def bring(self, parcel: Parcel, seconds: float) -> Ack:
        if self._session is None:
            self._session = ClientSession(trust_env=False)
        kind, body = encode(parcel)
        try:
            async with self._session.post(
                self._url,
                data=body.encode(),
                headers=self.headers(parcel, kind, body),
                timeout=ClientTimeout(total=seconds),
                allow_redirects=False,
            ) as response:
                return _read(response.status, response.content_type, await response.text())
        except TimeoutError:
            return Ack(error=TIMEOUT)
        except ClientConnectionError:
            return Ack(error=NOT_CONNECTED)

    def headers(self, parcel: Parcel, kind: str, body: str) -> dict[str, str]:
        """The headers of one delivery; retries say which they are and why."""
        timestamp = str(int(self._clock()))
        headers = {
            "Content-Type": kind,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }
        if parcel.attempt:
            headers["X-Slack-Retry-Num"] = str(parcel.attempt)
            headers["X-Slack-Retry-Reason"] = parcel.reason
        return headers

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()


def encode(parcel: Parcel) -> tuple[str, str]:
    """Content type and body: events are JSON, commands a form, interactions a form with ``payload``."""
    if parcel.kind == "events_api":
        return JSON, json.dumps(parcel.payload)
    if parcel.kind == "interactive":
        return FORM, urlencode({"payload": json.dumps(parcel.payload)})
    return FORM, urlencode(parcel.payload)


def _read(status: int, content_type: str, text: str) -> Ack:
    if status >= 500:
        return Ack(error="http_service_error")
    if status >= 300:
        return Ack(error="http_client_error")
    if not text:
        return Ack()
    payload: Any = text
    if content_type == JSON:
        try:
            payload = json.loads(text)
        except ValueError:
            return Ack(error="invalid_command_response")
    return Ack(payload=payload)
