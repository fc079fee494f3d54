"""Makes of moto's answers what AWS would answer."""

from __future__ import annotations

import re
from http import HTTPStatus
from xml.sax.saxutils import unescape

from bot.sandbox.aws.call import S3_SERVICES, Call, Response

REQUEST_ID = re.compile(rb"<RequestId>[^<]*</RequestId>")
#: Headers of moto's answers that are not AWS's.
MOTOS_OWN = (
    "x-amz-request-id",
    "x-amzn-requestid",
    "x-amz-id-2",
    "Date",
    "Connection",
    "Access-Control-Allow-Origin",
)
CODE = re.compile(r'<Code>(.*?)</Code>|"__type": ?"(?:[^"]*#)?([^"]*)"')
MESSAGE = re.compile(r'<Message>(.*?)</Message>|"[mM]essage": ?"([^"]*)"', re.DOTALL)


def finish(call: Call, response: Response) -> Response:
    """Give the answer the id under which CloudTrail records it, and the headers of AWS."""
    told = b"<RequestId>" + call.request_id.encode() + b"</RequestId>"
    if "xml" in response.headers.get("Content-Type", ""):
        response.body = REQUEST_ID.sub(told, response.body)
    for name in MOTOS_OWN:
        response.headers.pop(name, None)
    response.headers["Server"] = "AmazonS3" if call.service == "s3" else "amazonaws"
    if call.service in S3_SERVICES:
        response.headers["x-amz-request-id"] = call.request_id
        response.headers["x-amz-id-2"] = f"{call.request_id}sandbox="
    else:
        response.headers["x-amzn-RequestId"] = call.request_id
    if call.http.method != "HEAD":
        response.headers["Content-Length"] = str(len(response.body))
    return response


def error_of(call: Call, response: Response) -> tuple[str, str]:
    """Code and message of an error that moto answered, as CloudTrail records them."""
    body = response.body.decode("utf-8", "replace")
    code, message = CODE.search(body), MESSAGE.search(body)
    return (
        (code[1] or code[2]) if code else _code_of_status(call, response.status),
        unescape(message[1] or message[2] or "") if message else HTTPStatus(response.status).phrase,
    )


def _code_of_status(call: Call, status: int) -> str:
    """What an error without a body (of HEAD, for one) must have been."""
    absent = "NoSuchKey" if call.key else "NoSuchBucket"
    known = {304: "NotModified", 403: "AccessDenied", 404: absent, 412: "PreconditionFailed"}
    return known.get(status, str(status))
