"""Reads a request off the wire and finds out which call it is."""

from __future__ import annotations

import re
from random import Random
from typing import Any

from werkzeug.datastructures import EnvironHeaders, Headers

from bot.sandbox.aws import signature
from bot.sandbox.aws.call import S3_SERVICES, Call, HttpRequest, stage_of
from bot.sandbox.aws.ids import s3_request_id, some_uuid
from bot.sandbox.aws.operations import recognise


def read_call(environ: dict[str, Any], region: str, chance: Random) -> Call:
    """The call in a WSGI environment; `region` is that of calls which name none."""
    http = _read(environ)
    signing_name, named_region = _scope(http)
    operation = recognise(http, signing_name)
    s3 = operation.service in S3_SERVICES
    return Call(
        http=http,
        stage=stage_of(http.headers, http.peer),
        service=operation.service,
        operation=operation.name,
        protocol=operation.protocol,
        params=operation.params,
        region=named_region or region,
        request_id=s3_request_id(chance) if s3 else some_uuid(chance),
    )


def _read(environ: dict[str, Any]) -> HttpRequest:
    raw_path, _, raw_query = environ["REQUEST_URI"].partition("?")
    return HttpRequest(
        method=environ["REQUEST_METHOD"],
        # s3control puts the account before the host; some clients' way round that is the path.
        raw_path=re.sub(r"^/\d{12}(?=/v20180820/)", "", raw_path),
        raw_query=raw_query,
        headers=Headers(list(EnvironHeaders(environ))),
        body=_body(environ),
        peer=environ.get("REMOTE_ADDR", "127.0.0.1"),
    )


def _body(environ: dict[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    if length:
        return bytes(stream.read(int(length)))
    return bytes(stream.read()) if environ.get("wsgi.input_terminated") else b""


def _scope(http: HttpRequest) -> tuple[str, str]:
    """Signing name and Region; an unsigned call is one to S3, or one of the query protocol to STS."""
    try:
        signed = signature.read(http)
    except ValueError:
        signed = None
    if signed:
        return signed.service, signed.region
    form = "x-www-form-urlencoded" in http.headers.get("content-type", "")
    return ("sts" if form else "s3"), ""
