"""IAM Identity Center with its identity store: what its APIs tell, and what people do in its console.

Sources: IAM Identity Center API Reference, ListInstances; Identity Store API Reference, GetUserId and
DescribeUser.
"""

from __future__ import annotations

from random import Random

from bot.sandbox.aws import wire
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.ids import some_uuid

STORE = "d-9067a1b2c3"


class IdentityCenter:
    """Users by name, with id and whether they are enabled."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._chance = Random("identity center")
        self._ids: dict[str, str] = {}
        self._disabled: set[str] = set()
        self._answers = {
            ("sso-admin", "ListInstances"): self._instances,
            ("identitystore", "GetUserId"): self._id,
            ("identitystore", "DescribeUser"): self._describe,
        }

    def add(self, name: str) -> None:
        """A new user, in the console."""
        self._ids[name] = some_uuid(self._chance)

    def enable(self, name: str, *, enabled: bool) -> None:
        """Users, the user, Enable or Disable user access: no API does that. Raises KeyError."""
        (self._disabled.discard if enabled else self._disabled.add)(self._ids[name])

    def remove(self, name: str) -> None:
        """Deletes a user, in the console."""
        self._disabled.discard(self._ids.pop(name))

    def answer(self, call: Call) -> Response | None:
        """Our answer to a call of Identity Center, None for others'.

        Raises:
            AwsError: ResourceNotFoundException.
        """
        own = self._answers.get((call.service, call.operation))
        return own(call) if own else None

    def _instances(self, call: Call) -> Response:
        instance = {
            "InstanceArn": "arn:aws:sso:::instance/ssoins-7223a1b2c3d4e5f6",
            "IdentityStoreId": STORE,
            "OwnerAccountId": self._backend.account_id,
            "Status": "ACTIVE",
        }
        return wire.answer(call, {"Instances": [instance]})

    def _id(self, call: Call) -> Response:
        unique = (call.params.get("AlternateIdentifier") or {}).get("UniqueAttribute") or {}
        found = self._ids.get(str(unique.get("AttributeValue")))
        if call.text("IdentityStoreId") != STORE or unique.get("AttributePath") != "userName" or not found:
            raise AwsError("ResourceNotFoundException", "USER not found.")
        return wire.answer(call, {"UserId": found, "IdentityStoreId": STORE})

    def _describe(self, call: Call) -> Response:
        name = next((name for name, one in self._ids.items() if one == call.text("UserId")), None)
        if name is None:
            raise AwsError("ResourceNotFoundException", "USER not found.")
        status = "DISABLED" if self._ids[name] in self._disabled else "ENABLED"
        told = {"UserName": name, "UserId": self._ids[name], "IdentityStoreId": STORE, "UserStatus": status}
        return wire.answer(call, told)
