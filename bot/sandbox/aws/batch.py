"""DeleteObjects: many deletions in one request, each decided and recorded by itself.

Source: S3 API Reference, DeleteObjects; S3 User Guide, "CloudTrail data events"
(one DeleteObject for each key).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

from werkzeug.datastructures import Headers

from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
#: Most keys that one request may name.
MOST = 1000


def split(call: Call) -> list[Call]:
    """The deletions that the request asks for, each as a call of its own.

    Raises:
        AwsError: MalformedXML.
    """
    try:
        root = ET.fromstring(call.http.body)  # noqa: S314 -- what the sandbox's own players send
    except ET.ParseError:
        raise malformed() from None
    found = [
        (item.findtext("{*}Key") or "", item.findtext("{*}VersionId")) for item in root.findall("{*}Object")
    ]
    if not 0 < len(found) <= MOST:
        raise malformed()
    return [_single(call, key, version) for key, version in found]


def malformed() -> AwsError:
    message = "The XML you provided was not well-formed or did not validate against our published schema"
    return AwsError("MalformedXML", message, 400)


def _single(call: Call, key: str, version: str | None) -> Call:
    params = {"Bucket": call.bucket, "Key": key} | ({"VersionId": version} if version else {})
    http = replace(
        call.http,
        method="DELETE",
        raw_path=f"/{call.bucket}/{quote(key)}",
        raw_query=urlencode({"versionId": version}) if version else "",
        headers=Headers([(n, v) for n, v in call.http.headers if "checksum" not in n.lower()]),
        body=b"",
    )
    return replace(call, http=http, operation="DeleteObject", params=params)


def answer(call: Call, done: Iterable[tuple[Call, Response]]) -> Response:
    """The result of all of them; in quiet mode only what failed."""
    quiet = b"<Quiet>true</Quiet>" in call.http.body
    parts = [_entry(one, response) for one, response in done if not (quiet and response.ok)]
    result = f'<DeleteResult xmlns="{NAMESPACE}">{"".join(parts)}</DeleteResult>'
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{result}'
    return Response(200, body.encode(), Headers([("Content-Type", "application/xml")]))


def _entry(one: Call, response: Response) -> str:
    version = one.text("VersionId")
    named = f"<Key>{escape(str(one.key))}</Key>" + (f"<VersionId>{version}</VersionId>" if version else "")
    if not response.ok:
        code, message = response.error, escape(response.message or "")
        return f"<Error>{named}<Code>{code}</Code><Message>{message}</Message></Error>"
    marker = response.headers.get("x-amz-delete-marker") == "true"
    made = response.headers.get("x-amz-version-id", "")
    extra = (
        f"<DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>{made}</DeleteMarkerVersionId>"
        if marker
        else ""
    )
    return f"<Deleted>{named}{extra}</Deleted>"
