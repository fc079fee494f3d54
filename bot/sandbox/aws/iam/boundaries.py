"""Permissions boundaries of users, which moto does not have.

Source: IAM API Reference, PutUserPermissionsBoundary, DeleteUserPermissionsBoundary.
"""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.aws import wire
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError


class Boundaries:
    """Sets them, takes them away, and shows them in GetUser's answer."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.answers = {
            "PutUserPermissionsBoundary": self._put,
            "DeleteUserPermissionsBoundary": self._delete,
        }

    def show(self, call: Call, response: Response) -> None:
        """Add the boundary to the user that moto shows, and to a policy how many it bounds."""
        if call.operation == "GetPolicy":
            arn = call.text("PolicyArn")
            count = sum(self._backend.boundary_of(one) == arn for one in self._backend.principals())
            told = f"<PermissionsBoundaryUsageCount>{count}</PermissionsBoundaryUsageCount></Policy>"
            response.body = re.sub(rb"<PermissionsBoundaryUsageCount>\d+</[^>]*>", b"", response.body)
            response.body = response.body.replace(b"</Policy>", told.encode(), 1)
        user = self._backend.user(str(call.text("UserName")))
        arn = self._backend.boundary_of(user) if user is not None else None
        if call.operation != "GetUser" or arn is None:
            return
        shown = (
            "<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>"
            f"<PermissionsBoundaryArn>{arn}</PermissionsBoundaryArn></PermissionsBoundary></User>"
        )
        response.body = response.body.replace(b"</User>", shown.encode(), 1)

    def _put(self, call: Call) -> Response:
        arn = str(call.text("PermissionsBoundary"))
        if self._backend.managed_document(arn) is None:
            raise AwsError("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)
        self._user(call).permissions_boundary_arn = arn
        return wire.done(call)

    def _delete(self, call: Call) -> Response:
        user = self._user(call)
        if self._backend.boundary_of(user) is None:
            raise AwsError("NoSuchEntity", f"The user {user.name} has no permissions boundary.", 404)
        user.permissions_boundary_arn = None
        return wire.done(call)

    def _user(self, call: Call) -> Any:
        name = str(call.text("UserName"))
        user = self._backend.user(name)
        if user is None:
            raise AwsError("NoSuchEntity", f"The user with name {name} cannot be found.", 404)
        return user
