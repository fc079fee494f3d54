"""ACLs of single versions, copies, and keys of the customer's: what S3 does with objects and moto does not.

Sources: S3 API Reference, PutObjectAcl (one version, any grants), CopyObject ("When copying an object ... the
ACL metadata is not preserved and is set to private by default"); S3 User Guide, "Using server-side encryption
with customer-provided keys (SSE-C)".
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote

from bot.sandbox.aws import errors
from bot.sandbox.aws.backend import ALL_USERS, AUTHENTICATED_USERS, Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError

#: A grant: `ID` or `URI`, whose, and what.
Grant = tuple[str, str, str]

_CUSTOMER_KEY = "x-amz-server-side-encryption-customer-algorithm"
_SOURCE_KEY = "x-amz-copy-source-server-side-encryption-customer-algorithm"
_READS = {"GetObject": _CUSTOMER_KEY, "HeadObject": _CUSTOMER_KEY}
_COPIES = {"CopyObject", "UploadPartCopy"}
_CANNED = {
    "private": [],
    "public-read": [("URI", ALL_USERS, "READ")],
    "public-read-write": [("URI", ALL_USERS, "READ"), ("URI", ALL_USERS, "WRITE")],
    "authenticated-read": [("URI", AUTHENTICATED_USERS, "READ")],
    "bucket-owner-full-control": [],
    "bucket-owner-read": [],
}
_PERMISSIONS = {
    "x-amz-grant-full-control": "FULL_CONTROL",
    "x-amz-grant-read": "READ",
    "x-amz-grant-read-acp": "READ_ACP",
    "x-amz-grant-write-acp": "WRITE_ACP",
}


class Objects:
    """The versions' ACLs as they were written, and which versions only their writers can read."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._customers: set[tuple[str, str, str]] = set()
        self.answers = {("s3", "PutObjectAcl"): self._put_acl}

    def guard(self, call: Call) -> None:
        """Refuse to read what was written under a key of the customer's, without that key.

        Raises:
            AwsError: InvalidRequest.
        """
        asked = _source(call) if call.operation in _COPIES else None
        if call.operation in _READS:
            asked = (str(call.bucket), str(call.key), self._version_id(call))
        with_key = call.header(_SOURCE_KEY if call.operation in _COPIES else _CUSTOMER_KEY)
        if asked in self._customers and not with_key:
            raise errors.customer_key_needed()

    def after(self, call: Call, response: Response) -> None:
        """What moto leaves out of a write: it takes the bucket's ACL for the object's, and forgets SSE-C."""
        if call.operation not in {"PutObject", "CopyObject"}:
            return
        bucket, key = str(call.bucket), str(call.key)
        version = response.headers.get("x-amz-version-id") or "null"
        if call.header(_CUSTOMER_KEY):
            self._customers.add((bucket, key, version))
            self._backend.encrypt(bucket, key)
        if written := self._backend.version(bucket, key, None):
            self._backend.set_grants(written, list(self._asked(call)) or self._owners())

    def _put_acl(self, call: Call) -> Response:
        version_id = call.text("VersionId")
        found = self._backend.version(str(call.bucket), str(call.key), version_id)
        if found is None:
            raise errors.no_such_version() if version_id else errors.no_such_key(str(call.key))
        if not self._backend.is_object(found):
            message = "The specified method is not allowed against this resource."
            raise AwsError("MethodNotAllowed", message, 405, details={"ResourceType": "DeleteMarker"})
        self._backend.set_grants(found, list(self._asked(call)))
        return Response(200)

    def _version_id(self, call: Call) -> str:
        found = self._backend.version(str(call.bucket), str(call.key), call.text("VersionId"))
        return "" if found is None else str(found.version_id or "null")

    def _owners(self) -> list[Grant]:
        return [("ID", self._backend.owner_id, "FULL_CONTROL")]

    def _asked(self, call: Call) -> Iterator[Grant]:
        """The grants that a call asks for: a canned ACL, headers, or a document; none for none."""
        if canned := call.header("x-amz-acl"):
            yield from [*self._owners(), *_CANNED.get(canned, [])]
        for header, permission in _PERMISSIONS.items():
            for kind, whose in re.findall(r'(id|uri)="?([^",]+)"?', call.header(header) or "", re.IGNORECASE):
                yield kind.upper(), whose, permission
        if call.operation == "PutObjectAcl" and call.http.body:
            yield from _document(call.http.body)


def _document(body: bytes) -> Iterator[Grant]:
    try:
        root = ET.fromstring(body)  # noqa: S314 -- what the sandbox's own players send
    except ET.ParseError:
        raise errors.malformed_acl() from None
    if root.find("{*}Owner") is None:
        raise errors.malformed_acl()
    for grant in root.findall("{*}AccessControlList/{*}Grant"):
        grantee = grant.find("{*}Grantee")
        assert grantee is not None
        kind = "URI" if grantee.find("{*}URI") is not None else "ID"
        yield kind, grantee.findtext(f"{{*}}{kind}") or "", grant.findtext("{*}Permission") or ""


def _source(call: Call) -> tuple[str, str, str] | None:
    """Bucket, key and version of what is copied; None where it names no version."""
    path, _, query = (call.header("x-amz-copy-source") or "").partition("?")
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    version = parse_qs(query).get("versionId", [""])[0]
    return (bucket, key, version) if version else None
