"""Log objects under an `s3://` prefix, read in bulk.

The reads go through obstore: many small objects six times faster than boto3, at a tenth of the CPU. They are
signed with the gateway's own credentials.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from bot.aws.clients import is_loopback
from bot.aws.gateway import ANY_OWNER, Gateway

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Credential  # exist for type checkers only

#: How long obstore keeps credentials before it asks again: the gateway renews them well before they run out.
_ASK_AGAIN = timedelta(minutes=5)

_PLAIN_KEY = re.compile(r"[A-Za-z0-9/._-]*")


class Unreadable(OSError):  # noqa: N818
    """A listing or an object that could not be had; the text says which and why."""


class S3Objects:
    """The objects under `s3://bucket/prefix`. Keys are relative to that prefix. Thread-safe.

    Raises ValueError when the URL is not of that form, AwsError when the bucket's Region cannot be found out.
    """

    def __init__(self, gateway: Gateway, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc:
            raise ValueError(f"{url!r} is not of the form s3://bucket/prefix.")
        self.url = url
        self._gateway = gateway
        region = bucket_region(gateway, parts.netloc, ExpectedBucketOwner=ANY_OWNER)
        endpoint = gateway.endpoint("s3", region)
        self._store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            region=region,
            endpoint=endpoint,
            client_options=_client_options(endpoint),
            credential_provider=self._credential,
        )

    def list(self, prefix: str, after: str | None = None) -> Iterator[tuple[str, int]]:
        """(key, size in bytes) of the same objects as `entries`. Raises Unreadable."""
        yield from ((key, size) for key, size, _ in self.entries(prefix, after))

    def entries(self, prefix: str, after: str | None = None) -> Iterator[tuple[str, int, str]]:
        """(key, size in bytes, ETag) of every object in `prefix`, a folder, and below, in the order of keys;
        only those behind the key `after`, where one is given. Raises Unreadable.
        """
        # obstore does not sign every character in `start-after` as S3 does: those keys are left out here.
        offset = after if after is not None and _PLAIN_KEY.fullmatch(after) else None
        try:
            for page in obstore.list(self._store, prefix, offset=offset, chunk_size=1000):
                yield from (
                    (item["path"], item["size"], item["e_tag"] or "")
                    for item in page
                    if after is None or item["path"] > after
                )
        except BaseError as error:
            raise Unreadable(f"AWS did not list {self.url} {prefix}: {_first_line(error)}") from error

    def fetch(self, key: str) -> bytes:
        """The object's content. Raises Unreadable."""
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except (BaseError, FileNotFoundError, PermissionError) as error:
            raise Unreadable(f"AWS did not give {self.url} {key}: {_first_line(error)}") from error

    def _credential(self) -> S3Credential:
        credentials = self._gateway.credentials()
        if credentials is None:
            raise Unreadable(f"There are no AWS credentials to read {self.url} with.")
        now = credentials.get_frozen_credentials()
        return {
            "access_key_id": now.access_key,
            "secret_access_key": now.secret_key,
            "token": now.token,
            "expires_at": datetime.now(UTC) + _ASK_AGAIN,
        }


def _client_options(endpoint: str) -> ClientConfig:
    options: ClientConfig = {"allow_http": endpoint.startswith("http:")}
    host = urlsplit(endpoint).hostname
    if is_loopback(host):
        # The proxy of the environment cannot be switched off, only replaced: by one that is never asked.
        options |= {"proxy_url": "http://127.0.0.1:9", "proxy_excludes": str(host)}
    return options


def bucket_region(gateway: Gateway, bucket: str, **owner: str) -> str:
    """The Region a bucket lives in. Raises AwsRefused for a bucket that is missing or not ours to see."""
    data: Any = gateway.call("s3", "head_bucket", {"Bucket": bucket, **owner}).data
    region: str = data.get("BucketRegion") or gateway.region
    return region


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0]
