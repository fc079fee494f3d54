"""KMS keys as KMS guards them: the key policy decides, states forbid, and nobody locks a key by mistake.

moto keeps keys, grants and policies, and asks nobody. Sources: KMS Developer Guide, "Key policies in AWS
KMS", "Key states of AWS KMS keys"; KMS API Reference, PutKeyPolicy, RevokeGrant.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from bot.policy.document import Policy, PolicyError, parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.sandbox.aws import wire
from bot.sandbox.aws.backend import Backend, naive
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.context import context
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.identities import Caller

_EVERYTHING = parse({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, "everything")
_PENDING = ("PendingDeletion", "PendingReplicaDeletion")
#: Refused while a key waits for its deletion (Developer Guide, "Key states of AWS KMS keys").
_NOT_WHILE_PENDING = frozenset({"EnableKey", "DisableKey", "CreateGrant", "ScheduleKeyDeletion"})
#: Those that use the key, refused while it is off.
_USES = frozenset({"CreateGrant", "Encrypt", "Decrypt", "GenerateDataKey", "ReEncrypt", "Sign"})
_MOST_BYTES = 32 * 1024


class Keys:
    """Asked before moto is, which takes no ARN where a key's state is changed."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._changes = {
            "EnableKey": "Enabled",
            "DisableKey": "Disabled",
            "CancelKeyDeletion": "Disabled",
            "ScheduleKeyDeletion": "PendingDeletion",
        }

    def guard(self, call: Call, caller: Caller) -> None:
        """Refuse what the key policy or the key's state does not let through.

        Raises:
            AwsError: AccessDeniedException, KMSInvalidStateException, DisabledException, NotFoundException,
                MalformedPolicyDocumentException.
        """
        if call.service != "kms" or not call.text("KeyId"):
            return
        key = self._backend.kms_key(call.region, str(call.text("KeyId")))
        if key is None:
            raise AwsError("NotFoundException", f"Key '{call.text('KeyId')}' does not exist", 400)
        self._authorize(call, caller, key, parse(key.policy, "key policy"), f"kms:{call.operation}")
        _check_state(call, key)
        if call.operation == "PutKeyPolicy":
            self._check_policy(call, caller, key)

    def answer(self, call: Call) -> Response | None:
        """Our own answer to a change of a key's state, None for all else."""
        state = self._changes.get(call.operation) if call.service == "kms" else None
        if state is None:
            return None
        key = self._backend.kms_key(call.region, str(call.text("KeyId")))
        assert key is not None  # the guard has refused an unknown one
        key.key_state, key.enabled = state, state == "Enabled"
        if call.operation == "CancelKeyDeletion":
            return wire.answer(call, {"KeyId": key.arn})
        if state != "PendingDeletion":
            return Response(200)
        key.deletion_date = naive(call.stage.at) + timedelta(days=_window(call))
        days = {"KeyState": state, "PendingWindowInDays": _window(call)}
        date = key.deletion_date.replace(tzinfo=UTC)
        return wire.answer(call, {"KeyId": key.arn, "DeletionDate": date, **days})

    def _authorize(self, call: Call, caller: Caller, key: Any, policy: Policy, action: str) -> None:
        if not self._allows(call, caller, key, policy, action):
            message = (
                f"User: {caller.arn} is not authorized to perform: {action} on resource: {key.arn} "
                f"because no resource-based policy allows the {action} action"
            )
            raise AwsError("AccessDeniedException", message, 400)

    def _allows(self, call: Call, caller: Caller, key: Any, policy: Policy, action: str) -> bool:
        """Whether the key policy does: by itself, or by leaving it to the account's IAM policies.

        As across accounts, both must allow; what IAM says has been decided before.
        """
        keys = context(call, caller, self._backend)
        request = Request(caller.policy_principal, action, key.arn, "another", keys)
        return evaluate(request, Policies(identity=(_EVERYTHING,), resource=policy)).allowed

    def _check_policy(self, call: Call, caller: Caller, key: Any) -> None:
        text = str(call.text("Policy"))
        try:
            policy = parse(text, "key policy")
        except PolicyError as error:
            raise _malformed(f"The policy is not valid: {error}") from None
        if len(text.encode()) > _MOST_BYTES:
            raise AwsError("LimitExceededException", "The policy is larger than 32 KB.", 400)
        bypass = bool(call.params.get("BypassPolicyLockoutSafetyCheck"))
        if not bypass and not self._allows(call, caller, key, policy, "kms:PutKeyPolicy"):
            raise _malformed("The new key policy will not allow you to update the key policy in the future.")


def _check_state(call: Call, key: Any) -> None:
    pending = key.key_state in _PENDING
    if pending and call.operation in _NOT_WHILE_PENDING | _USES:
        raise AwsError("KMSInvalidStateException", f"{key.arn} is pending deletion.", 400)
    if call.operation == "CancelKeyDeletion" and not pending:
        raise AwsError("KMSInvalidStateException", f"{key.arn} is not pending deletion.", 400)
    if call.operation in _USES and key.key_state == "Disabled":
        raise AwsError("DisabledException", f"{key.arn} is disabled.", 400)


def _window(call: Call) -> int:
    """Days until the deletion: 7 to 30 (KMS API Reference, ScheduleKeyDeletion)."""
    days = int(call.text("PendingWindowInDays") or 30)
    if not 7 <= days <= 30:
        raise AwsError("ValidationException", "PendingWindowInDays must be between 7 and 30.", 400)
    return days


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicyDocumentException", message, 400)
