"""The organization's policies, as an account sees them to which their administration is delegated.

Its service control policies bind every principal of the account, the root user too (see `Permissions`).
Source: Organizations API Reference, CreatePolicy, AttachPolicy, DetachPolicy, ListPoliciesForTarget,
DescribePolicy; Organizations User Guide, "Quotas".
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bot.policy.document import PolicyError, parse
from bot.sandbox.aws import wire
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError

TYPES = {"SERVICE_CONTROL_POLICY": 5120, "RESOURCE_CONTROL_POLICY": 5120}
#: Policies of one type on one target, FullAWSAccess among them.
MOST = 5
FULL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@dataclass
class _Policy:
    id: str
    kind: str
    name: str
    content: str
    targets: set[str] = field(default_factory=set)


class Organization:
    """Policies by id. FullAWSAccess, which AWS attaches to everything, is on the account."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._chance = Random("policies of the organization")
        full = _Policy("p-FullAWSAccess", "SERVICE_CONTROL_POLICY", "FullAWSAccess", json.dumps(FULL))
        full.targets.add(backend.account_id)
        self._policies = {full.id: full}
        self._answers = {
            "CreatePolicy": self._create,
            "DeletePolicy": self._delete,
            "AttachPolicy": self._attach,
            "DetachPolicy": self._detach,
            "DescribePolicy": self._describe,
            "ListPoliciesForTarget": self._list,
        }

    def answer(self, call: Call) -> Response | None:
        """Our answer to a call about policies, None for others'.

        Raises:
            AwsError: with Organizations' code.
        """
        own = self._answers.get(call.operation) if call.service == "organizations" else None
        if own is None:
            return None
        if self._backend.organization_id is None:
            message = "Your account is not a member of an organization."
            raise AwsError("AWSOrganizationsNotInUseException", message)
        return own(call)

    def _create(self, call: Call) -> Response:
        kind, name, content = (str(call.text(one)) for one in ("Type", "Name", "Content"))
        if any(one.name == name for one in self._policies.values()):
            raise AwsError("DuplicatePolicyException", "A policy with the same name already exists.")
        if len(content) > TYPES[kind]:
            raise AwsError("ConstraintViolationException", "POLICY_CONTENT_LIMIT_EXCEEDED")
        try:
            parse(content, name)
        except PolicyError as error:
            raise AwsError("MalformedPolicyDocumentException", str(error)) from error
        made = _Policy(f"p-{self._chance.getrandbits(32):08x}", kind, name, content)
        self._policies[made.id] = made
        return wire.answer(call, {"Policy": self._told(made)})

    def _delete(self, call: Call) -> Response:
        policy = self._policy(call)
        if policy.targets:
            raise AwsError("PolicyInUseException", "The policy is attached to one or more entities.")
        del self._policies[policy.id]
        return Response(200, b"{}")

    def _attach(self, call: Call) -> Response:
        policy, target = self._policy(call), self._target(call)
        if target in policy.targets:
            raise AwsError("DuplicatePolicyAttachmentException", "The policy is already attached.")
        if sum(target in one.targets and one.kind == policy.kind for one in self._policies.values()) >= MOST:
            message = "You have attached the maximum number of policies to the specified target."
            raise AwsError("ConstraintViolationException", message)
        policy.targets.add(target)
        self._enforce()
        return Response(200, b"{}")

    def _detach(self, call: Call) -> Response:
        policy, target = self._policy(call), self._target(call)
        if target not in policy.targets:
            raise AwsError("PolicyNotAttachedException", "The policy isn't attached to the specified target.")
        policy.targets.discard(target)
        self._enforce()
        return Response(200, b"{}")

    def _describe(self, call: Call) -> Response:
        return wire.answer(call, {"Policy": self._told(self._policy(call))})

    def _list(self, call: Call) -> Response:
        target, kind = self._target(call), call.text("Filter")
        found = [one for one in self._policies.values() if target in one.targets and one.kind == kind]
        return wire.answer(call, {"Policies": [self._told(one)["PolicySummary"] for one in found]})

    def _enforce(self) -> None:
        """Every service control policy of the account; those of units above it are not played here."""
        account = self._backend.account_id
        bound = [one for one in self._policies.values() if account in one.targets]
        self._backend.control_policies = tuple(
            one.content for one in bound if one.kind == "SERVICE_CONTROL_POLICY"
        )

    def _policy(self, call: Call) -> _Policy:
        found = self._policies.get(str(call.text("PolicyId")))
        if found is None:
            message = "We can't find a policy with the PolicyId that you specified."
            raise AwsError("PolicyNotFoundException", message)
        return found

    def _target(self, call: Call) -> str:
        target = str(call.text("TargetId"))
        if target.isdecimal() and target != self._backend.account_id:
            message = "We can't find a root, OU, or account with the TargetId that you specified."
            raise AwsError("TargetNotFoundException", message)
        return target

    def _told(self, policy: _Policy) -> dict[str, Any]:
        summary = {"Id": policy.id, "Name": policy.name, "Type": policy.kind, "AwsManaged": False}
        return {"PolicySummary": summary, "Content": policy.content}
