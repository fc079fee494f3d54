"""What CloudTrail writes of a call's parameters and of its answer, in CloudTrail's own spelling.

Source: CloudTrail User Guide, "Record contents"; real records (see the tests, which compare the shapes).
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import datetime
from typing import Any

import botocore.parsers

from bot.sandbox.aws.call import S3_SERVICES, Call, Response
from bot.sandbox.aws.models import service_model

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
#: Headers of S3 calls that CloudTrail repeats among the parameters.
S3_HEADERS = (
    "x-amz-acl",
    "x-amz-copy-source",
    "x-amz-object-ownership",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
)
#: Headers of S3 answers that CloudTrail repeats among the response elements.
S3_ANSWERS = (
    "x-amz-server-side-encryption", "x-amz-version-id", "x-amz-delete-marker", "x-amz-copy-source-version-id",
)  # fmt: skip
#: Read-only calls whose answer is recorded all the same, because they issue credentials.
ISSUING = {"AssumeRole", "GetSessionToken", "GetFederationToken"}


def request_parameters(call: Call, response: Response) -> dict[str, Any] | None:
    """The `requestParameters` of a record; null for denied IAM and STS calls, as AWS does."""
    if call.service in S3_SERVICES:
        return _of_s3(call)
    if response.error in {"AccessDenied", "AccessDeniedException"}:
        return None
    return lower_first(call.params) or None


def host(call: Call) -> str:
    """The host that the same call would go to on AWS."""
    if call.service == "s3":
        return (
            f"{call.bucket}.s3.{call.region}.amazonaws.com"
            if call.bucket
            else f"s3.{call.region}.amazonaws.com"
        )
    if call.service == "s3control":
        return f"{call.header('x-amz-account-id')}.s3-control.{call.region}.amazonaws.com"
    return "iam.amazonaws.com" if call.service == "iam" else f"{call.service}.{call.region}.amazonaws.com"


def _of_s3(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = {"bucketName": call.bucket} if call.bucket else {}
    found["Host"] = host(call)
    if call.key is not None:
        found["key"] = call.key
    query = call.http.query
    found |= {name: value for name, value in query.items() if not name.lower().startswith("x-")}
    found |= {name: value for name in S3_HEADERS if (value := call.header(name)) is not None}
    if call.operation == "PutBucketPolicy":
        found["bucketPolicy"] = _json(call.http.body)
    elif call.http.method in ("PUT", "POST") and call.key is None:
        found |= _document(call.http.body)
    if call.service == "s3control" and call.text("Name"):
        found["name"] = call.text("Name")
    return found


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _document(body: bytes) -> dict[str, Any]:
    """An XML configuration as CloudTrail shows it: {"VersioningConfiguration": {"Status": "Enabled"}}."""
    try:
        root = ET.fromstring(body)  # noqa: S314 -- the sandbox reads what its own players send
    except ET.ParseError:
        return {}
    return {_name(root): _tree(root)}


def _tree(node: ET.Element) -> Any:
    if not len(node):
        text = node.text or ""
        return {"true": True, "false": False}.get(text, text)
    found: dict[str, Any] = {}
    for child in node:
        name, value = _name(child), _tree(child)
        if name in found:
            # One is written as an object, several as a list.
            found[name] = [*found[name], value] if isinstance(found[name], list) else [found[name], value]
        else:
            found[name] = value
    return found


def _name(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]


def response_elements(call: Call, response: Response, *, read_only: bool) -> dict[str, Any] | None:
    """The `responseElements` of a record: what a change answered, secrets left out, null for reads."""
    if not response.ok or (read_only and call.operation not in ISSUING):
        return None
    if call.service == "s3":
        return {name: response.headers[name] for name in S3_ANSWERS if name in response.headers} or None
    if call.protocol == "query":
        return lower_first(_without_secrets(_parsed(call, response))) or None
    body = _json(response.body)
    return lower_first(_without_secrets(body)) or None if isinstance(body, dict) else None


def _parsed(call: Call, response: Response) -> dict[str, Any]:
    model = service_model(call.service)
    if model is None or call.operation not in model.operation_names:
        return {}
    answer = {"status_code": response.status, "headers": {}, "body": response.body}
    shape = model.operation_model(call.operation).output_shape
    parsed: dict[str, Any] = botocore.parsers.create_parser("query").parse(answer, shape)
    return {name: value for name, value in parsed.items() if name != "ResponseMetadata"}


def _without_secrets(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            name: HIDDEN if name == "SessionToken" else _without_secrets(value)
            for name, value in node.items()
            if name not in ("SecretAccessKey", "GrantToken")
        }
    return [_without_secrets(item) for item in node] if isinstance(node, list) else node


def lower_first(node: Any) -> Any:
    """Names as CloudTrail spells them ("UserName" -> "userName"), times as it writes them."""
    if isinstance(node, dict):
        return {name[:1].lower() + name[1:]: lower_first(value) for name, value in node.items()}
    if isinstance(node, list):
        return [lower_first(item) for item in node]
    if isinstance(node, datetime):
        return f"{node:%b} {node.day}, {node.year}, {node.hour % 12 or 12}:{node:%M:%S %p}"
    return node
