"""Access points: their policies as S3 checks them, kept byte for byte.

moto keeps neither the Region of one nor refuses any policy. Sources: S3 Control API Reference,
CreateAccessPoint, PutAccessPointPolicy; S3 User Guide, "Configuring IAM policies for using access points",
"Blocking public access to your Amazon S3 storage" ("Access points").
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from bot.policy.document import Policy, PolicyError, parse
from bot.sandbox.aws import errors
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response, xml
from bot.sandbox.aws.configurations import read
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.meaning_of_public import is_public
from bot.sandbox.aws.public_access import SETTINGS, PublicAccess

_MOST_BYTES = 20 * 1024


@dataclass
class AccessPoint:
    """One access point; `block` are its own Block Public Access settings, which nobody can change later."""

    name: str
    bucket: str
    arn: str
    vpc: str | None
    block: dict[str, bool]
    policy: str | None = None

    @property
    def alias(self) -> str:
        """What stands for a bucket's name in requests that come through it."""
        return f"{self.name}-sandbox-s3alias"


class AccessPoints:
    """Those of the account, by Region and name."""

    def __init__(self, backend: Backend, public_access: PublicAccess) -> None:
        self._backend = backend
        self._public_access = public_access
        self._kept: dict[tuple[str, str], AccessPoint] = {}
        self.answers: dict[tuple[str, str], Callable[[Call], Response]] = {
            ("s3control", "CreateAccessPoint"): self._create,
            ("s3control", "GetAccessPoint"): self._get,
            ("s3control", "ListAccessPoints"): self._list,
            ("s3control", "DeleteAccessPoint"): self._delete,
            ("s3control", "PutAccessPointPolicy"): self._put_policy,
            ("s3control", "GetAccessPointPolicy"): self._get_policy,
            ("s3control", "DeleteAccessPointPolicy"): self._delete_policy,
            ("s3control", "GetAccessPointPolicyStatus"): self._status,
        }

    def through(self, call: Call) -> Call:
        """The request as one for the bucket, where it names an access point by its alias."""
        for one in self._kept.values():
            if call.bucket == one.alias:
                path = call.http.raw_path.replace(f"/{one.alias}", f"/{one.bucket}", 1)
                http, params = replace(call.http, raw_path=path), {**call.params, "Bucket": one.bucket}
                return replace(call, http=http, params=params, access_point=one.arn)
        return call

    def policy(self, resource: str, *, outside: bool) -> Policy | None:
        """The policy of the access point in an ARN, as it counts for callers from outside of the account."""
        arn = "/".join(resource.split("/")[:2])
        found = next((one for one in self._kept.values() if one.arn == arn), None)
        if found is None or found.policy is None:
            return None
        policy = parse(found.policy, f"policy of access point {found.name}")
        restricted = outside and found.block["RestrictPublicBuckets"] and is_public(policy.source)
        return None if restricted else policy

    def _create(self, call: Call) -> Response:
        document, name = read(call), str(call.text("Name"))
        bucket = document.findtext("Bucket") or ""
        if self._backend.owner(bucket) is None:
            raise errors.no_such_bucket(bucket)
        if (call.region, name) in self._kept:
            message = "An access point with that name already exists and you own it."
            raise AwsError("AccessPointAlreadyOwnedByYou", message, 409)
        arn = f"arn:aws:s3:{call.region}:{self._backend.account_id}:accesspoint/{name}"
        block: dict[str, bool] = {
            one: _flag(document, f"PublicAccessBlockConfiguration/{one}") for one in SETTINGS
        }
        vpc = document.findtext("VpcConfiguration/VpcId")
        made = self._kept[call.region, name] = AccessPoint(name, bucket, arn, vpc, block)
        return xml(f"<R><AccessPointArn>{arn}</AccessPointArn><Alias>{made.alias}</Alias></R>")

    def _get(self, call: Call) -> Response:
        return xml(f"<R>{_told(self._one(call), full=True)}</R>")

    def _list(self, call: Call) -> Response:
        wanted = call.text("Bucket")
        found = [
            one
            for (region, _), one in self._kept.items()
            if region == call.region and wanted in (None, one.bucket)
        ]
        inner = "".join(f"<AccessPoint>{_told(one, full=False)}</AccessPoint>" for one in found)
        return xml(f"<R><AccessPointList>{inner}</AccessPointList></R>")

    def _delete(self, call: Call) -> Response:
        self._kept.pop((call.region, self._one(call).name))
        return Response(204)

    def _put_policy(self, call: Call) -> Response:
        point, text = self._one(call), read(call).findtext("Policy") or ""
        policy = _checked(text, point.arn)
        blocked = point.block["BlockPublicPolicy"] or self._public_access.blocks(
            point.bucket, "BlockPublicPolicy"
        )
        if point.vpc is None and blocked and is_public(policy.source):
            raise errors.access_denied("s3control")
        point.policy = text
        return Response(200)

    def _get_policy(self, call: Call) -> Response:
        return xml(f"<R><Policy>{escape(self._written(call))}</Policy></R>")

    def _delete_policy(self, call: Call) -> Response:
        self._one(call).policy = None
        return Response(204)

    def _status(self, call: Call) -> Response:
        text = self._written(call)
        public = self._one(call).vpc is None and is_public(parse(text).source)
        return xml(f"<R><PolicyStatus><IsPublic>{str(public).lower()}</IsPublic></PolicyStatus></R>")

    def _one(self, call: Call) -> AccessPoint:
        if call.header("x-amz-account-id") != self._backend.account_id:
            raise errors.access_denied("s3control")
        found = self._kept.get((call.region, str(call.text("Name"))))
        if found is None:
            raise AwsError("NoSuchAccessPoint", "The specified accesspoint does not exist", 404)
        return found

    def _written(self, call: Call) -> str:
        text = self._one(call).policy
        if text is None:
            message = "The specified accesspoint policy does not exist"
            raise AwsError("NoSuchAccessPointPolicy", message, 404)
        return text


def speaks_of(resource: str, arn: str) -> bool:
    """Whether a resource of a policy is this access point or objects behind it (wildcards allowed)."""
    pattern = re.escape("/".join(resource.split("/")[:2])).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(pattern, arn) is not None


def _checked(text: str, arn: str) -> Policy:
    if len(text.encode()) > _MOST_BYTES:
        raise errors.malformed_policy("Policy is larger than 20 KB")
    try:
        policy = parse(text, "access point policy")
    except PolicyError as error:
        raise errors.malformed_policy(f"Policy has an invalid element: {error}") from None
    for statement in policy.statements:
        if not statement.principals and not statement.not_principals:
            raise errors.malformed_policy("Missing required field Principal")
        if not all(speaks_of(one, arn) for one in statement.resources):
            raise errors.malformed_policy("Policy has invalid resource")
    return policy


def _flag(document: ET.Element, path: str) -> bool:
    """All four are on unless somebody says otherwise at the beginning."""
    return (document.findtext(path) or "true").lower() == "true"


def _told(one: AccessPoint, *, full: bool) -> str:
    vpc = f"<VpcConfiguration><VpcId>{one.vpc}</VpcId></VpcConfiguration>" if one.vpc else ""
    flags = "".join(f"<{name}>{str(on).lower()}</{name}>" for name, on in one.block.items())
    block = f"<PublicAccessBlockConfiguration>{flags}</PublicAccessBlockConfiguration>" if full else ""
    return (
        f"<Name>{one.name}</Name><Bucket>{one.bucket}</Bucket>"
        f"<NetworkOrigin>{'VPC' if one.vpc else 'Internet'}</NetworkOrigin>{vpc}{block}"
        f"<AccessPointArn>{one.arn}</AccessPointArn>"
    )
