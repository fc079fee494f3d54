"""One call as the fake AWS sees it, and the answer it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from werkzeug.datastructures import Headers

#: botocore's names of the two services that are S3.
S3_SERVICES = frozenset({"s3", "s3control"})


@dataclass(frozen=True)
class HttpRequest:
    """The request as it came over the wire, read whole.

    `raw_path` and `raw_query` keep the client's own encoding: signatures are computed over it.
    Headers include the sandbox's own (see `Stage`), which no part that plays AWS reads.
    """

    method: str
    raw_path: str
    raw_query: str
    headers: Headers
    body: bytes
    peer: str

    @property
    def path(self) -> str:
        return unquote(self.raw_path)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))


@dataclass(frozen=True)
class Stage:
    """What a player of the sandbox says about its own call, in `x-sandbox-*` headers.

    AWS knows nothing of these: they let a scenario play the past and many places with real boto3 calls.
    """

    #: Name of the player for the panel "the world outside" (`x-sandbox-actor`), "" for everybody else.
    actor: str
    #: attacker, innocent, anonymous, operator or "" (`x-sandbox-role`).
    role: str
    #: When the call happens, UTC (`x-sandbox-time`, ISO 8601), else now.
    at: datetime
    #: Where it comes from (`x-sandbox-source-ip`), else the peer's address.
    source_ip: str
    #: False for the building of the stage (`x-sandbox-unrecorded: 1`): it leaves no trace in CloudTrail.
    recorded: bool


def stage_of(headers: Headers, peer: str) -> Stage:
    """Read the sandbox's own headers; a naive time counts as UTC."""
    told = headers.get("x-sandbox-time")
    at = datetime.fromisoformat(told) if told else datetime.now(UTC)
    return Stage(
        actor=headers.get("x-sandbox-actor", ""),
        role=headers.get("x-sandbox-role", ""),
        at=at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC),
        source_ip=headers.get("x-sandbox-source-ip", peer),
        recorded="x-sandbox-unrecorded" not in headers,
    )


@dataclass(frozen=True)
class Call:
    """An API call: the request, and which operation of which service it is.

    `params` holds the operation's parameters under their API names ("UserName", "Bucket", "Key").
    `request_id` is the id that the answer carries and that CloudTrail records. `access_point` is the ARN of
    the one that a request for a bucket came through.
    """

    http: HttpRequest
    stage: Stage
    service: str
    operation: str
    protocol: str
    params: Mapping[str, Any]
    region: str
    request_id: str
    access_point: str | None = None

    @property
    def bucket(self) -> str | None:
        return self.params.get("Bucket") if self.service == "s3" else None

    @property
    def key(self) -> str | None:
        return self.params.get("Key") if self.service == "s3" else None

    def header(self, name: str) -> str | None:
        return self.http.headers.get(name)

    def text(self, name: str) -> str | None:
        """The parameter as text, None when it was not given."""
        value = self.params.get(name)
        return None if value is None else str(value)


@dataclass
class Response:
    """An answer; `error` and `message` are set when it is a refusal, as CloudTrail will record them."""

    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=Headers)
    error: str | None = None
    message: str | None = None

    @property
    def ok(self) -> bool:
        return self.status < 400


def xml(inner: str) -> Response:
    """A successful answer in S3's XML."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{inner}'
    return Response(200, text.encode(), Headers([("Content-Type", "application/xml")]))
