"""Trust policies as IAM keeps them: no principal that it does not know, and a deleted one by its unique id.

Source: IAM User Guide, "AWS JSON policy elements: Principal"; domain R6.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call
from bot.sandbox.aws.errors import malformed_document

_OTHERS = re.compile(r"\d{12}|arn:aws[\w-]*:(iam|sts)::(\d{12}|cloudfront):.+")


class Trust:
    """Looks at principals before they are stored, and renames those that go."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._leaving: tuple[str, str] | None = None

    def guard(self, call: Call) -> None:
        """Raises AwsError MalformedPolicyDocument for a principal that AWS does not know."""
        self._leaving = self._who_leaves(call)
        named = {"UpdateAssumeRolePolicy": "PolicyDocument", "CreateRole": "AssumeRolePolicyDocument"}
        document = call.params.get(named.get(call.operation, ""))
        for kind, value in _principals(document):
            if kind == "":
                raise malformed_document(f'Invalid principal in policy: "{value}"')
            if not self._exists(kind, value):
                raise malformed_document(f'Invalid principal in policy: "{kind}":"{value}"')

    def after(self) -> None:
        """Write unique ids for the ARN of who was just deleted."""
        if self._leaving is not None:
            arn, unique = self._leaving
            for role in self._backend.iam.roles.values():
                text = _text(role.assume_role_policy_document)
                role.assume_role_policy_document = text.replace(f'"{arn}"', f'"{unique}"')

    def _who_leaves(self, call: Call) -> tuple[str, str] | None:
        found: Any = None
        if call.operation == "DeleteUser":
            found = self._backend.user(str(call.text("UserName")))
        elif call.operation == "DeleteRole":
            found = self._backend.role(str(call.text("RoleName")))
        return (str(found.arn), str(found.id)) if found is not None else None

    def _exists(self, kind: str, value: str) -> bool:
        if kind != "AWS" or value == "*":
            return kind in ("AWS", "Service", "Federated", "CanonicalUser")
        own = f"arn:aws:iam::{self._backend.account_id}:"
        if not value.startswith(own) or value == f"{own}root":
            return _OTHERS.fullmatch(value) is not None
        return any(str(one.arn) == value for one in self._backend.principals())


def _principals(document: object) -> Iterator[tuple[str, str]]:
    """Kind and value of each; the kind of a bare string is empty."""
    try:
        body = json.loads(_text(document)) if document else {"Statement": []}
    except ValueError:
        raise malformed_document("This policy contains invalid Json") from None
    statements = body.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal", {})
        if not isinstance(principal, Mapping):
            yield "", str(principal)
            continue
        for kind, values in principal.items():
            yield from ((kind, one) for one in (values if isinstance(values, list) else [values]))


def _text(document: object) -> str:
    return document if isinstance(document, str) else json.dumps(document)
