"""Multi-Region access points: asked for in one Region, changed a while after the answer.

Sources: S3 Control API Reference, CreateMultiRegionAccessPoint, PutMultiRegionAccessPointPolicy,
GetMultiRegionAccessPointPolicy; S3 User Guide, "Multi-Region Access Point restrictions and limitations".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from xml.sax.saxutils import escape

from bot.policy.document import PolicyError, parse
from bot.sandbox.aws import errors
from bot.sandbox.aws.access_points import speaks_of
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response, xml
from bot.sandbox.aws.configurations import read
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.ids import some_uuid
from bot.sandbox.aws.meaning_of_public import is_public

HOME = "us-west-2"


@dataclass
class _Point:
    name: str
    alias: str
    arn: str
    buckets: list[str]
    block: bool
    established: str | None = None
    proposed: str | None = None
    #: Reads after which what is proposed holds.
    waits: int = 0
    tokens: dict[str, str] = field(default_factory=dict)


class MultiRegion:
    """Those of the account. A put policy is proposed first, and established after one look at it."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._points: dict[str, _Point] = {}
        self._chance = Random("multi-region")
        self.answers: dict[tuple[str, str], Callable[[Call], Response]] = {
            ("s3control", "CreateMultiRegionAccessPoint"): self._create,
            ("s3control", "GetMultiRegionAccessPoint"): self._get,
            ("s3control", "PutMultiRegionAccessPointPolicy"): self._put_policy,
            ("s3control", "GetMultiRegionAccessPointPolicy"): self._get_policy,
            ("s3control", "DescribeMultiRegionAccessPointOperation"): self._describe,
        }

    def arn(self, name: str) -> str:
        """What a call about it is authorized on: its alias is in the ARN, not its name."""
        found = self._points.get(name)
        return found.arn if found else f"arn:aws:s3::{self._backend.account_id}:accesspoint/unknown.mrap"

    def _create(self, call: Call) -> Response:
        self._at_home(call)
        document = read(call)
        name = document.findtext("Details/Name") or ""
        alias = f"m{self._chance.getrandbits(52):013x}.mrap"
        self._points[name] = _Point(
            name,
            alias,
            f"arn:aws:s3::{self._backend.account_id}:accesspoint/{alias}",
            [one.text or "" for one in document.findall("Details/Regions/Region/Bucket")],
            document.findtext("Details/PublicAccessBlock/BlockPublicPolicy") != "false",
        )
        return self._accepted(self._points[name], some_uuid(self._chance))

    def _get(self, call: Call) -> Response:
        point = self._one(call, str(call.text("Name")))
        regions = "".join(f"<Region><Bucket>{one}</Bucket></Region>" for one in point.buckets)
        return xml(
            f"<R><AccessPoint><Name>{point.name}</Name><Alias>{point.alias}</Alias><Status>READY</Status>"
            f"<Regions>{regions}</Regions></AccessPoint></R>"
        )

    def _put_policy(self, call: Call) -> Response:
        document = read(call)
        point = self._one(call, document.findtext("Details/Name") or "")
        token, text = document.findtext("ClientToken") or "", document.findtext("Details/Policy") or ""
        if token not in point.tokens:
            self._check(text, point)
            point.proposed, point.waits = text, 1
            point.tokens[token] = some_uuid(self._chance)
        return self._accepted(point, point.tokens[token])

    def _check(self, text: str, point: _Point) -> None:
        try:
            policy = parse(text, "multi-Region access point policy")
        except PolicyError as error:
            raise errors.malformed_policy(f"Policy has an invalid element: {error}") from None
        for statement in policy.statements:
            if not all(speaks_of(one, point.arn) for one in statement.resources):
                raise errors.malformed_policy("Policy has invalid resource")
        if point.block and is_public(json.loads(text)):
            raise errors.access_denied("s3control")

    def _get_policy(self, call: Call) -> Response:
        point = self._one(call, str(call.text("Name")))
        if point.proposed is not None and point.waits == 0:
            point.established, point.proposed = point.proposed, None
        point.waits = max(0, point.waits - 1)
        shown = {"Established": point.established, "Proposed": point.proposed}
        inner = "".join(
            f"<{kind}><Policy>{escape(text)}</Policy></{kind}>" for kind, text in shown.items() if text
        )
        return xml(f"<R><Policy>{inner}</Policy></R>")

    def _describe(self, call: Call) -> Response:
        token = str(call.text("RequestTokenARN"))
        status = "INPROGRESS" if any(one.proposed for one in self._points.values()) else "SUCCEEDED"
        return xml(
            f"<R><AsyncOperation><RequestTokenARN>{token}</RequestTokenARN>"
            f"<RequestStatus>{status}</RequestStatus></AsyncOperation></R>"
        )

    def _accepted(self, point: _Point, request: str) -> Response:
        arn = f"arn:aws:s3:{HOME}:{self._backend.account_id}:async-request/mrap/{point.name}/{request}"
        return xml(f"<R><RequestTokenARN>{arn}</RequestTokenARN></R>")

    def _one(self, call: Call, name: str) -> _Point:
        self._at_home(call)
        if call.header("x-amz-account-id") != self._backend.account_id:
            raise errors.access_denied("s3control")
        if name not in self._points:
            message = "The specified multi-region access point does not exist"
            raise AwsError("NoSuchMultiRegionAccessPoint", message, 404)
        return self._points[name]

    def _at_home(self, call: Call) -> None:
        """Every call about them goes to one Region."""
        if call.region != HOME:
            raise AwsError("InvalidRequest", f"This request must be sent to {HOME}.", 400)
