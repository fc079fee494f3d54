"""Somebody who makes real boto3 calls: from an address, with a client, at a time of the story."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import boto3
import botocore.exceptions
from botocore import UNSIGNED
from botocore.config import Config

from bot.sandbox.aws.models import new_session
from bot.sandbox.scenarios.world import Turn

#: The errors of credentials that have run out: those who may get new ones do.
RUN_OUT = {"ExpiredToken", "ExpiredTokenException"}


@dataclass(frozen=True)
class Credentials:
    """A key to sign with; `token` for a session's."""

    access_key_id: str
    secret_access_key: str
    token: str | None = None


@dataclass(frozen=True)
class Part:
    """Who somebody is in the story: name and role as the panel shows them, address and user agent."""

    name: str
    role: str
    source_ip: str
    user_agent: str


class Stage:
    """Where players meet: one endpoint, and one boto3 session, because making them is slow."""

    def __init__(self, endpoint: str, region: str) -> None:
        self._endpoint = endpoint
        self._session = boto3.Session(botocore_session=new_session(), region_name=region)
        self._lock = threading.Lock()

    def client(self, service: str, credentials: Credentials | None) -> Any:
        """A client without retries, that never goes through a proxy: everything is on the loopback."""
        options: dict[str, Any] = {"signature_version": UNSIGNED} if credentials is None else {}
        config = Config(retries={"total_max_attempts": 1}, proxies={}, read_timeout=10, **options)
        with self._lock:
            return self._session.client(
                service,
                endpoint_url=self._endpoint,
                config=config,
                aws_access_key_id=credentials.access_key_id if credentials else None,
                aws_secret_access_key=credentials.secret_access_key if credentials else None,
                aws_session_token=credentials.token if credentials else None,
            )


class Player:
    """One part, played with one set of credentials. `at` is the time of its calls; None is now."""

    def __init__(
        self,
        stage: Stage,
        part: Part,
        issue: Callable[[], Credentials] | None,
        *,
        recorded: bool = True,
    ) -> None:
        """`issue` gives credentials, at the first call and whenever they have run out; None is anonymous."""
        self.part = part
        self.at: datetime | None = None
        self._stage = stage
        self._issue = issue
        self._recorded = recorded
        self._credentials: Credentials | None = None
        self._clients: dict[str, Any] = {}
        self._lock = threading.RLock()

    def do(self, service: str, method: str, **params: Any) -> Any:
        """Make the call and read its whole answer.

        Raises:
            botocore.exceptions.ClientError: AWS refused.
        """
        with self._lock:
            try:
                return self._call(service, method, params)
            except botocore.exceptions.ClientError as error:
                if error.response["Error"]["Code"] not in RUN_OUT:
                    raise
                self.forget()
                return self._call(service, method, params)

    def credentials(self) -> Credentials:
        """What it signs with at this moment: whoever can make it ask can read the answer.

        Raises ValueError for somebody who does not sign.
        """
        with self._lock:
            if self._issue is None:
                raise ValueError(f"{self.part.name} has no credentials.")
            if self._credentials is None:
                self._credentials = self._issue()
            return self._credentials

    def forget(self) -> None:
        """Lets go of the credentials: the next call fetches new ones."""
        with self._lock:
            self._credentials = None
            self._clients.clear()

    def attempt(self, service: str, method: str, **params: Any) -> Turn:
        """Make the call and say what came of it."""
        call = _spelled(method, params)
        try:
            self.do(service, method, **params)
        except botocore.exceptions.ClientError as error:
            return Turn(self.part.name, call, False, error.response["Error"]["Code"])
        return Turn(self.part.name, call, True, None)

    def _call(self, service: str, method: str, params: Mapping[str, Any]) -> Any:
        if self._credentials is None and self._issue is not None:
            self._credentials = self._issue()
        client = self._clients.get(service)
        if client is None:
            client = self._stage.client(service, self._credentials)
            client.meta.events.register("before-send", self._mark)
            self._clients[service] = client
        answer = getattr(client, method)(**params)
        if "Body" in answer and hasattr(answer["Body"], "read"):
            answer["Body"] = answer["Body"].read()
        return answer

    def _mark(self, request: Any, **_: object) -> None:
        """After signing: what the sandbox needs to know is no part of what AWS would see."""
        request.headers["User-Agent"] = self.part.user_agent
        request.headers["x-sandbox-actor"] = self.part.name
        request.headers["x-sandbox-role"] = self.part.role
        request.headers["x-sandbox-source-ip"] = self.part.source_ip
        if self.at is not None:
            request.headers["x-sandbox-time"] = self.at.isoformat()
        if not self._recorded:
            request.headers["x-sandbox-unrecorded"] = "1"


def _spelled(method: str, params: Mapping[str, Any]) -> str:
    """A call as people read it: "GetObject acme-payroll/2026/11/salaries.csv"."""
    operation = "".join(word.title() for word in method.removesuffix("_v2").split("_"))
    target = "/".join(str(params[name]) for name in ("Bucket", "Key") if name in params)
    return f"{operation} {target or params.get('UserName', '')}".strip()
