"""S3 Access Grants: one instance in the account and Region, locations with a role, and grants on them.

Sources: S3 Control API Reference, CreateAccessGrant, ListAccessGrants, DeleteAccessGrant; S3 API Reference,
"Error responses" ("List of S3 Access Grants error codes").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from xml.sax.saxutils import escape

from bot.sandbox.aws import errors
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response, xml
from bot.sandbox.aws.configurations import read
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.ids import some_uuid

#: Grants in one answer here; AWS gives up to 1,000.
_PAGE = 3


@dataclass(frozen=True)
class _Grant:
    id: str
    location: str
    prefix: str
    scope: str
    kind: str
    grantee: str
    permission: str

    @property
    def what(self) -> tuple[str, ...]:
        """What no second grant may say as well."""
        return (self.scope, self.kind, self.grantee, self.permission)


class AccessGrants:
    """The account's grants."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._chance = Random("access grants")
        self._locations: dict[str, str] = {}
        self._grants: dict[str, _Grant] = {}
        self.answers: dict[tuple[str, str], Callable[[Call], Response]] = {
            ("s3control", "CreateAccessGrantsInstance"): self._create_instance,
            ("s3control", "CreateAccessGrantsLocation"): self._create_location,
            ("s3control", "CreateAccessGrant"): self._create,
            ("s3control", "ListAccessGrants"): self._list,
            ("s3control", "DeleteAccessGrant"): self._delete,
        }

    def _create_instance(self, call: Call) -> Response:
        self._own(call)
        return xml("<R><AccessGrantsInstanceId>default</AccessGrantsInstanceId></R>")

    def _create_location(self, call: Call) -> Response:
        self._own(call)
        scope, made = read(call).findtext("LocationScope") or "", some_uuid(self._chance)
        self._locations[made] = scope
        return xml(f"<R><AccessGrantsLocationId>{made}</AccessGrantsLocationId></R>")

    def _create(self, call: Call) -> Response:
        self._own(call)
        document = read(call)
        location = document.findtext("AccessGrantsLocationId") or ""
        if location not in self._locations:
            raise AwsError("NoSuchAccessGrantsLocationError", "The specified location does not exist.", 404)
        prefix = document.findtext("AccessGrantsLocationConfiguration/S3SubPrefix") or ""
        grant = _Grant(
            some_uuid(self._chance),
            location,
            prefix,
            f"{self._locations[location].rstrip('*')}{prefix}",
            document.findtext("Grantee/GranteeType") or "",
            document.findtext("Grantee/GranteeIdentifier") or "",
            document.findtext("Permission") or "",
        )
        if any(one.what == grant.what for one in self._grants.values()):
            raise AwsError("AccessGrantAlreadyExists", "The specified access grant already exists.", 409)
        self._grants[grant.id] = grant
        return xml(f"<R>{self._told(grant)}</R>")

    def _list(self, call: Call) -> Response:
        self._own(call)
        query, first = call.http.query, int(call.http.query.get("nextToken", "0"))
        asked = tuple(
            query.get(name) for name in ("grantscope", "granteetype", "granteeidentifier", "permission")
        )
        found = [
            grant
            for grant in self._grants.values()
            if all(one in (None, its) for one, its in zip(asked, grant.what, strict=True))
        ]
        inner = "".join(
            f"<AccessGrant>{self._told(one)}</AccessGrant>" for one in found[first : first + _PAGE]
        )
        more = f"<NextToken>{first + _PAGE}</NextToken>" if first + _PAGE < len(found) else ""
        return xml(f"<R>{more}<AccessGrantsList>{inner}</AccessGrantsList></R>")

    def _delete(self, call: Call) -> Response:
        self._own(call)
        if self._grants.pop(str(call.text("AccessGrantId")), None) is None:
            raise AwsError("NoSuchAccessGrantError", "The specified access grant does not exist.", 404)
        return Response(204)

    def _own(self, call: Call) -> None:
        if call.header("x-amz-account-id") != self._backend.account_id:
            raise errors.access_denied("s3control")

    def _told(self, one: _Grant) -> str:
        here = f"{self._backend.region}:{self._backend.account_id}"
        arn = f"arn:aws:s3:{here}:access-grants/default/grant/{one.id}"
        return (
            f"<AccessGrantId>{one.id}</AccessGrantId><AccessGrantArn>{arn}</AccessGrantArn>"
            f"<Grantee><GranteeType>{one.kind}</GranteeType>"
            f"<GranteeIdentifier>{escape(one.grantee)}</GranteeIdentifier></Grantee>"
            f"<Permission>{one.permission}</Permission>"
            f"<AccessGrantsLocationId>{one.location}</AccessGrantsLocationId>"
            f"<AccessGrantsLocationConfiguration><S3SubPrefix>{escape(one.prefix)}</S3SubPrefix>"
            f"</AccessGrantsLocationConfiguration><GrantScope>{escape(one.scope)}</GrantScope>"
        )
