"""Credentials of IAM users that moto does not know: service-specific ones (IAM API Reference,
CreateServiceSpecificCredential).
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.aws import wire
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError

_SHOWN = ("UserName", "Status", "ServiceUserName", "CreateDate", "ServiceSpecificCredentialId", "ServiceName")


class ServiceCredentials:
    """User names and passwords for CodeCommit and Keyspaces."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._kept: list[dict[str, Any]] = []
        self.answers = {
            "CreateServiceSpecificCredential": self._create,
            "ListServiceSpecificCredentials": self._list,
            "DeleteServiceSpecificCredential": self._delete,
        }

    def of(self, user: str) -> list[dict[str, Any]]:
        return [one for one in self._kept if one["UserName"] == user]

    def _create(self, call: Call) -> Response:
        user = self._user(call)
        made = {
            "UserName": user,
            "Status": "Active",
            "ServiceName": call.text("ServiceName"),
            "ServiceUserName": f"{user}-at-{self._backend.account_id}",
            "ServicePassword": "sandbox-password",
            "ServiceSpecificCredentialId": f"ACCA{call.request_id.replace('-', '').upper():0>17.17}",
            "CreateDate": call.stage.at,
        }
        self._kept.append(made)
        return wire.answer(call, {"ServiceSpecificCredential": made})

    def _list(self, call: Call) -> Response:
        shown = [{name: one[name] for name in _SHOWN} for one in self.of(self._user(call))]
        return wire.answer(call, {"ServiceSpecificCredentials": shown})

    def _delete(self, call: Call) -> Response:
        user, wanted = self._user(call), call.text("ServiceSpecificCredentialId")
        found = [one for one in self.of(user) if one["ServiceSpecificCredentialId"] == wanted]
        if not found:
            raise AwsError("NoSuchEntity", f"The credential {wanted} cannot be found.", 404)
        self._kept.remove(found[0])
        return wire.done(call)

    def _user(self, call: Call) -> str:
        name = str(call.text("UserName"))
        if self._backend.user(name) is None:
            raise AwsError("NoSuchEntity", f"The user with name {name} cannot be found.", 404)
        return name
