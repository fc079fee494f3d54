"""Block Public Access: the settings of buckets and of the account, and which of them is in effect.

Source: S3 User Guide, "Blocking public access to your Amazon S3 storage".
"""

from __future__ import annotations

import json
import re
from typing import Literal

from werkzeug.datastructures import Headers

from bot.sandbox.aws import errors
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response, xml
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.identities import Caller

Setting = Literal["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
SETTINGS: tuple[Setting, ...] = (
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
)

#: The organization's management account, which is not the sandbox's.
MANAGEMENT = "999988887777"


class PublicAccess:
    """The account's settings are kept here, the buckets' in moto."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._account: dict[str, bool] | None = None
        self.answers = {
            ("s3control", "GetPublicAccessBlock"): self._get,
            ("s3control", "PutPublicAccessBlock"): self._put,
            ("s3control", "DeletePublicAccessBlock"): self._delete,
            ("organizations", "DescribeEffectivePolicy"): _no_organization,
            ("organizations", "DescribeOrganization"): self._organization,
        }

    @property
    def account(self) -> dict[str, bool] | None:
        """The account's own settings, None where there are none."""
        return self._account

    def blocks(self, bucket: str, setting: Setting) -> bool:
        """Whether a setting is in effect: the bucket's or the account's, whichever restricts."""
        found = self._backend.bucket(bucket)
        own = self._backend.public_access_block(found) if found is not None else None
        return bool((own or {}).get(setting)) or bool((self._account or {}).get(setting))

    def _get(self, call: Call) -> Response:
        account = self._account_of(call)
        if self._account is None:
            raise errors.no_public_access_block({"AccountId": account})
        inner = "".join(f"<{name}>{str(value).lower()}</{name}>" for name, value in self._account.items())
        return xml(f"<PublicAccessBlockConfiguration>{inner}</PublicAccessBlockConfiguration>")

    def _put(self, call: Call) -> Response:
        self._account_of(call)
        told = {name: _flag(call.http.body.decode("utf-8", "replace"), name) for name in SETTINGS}
        if all(value is None for value in told.values()):
            raise AwsError("InvalidRequest", "Must specify at least one configuration.", 400)
        self._account = {name: bool(value) for name, value in told.items()}
        return Response(200)

    def _delete(self, call: Call) -> Response:
        self._account_of(call)
        self._account = None
        return Response(204)

    def _organization(self, call: Call) -> Response:
        if self._backend.organization_id is None:
            return _no_organization(call)
        body = json.dumps(
            {"Organization": {"Id": self._backend.organization_id, "MasterAccountId": MANAGEMENT}}
        )
        return Response(200, body.encode(), Headers([("Content-Type", "application/x-amz-json-1.1")]))

    def _account_of(self, call: Call) -> str:
        account = call.header("x-amz-account-id") or ""
        if account != self._backend.account_id:
            raise errors.access_denied("s3control")
        return account


def _no_organization(_: Call) -> Response:
    """The sandbox's account stands alone, so that no organisation's S3 policy rules over its settings."""
    message = "Your account is not a member of an organization."
    raise AwsError("AWSOrganizationsNotInUseException", message, 400)


def prevented(caller: Caller, action: str, resource: str, what: str, setting: Setting) -> AwsError:
    """The refusal of what a setting prevents ("policies", "ACLs")."""
    message = (
        f'User: {caller.arn} is not authorized to perform: {action} on resource: "{resource}" '
        f"because public {what} are prevented by the {setting} setting in S3 Block Public Access."
    )
    return errors.access_denied("s3", message)


def _flag(body: str, name: str) -> bool | None:
    found = re.search(rf"<{name}>\s*(true|false)", body, re.IGNORECASE)
    return None if found is None else found[1].lower() == "true"
