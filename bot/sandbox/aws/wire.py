"""Writes an answer on the wire by botocore's model of it: names, times and lists as each protocol has them.

An answer that the model does not know raises KeyError: what the sandbox answers, AWS could have answered.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from werkzeug.datastructures import Headers

from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import NAMESPACES
from bot.sandbox.aws.models import service_model


def answer(call: Call, data: Mapping[str, Any]) -> Response:
    """A successful answer with these members, under their API names; times are datetimes."""
    shape = service_model(call.service).operation_model(call.operation).output_shape
    if call.protocol == "query":
        body, kind = _query(call, shape, data), "text/xml"
    else:
        kind = "application/json" if call.protocol == "rest-json" else "application/x-amz-json-1.1"
        body = json.dumps(_json(shape, data))
    return Response(200, body.encode(), Headers([("Content-Type", kind)]))


def done(call: Call) -> Response:
    """A successful answer of the query protocol that tells nothing."""
    name = f"{call.operation}Response"
    inner = f"<ResponseMetadata><RequestId>{call.request_id}</RequestId></ResponseMetadata>"
    text = f'<{name} xmlns="{NAMESPACES.get(call.service, "")}">{inner}</{name}>'
    return Response(200, text.encode(), Headers([("Content-Type", "text/xml")]))


def _json(shape: Any, value: Any) -> Any:
    match shape.type_name:
        case "structure":
            members = {name: shape.members[name] for name in value}
            return {
                member.serialization.get("name", name): _json(member, value[name])
                for name, member in members.items()
                if value[name] is not None
            }
        case "list":
            return [_json(shape.member, one) for one in value]
        case "map":
            return {name: _json(shape.value, one) for name, one in value.items()}
        case "timestamp":
            return (
                _iso(value) if shape.serialization.get("timestampFormat") == "iso8601" else value.timestamp()
            )
        case _:
            return value


def _query(call: Call, shape: Any, data: Mapping[str, Any]) -> str:
    inner = _xml_members(shape, data)
    name, result = f"{call.operation}Response", f"{call.operation}Result"
    return (
        f'<{name} xmlns="{NAMESPACES.get(call.service, "")}"><{result}>{inner}</{result}>'
        f"<ResponseMetadata><RequestId>{call.request_id}</RequestId></ResponseMetadata></{name}>"
    )


def _xml_members(shape: Any, value: Mapping[str, Any]) -> str:
    parts = ((shape.members[name], name, one) for name, one in value.items() if one is not None)
    return "".join(f"<{name}>{_xml(member, one)}</{name}>" for member, name, one in parts)


def _xml(shape: Any, value: Any) -> str:
    match shape.type_name:
        case "structure":
            return _xml_members(shape, value)
        case "list":
            return "".join(f"<member>{_xml(shape.member, one)}</member>" for one in value)
        case "map":
            return "".join(
                f"<entry><key>{_xml(shape.key, name)}</key><value>{_xml(shape.value, one)}</value></entry>"
                for name, one in value.items()
            )
        case kind:
            return escape(_text(kind, value))


def _text(kind: str, value: Any) -> str:
    match kind:
        case "timestamp":
            return _iso(value)
        case "blob":
            return base64.b64encode(value).decode()
        case "boolean":
            return str(value).lower()
        case _:
            return str(value)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
