"""What must be gone before IAM deletes a user, a role, a policy or a device; moto looks at half of it.

Sources: IAM API Reference, DeleteUser, DeleteGroup, DeletePolicy, DeleteVirtualMFADevice; IAM User Guide,
"Deleting an IAM user". The sentences are those that people report from AWS.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.iam.credentials import ServiceCredentials

_FIRST = "Cannot delete entity, must {} first."


class Deletions:
    """Refuses with DeleteConflict."""

    def __init__(self, backend: Backend, credentials: ServiceCredentials) -> None:
        self._backend = backend
        self._credentials = credentials
        self._rules = {
            "DeleteUser": self._user,
            "DeleteGroup": self._group,
            "DeletePolicy": self._policy,
            "DeleteVirtualMFADevice": self._device,
        }

    def guard(self, call: Call) -> None:
        """Raises AwsError DeleteConflict where something must go first."""
        rule = self._rules.get(call.operation)
        for reason in rule(call) if rule else ():
            raise AwsError("DeleteConflict", reason, 409)

    def _user(self, call: Call) -> Iterator[str]:
        name = str(call.text("UserName"))
        user = self._backend.user(name)
        if user is None:
            return
        if user.access_keys:
            yield _FIRST.format("delete access keys")
        if user.password:
            yield _FIRST.format("delete login profile")
        if user.mfa_devices:
            yield _FIRST.format("delete MFA device")
        if user.signing_certificates:
            yield _FIRST.format("delete signing certificates")
        if user.ssh_public_keys or self._credentials.of(name):
            yield _FIRST.format("remove referenced objects")
        if any(user in group.users for group in self._backend.iam.groups.values()):
            yield _FIRST.format("remove users from group")

    def _group(self, call: Call) -> Iterator[str]:
        group = self._backend.holder("group", str(call.text("GroupName")))
        if group is None:
            return
        if group.users:
            yield _FIRST.format("remove users from group")
        if group.managed_policies:
            yield _FIRST.format("detach all policies")
        if group.policies:
            yield _FIRST.format("delete policies")

    def _policy(self, call: Call) -> Iterator[str]:
        arn = str(call.text("PolicyArn"))
        policy = self._backend.iam.managed_policies.get(arn)
        holders = [*self._backend.principals(), *self._backend.iam.groups.values()]
        bounded = [one for one in self._backend.principals() if self._backend.boundary_of(one) == arn]
        if policy is not None and (bounded or any(arn in one.managed_policies for one in holders)):
            yield "Cannot delete a policy attached to entities."
        if policy is not None and len(policy.versions) > 1:
            yield (
                "This policy has more than one version. Before you delete a policy, you must delete the"
                " policy's versions. The default version is deleted with the policy."
            )

    def _device(self, call: Call) -> Iterator[str]:
        serial = call.text("SerialNumber")
        if any(serial in user.mfa_devices for user in self._backend.iam.users.values()):
            yield "MFA VirtualDevice in use. Must deactivate first."
