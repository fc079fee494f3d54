"""Which operation of which service a request is, read from botocore's own service models."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from bot.sandbox.aws.call import HttpRequest
from bot.sandbox.aws.models import service_model

#: Signing names that differ from botocore's service names.
SERVICE_OF_SIGNING_NAME = {
    "access-analyzer": "accessanalyzer",
    "monitoring": "cloudwatch",
    "sso": "sso-admin",
}
#: Two operations share one address and the first is the one in use: directory buckets, retired shapes.
NEVER = {"ListDirectoryBuckets", "CreateSession", "WriteGetObjectResponse"}


@dataclass(frozen=True)
class Operation:
    """A recognised call: botocore's names for it, its wire protocol, its parameters under API names."""

    service: str
    name: str
    protocol: str
    params: dict[str, Any]


@dataclass(frozen=True)
class Route:
    """One address of a REST service, from the `http` trait of its model."""

    name: str
    path: re.Pattern[str]
    literals: tuple[tuple[str, str], ...]
    needed_query: tuple[str, ...]
    needed_headers: tuple[str, ...]
    query_members: tuple[tuple[str, str], ...]
    labels: tuple[tuple[str, str], ...]

    @property
    def weight(self) -> int:
        return len(self.literals) + len(self.needed_query) + len(self.needed_headers)

    def match(self, request: HttpRequest, query: dict[str, str]) -> re.Match[str] | None:
        """The path's labels when everything that the address demands is there, else None."""
        if any(name not in query or (value and query[name] != value) for name, value in self.literals):
            return None
        if any(name not in query for name in self.needed_query):
            return None
        if any(name not in request.headers for name in self.needed_headers):
            return None
        return self.path.fullmatch(request.path)


def recognise(request: HttpRequest, signing_name: str) -> Operation:
    """Name the operation; "Unknown" when no model has it (the call is then refused or left to moto)."""
    service = _service(request, signing_name)
    target = request.headers.get("x-amz-target")
    if target:
        return Operation(service, target.rpartition(".")[2], "json", _json_body(request))
    if "/operation/" in request.path:
        return Operation(service, request.path.rpartition("/")[2], "smithy-rpc-v2-cbor", {})
    form = _form(request)
    if "Action" in form:
        return Operation(service, form["Action"], "query", nest(form))
    return _by_address(request, service)


def _service(request: HttpRequest, signing_name: str) -> str:
    if signing_name == "s3" and request.path.startswith("/v20180820/"):
        return "s3control"
    return SERVICE_OF_SIGNING_NAME.get(signing_name, signing_name)


def _json_body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _form(request: HttpRequest) -> dict[str, str]:
    if "x-www-form-urlencoded" not in request.headers.get("content-type", ""):
        return request.query if "Action" in request.query else {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def nest(form: dict[str, str]) -> dict[str, Any]:
    """Parameters of the query protocol as a tree: `Tags.member.1.Key=a` becomes {"Tags": [{"Key": "a"}]}."""
    tree: dict[str, Any] = {}
    for name, value in form.items():
        if name in {"Action", "Version"}:
            continue
        node, parts = tree, [part for part in name.split(".") if part != "member"]
        for part in parts[:-1]:
            child = node.setdefault(part, {})
            if not isinstance(child, dict):
                break
            node = child
        node[parts[-1]] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(name.isdecimal() for name in node):
        return [_listed(node[name]) for name in sorted(node, key=int)]
    return {name: _listed(value) for name, value in node.items()}


def _by_address(request: HttpRequest, service: str) -> Operation:
    query = request.query
    for route in routes(service).get(request.method, ()):
        found = route.match(request, query)
        if found:
            params: dict[str, Any] = dict(found.groupdict())
            params |= {member: params[label] for member, label in route.labels}
            params |= {member: query[name] for member, name in route.query_members if name in query}
            if protocol(service) == "rest-json":
                params |= _members(service, route.name, _json_body(request))
            return Operation(service, route.name, protocol(service), params)
    return Operation(service, "Unknown", protocol(service), {})


def _members(service: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """The members of a REST operation's JSON body under their API names; what is inside stays as it is."""
    shape = service_model(service).operation_model(name).input_shape
    wire = {one.serialization.get("name", member): member for member, one in shape.members.items()}
    return {wire[key]: value for key, value in body.items() if key in wire}


@cache
def protocol(service: str) -> str:
    model = service_model(service)
    return "json" if model is None else str(model.protocol)


@cache
def routes(service: str) -> dict[str, tuple[Route, ...]]:
    """The addresses of a REST service by HTTP method, the most demanding first."""
    model = service_model(service)
    found: dict[str, list[Route]] = {}
    for name in model.operation_names if model is not None else ():
        operation = model.operation_model(name)
        if name not in NEVER and not operation.deprecated and operation.http:
            found.setdefault(operation.http["method"], []).append(_route(name, operation))
    return {
        # Of equals the longer: `/mrap/instances/{Name+}/policy` is no name.
        method: tuple(sorted(listed, key=lambda route: (-route.weight, -len(route.path.pattern))))
        for method, listed in found.items()
    }


def _route(name: str, operation: Any) -> Route:
    path, _, query = operation.http["requestUri"].partition("?")
    members = operation.input_shape.members if operation.input_shape else {}
    required = set(operation.input_shape.required_members) if operation.input_shape else set()
    located = [
        (member, shape.serialization.get("location"), shape.serialization.get("name", member))
        for member, shape in members.items()
    ]
    return Route(
        name,
        _pattern(path),
        tuple(pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "x-id"),
        tuple(wire for member, place, wire in located if place == "querystring" and member in required),
        tuple(wire for member, place, wire in located if place == "header" and member in required),
        tuple((member, wire) for member, place, wire in located if place == "querystring"),
        tuple((member, wire) for member, place, wire in located if place == "uri" and member != wire),
    )


def _pattern(path: str) -> re.Pattern[str]:
    """`/{Bucket}/{Key+}` as an expression with a group for each label."""
    parts = re.split(r"\{(\w+)(\+?)\}", path)
    text = re.escape(parts[0])
    for label, greedy, literal in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        text += f"(?P<{label}>{'.+' if greedy else '[^/]+'})" + re.escape(literal)
    return re.compile(text + "/?" if not text.endswith("/") else text, re.DOTALL)
