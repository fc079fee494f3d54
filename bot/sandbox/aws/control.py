"""S3 Control as a whole: access points, those of several Regions, access grants; what each call is about."""

from __future__ import annotations

import re

from bot.sandbox.aws.access_grants import AccessGrants
from bot.sandbox.aws.access_points import AccessPoints
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call
from bot.sandbox.aws.multi_region import MultiRegion
from bot.sandbox.aws.public_access import PublicAccess


class Control:
    """The parts of S3 Control that have a state of their own."""

    def __init__(self, backend: Backend, public_access: PublicAccess) -> None:
        self._multi_region = MultiRegion(backend)
        self.points, grants = AccessPoints(backend, public_access), AccessGrants(backend)
        self.answers = self.points.answers | self._multi_region.answers | grants.answers
        backend.multi_region_arn = self._multi_region.arn


def resource(call: Call, backend: Backend) -> str:
    """The ARN that a call to S3 Control is authorized on (Service Authorization Reference, Amazon S3)."""
    here = f"arn:aws:s3:{call.region}:{backend.account_id}"
    if "MultiRegionAccessPoint" in call.operation:
        return _multi_region(call, backend)
    if "AccessGrant" in call.operation:
        return f"{here}:access-grants/default{_of_grant(call)}"
    if call.operation == "DescribeJob":
        return f"{here}:job/{call.text('JobId')}"
    if "AccessPoint" in call.operation and call.text("Name"):
        return f"{here}:accesspoint/{call.text('Name')}"
    return "*"


def _multi_region(call: Call, backend: Backend) -> str:
    told = re.search(rb"<Name>([^<]+)</Name>", call.http.body)
    name = call.text("Name") or (told[1].decode() if told else "")
    return backend.multi_region_arn(name) if name and not call.operation.startswith("Create") else "*"


def _of_grant(call: Call) -> str:
    if call.text("AccessGrantId"):
        return f"/grant/{call.text('AccessGrantId')}"
    told = re.search(rb"<AccessGrantsLocationId>([^<]+)</AccessGrantsLocationId>", call.http.body)
    return f"/location/{told[1].decode()}" if told else ""
