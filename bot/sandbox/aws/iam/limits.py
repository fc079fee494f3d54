"""IAM's quotas, which moto does not keep: a write above one is refused as AWS refuses it.

Source: IAM User Guide, "IAM and AWS STS quotas"; the sentences are those that people report from AWS.
"""

from __future__ import annotations

import json
from typing import Any

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call
from bot.sandbox.aws.errors import AwsError

#: Characters of all inline policies of one user, role or group together; white space does not count.
INLINE = {"user": 2_048, "role": 10_240, "group": 5_120}
MANAGED, TRUST, ATTACHED = 6_144, 2_048, 10
_HOLDERS = {"User": "user", "Role": "role", "Group": "group"}


def guard(call: Call, backend: Backend) -> None:
    """Raises AwsError LimitExceeded where the call would exceed a quota."""
    operation = call.operation
    if operation in ("PutUserPolicy", "PutRolePolicy", "PutGroupPolicy"):
        _inline(call, backend)
    elif operation in ("AttachUserPolicy", "AttachRolePolicy", "AttachGroupPolicy"):
        _attached(call, backend)
    elif operation in ("CreatePolicy", "CreatePolicyVersion"):
        _within(_size(call.text("PolicyDocument")), MANAGED, "PolicySize")
    elif operation == "UpdateAssumeRolePolicy":
        _within(_size(call.text("PolicyDocument")), TRUST, "ACLSizePerRole")
    elif operation == "CreateRole":
        _within(_size(call.text("AssumeRolePolicyDocument")), TRUST, "ACLSizePerRole")


def holder_of(call: Call, backend: Backend) -> tuple[str, str, Any | None]:
    """What a call changes the policies of: its kind, its name, and moto's object of it."""
    for parameter, kind in _HOLDERS.items():
        if name := call.text(f"{parameter}Name"):
            return kind, name, backend.holder(kind, name)
    return "", "", None


def _inline(call: Call, backend: Backend) -> None:
    kind, name, holder = holder_of(call, backend)
    others = holder.policies.items() if holder is not None else ()
    size = sum(_size(text) for policy, text in others if policy != call.text("PolicyName"))
    if size + _size(call.text("PolicyDocument")) > INLINE[kind]:
        raise _exceeded(f"Maximum policy size of {INLINE[kind]} bytes exceeded for {kind} {name}")


def _attached(call: Call, backend: Backend) -> None:
    kind, _, holder = holder_of(call, backend)
    attached = holder.managed_policies if holder is not None else {}
    if call.text("PolicyArn") not in attached:
        _within(len(attached) + 1, ATTACHED, f"PoliciesPer{kind.title()}")


def _size(document: object) -> int:
    text = document if isinstance(document, str) else json.dumps(document)
    return len("".join(text.split()))


def _within(size: int, quota: int, name: str) -> None:
    if size > quota:
        raise _exceeded(f"Cannot exceed quota for {name}: {quota}")


def _exceeded(message: str) -> AwsError:
    return AwsError("LimitExceeded", message, 409)
