"""Makes botocore clients for one set of credentials, and keeps them."""

from __future__ import annotations

import copy
import ipaddress
import threading
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import getproxies

import botocore.loaders
import botocore.session
from botocore.config import Config
from botocore.credentials import Credentials

_CONFIG = {
    "retries": {"mode": "adaptive", "total_max_attempts": 5},
    "connect_timeout": 5,
    "read_timeout": 15,
    "user_agent_extra": "s3incident",
    "max_pool_connections": 32,
}


def new_loader() -> Any:
    """A loader of service models. Sessions that share one do not parse the same models again."""
    return botocore.loaders.create_loader()


class _Given:
    """Stands in botocore's session where the chain of credential providers would be."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def load_credentials(self) -> Credentials:
        return self._credentials


class Clients:
    """One client for each (service, Region), made on first use. Thread-safe.

    `credentials` None means the usual chain: environment, profile, container or instance role.
    """

    def __init__(self, loader: Any, credentials: Credentials | None = None) -> None:
        self._session = botocore.session.Session()
        self._session.register_component("data_loader", loader)
        if credentials is not None:
            self._session.register_component("credential_provider", _Given(credentials))
        self._loader = loader
        self._own: Credentials | None = None
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], Any] = {}

    def signing_with(self, credentials: Credentials) -> Clients:
        """Clients for other keys, which do not change. The session behind them, costly to make, is shared."""
        others = copy.copy(self)
        others._own, others._made = credentials, {}
        return others

    def get(self, service: str, region: str) -> Any:
        with self._lock:
            client = self._made.get((service, region))
            if client is None:
                client = self._made[(service, region)] = self._new(service, region)
            return client

    def credentials(self) -> Credentials | None:
        """The credentials the clients sign with; None when the chain finds none."""
        with self._lock:
            found: Credentials | None = self._own or self._session.get_credentials()
            return found

    def pagination(self, service: str, operation: str) -> dict[str, Any] | None:
        """How botocore pages an operation (API name, `ListUsers`); None when it does not."""
        try:
            model = self._loader.load_service_model(service, "paginators-1")
        except botocore.exceptions.UnknownServiceError:
            return None
        config: dict[str, Any] | None = model["pagination"].get(operation)
        return config

    def _new(self, service: str, region: str) -> Any:
        client = self._create(service, region, Config(**_CONFIG))
        endpoint = urlsplit(client.meta.endpoint_url)
        if is_loopback(endpoint.hostname) and getproxies():
            # botocore would send even these to the proxy of the environment.
            client = self._create(service, region, Config(**_CONFIG, proxies={}))
        if service == "s3control" and "amazonaws.com" not in endpoint.netloc:
            client.meta.events.register("before-sign.s3-control", _drop_account_prefix)
        return client

    def _create(self, service: str, region: str, config: Config) -> Any:
        return self._session.create_client(service, region_name=region, config=config, **self._keys())

    def _keys(self) -> dict[str, str | None]:
        if self._own is None:
            return {}
        return {
            "aws_access_key_id": self._own.access_key,
            "aws_secret_access_key": self._own.secret_key,
            "aws_session_token": self._own.token,
        }


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _drop_account_prefix(request: Any, **_: object) -> None:
    """s3control puts the account before the host (`111122223333.127.0.0.1:5000`): no such host elsewhere."""
    parts = urlsplit(request.url)
    account, _dot, host = parts.netloc.partition(".")
    if account.isdigit() and len(account) == 12:
        request.url = urlunsplit(parts._replace(netloc=host))
