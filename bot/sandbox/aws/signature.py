"""Signature Version 4, recomputed from what came over the wire.

Source: "AWS Signature Version 4 for API requests", IAM User Guide. Only what the server side needs.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

from bot.sandbox.aws.call import HttpRequest

ALGORITHM = "AWS4-HMAC-SHA256"
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 "
    r"Credential=(?P<key>[^/]+)/(?P<date>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request"
    r",\s*SignedHeaders=(?P<headers>[^,]+),\s*Signature=(?P<signature>[0-9a-f]+)"
)


@dataclass(frozen=True)
class Signature:
    """The claims of a signed request. `presigned` when they stand in the query string."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    value: str
    timestamp: str
    token: str | None
    presigned: bool
    expires: int | None

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"

    def expired(self, now: datetime) -> bool:
        """Whether a presigned URL has run out (`X-Amz-Expires` seconds after `X-Amz-Date`)."""
        if self.expires is None:
            return False
        signed_at = datetime.strptime(self.timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return now > signed_at + timedelta(seconds=self.expires)


def read(request: HttpRequest) -> Signature | None:
    """The signature of a request, None for an anonymous one.

    Raises:
        ValueError: there is an Authorization, but it is not Signature Version 4.
    """
    header = request.headers.get("authorization")
    query = request.query
    if header:
        return _from_header(header, request)
    if "X-Amz-Signature" in query:
        return _from_query(query)
    if "AWSAccessKeyId" in query:
        raise ValueError("Signature Version 2")
    return None


def _from_header(header: str, request: HttpRequest) -> Signature:
    found = AUTHORIZATION.fullmatch(header)
    if not found:
        raise ValueError("not Signature Version 4")
    return Signature(
        access_key_id=found["key"],
        date=found["date"],
        region=found["region"],
        service=found["service"],
        signed_headers=tuple(found["headers"].split(";")),
        value=found["signature"],
        timestamp=request.headers.get("x-amz-date", ""),
        token=request.headers.get("x-amz-security-token"),
        presigned=False,
        expires=None,
    )


def _from_query(query: dict[str, str]) -> Signature:
    parts = query.get("X-Amz-Credential", "").split("/")
    if len(parts) != 5:
        raise ValueError("malformed X-Amz-Credential")
    return Signature(
        access_key_id=parts[0],
        date=parts[1],
        region=parts[2],
        service=parts[3],
        signed_headers=tuple(query.get("X-Amz-SignedHeaders", "").split(";")),
        value=query["X-Amz-Signature"],
        timestamp=query.get("X-Amz-Date", ""),
        token=query.get("X-Amz-Security-Token"),
        presigned=True,
        expires=int(query.get("X-Amz-Expires", "0")),
    )


def verify(request: HttpRequest, signature: Signature, secret: str) -> bool:
    """Whether the request was signed with this secret."""
    canonical = hashlib.sha256(_canonical_request(request, signature).encode()).hexdigest()
    to_sign = f"{ALGORITHM}\n{signature.timestamp}\n{signature.scope}\n{canonical}"
    key = f"AWS4{secret}".encode()
    for part in (signature.date, signature.region, signature.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.compare_digest(hmac.new(key, to_sign.encode(), "sha256").hexdigest(), signature.value)


def _canonical_request(request: HttpRequest, signature: Signature) -> str:
    headers = "".join(
        f"{name}:{' '.join(','.join(request.headers.getlist(name)).split())}\n"
        for name in signature.signed_headers
    )
    return "\n".join(
        [
            request.method,
            _canonical_path(request, signature.service),
            _canonical_query(request),
            headers,
            ";".join(signature.signed_headers),
            _payload_hash(request, signature),
        ]
    )


def _canonical_path(request: HttpRequest, service: str) -> str:
    # S3 alone signs the path as it is sent; everybody else encodes it a second time.
    return request.raw_path if service == "s3" else quote(request.raw_path, safe="/~")


def _canonical_query(request: HttpRequest) -> str:
    pairs = []
    for part in request.raw_query.split("&"):
        name, _, value = part.partition("=")
        if part and name != "X-Amz-Signature":
            pairs.append((_encode(name), _encode(value)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _encode(text: str) -> str:
    return quote(unquote(text), safe="-_.~")


def _payload_hash(request: HttpRequest, signature: Signature) -> str:
    told = request.headers.get("x-amz-content-sha256")
    if told and (told == "UNSIGNED-PAYLOAD" or told.startswith("STREAMING-")):
        return told
    if signature.presigned and signature.service == "s3":
        return told or "UNSIGNED-PAYLOAD"
    return hashlib.sha256(request.body).hexdigest()
