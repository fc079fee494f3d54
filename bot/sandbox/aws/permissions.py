"""Whether a caller may: every policy that AWS would look at, decided by `bot.policy.evaluate`."""

from __future__ import annotations

from functools import lru_cache

from bot.policy.document import Policy, parse
from bot.policy.evaluate import Decision, Policies, Request, evaluate
from bot.sandbox.aws import errors
from bot.sandbox.aws.backend import ALL_USERS, AUTHENTICATED_USERS, Backend
from bot.sandbox.aws.buckets import Buckets
from bot.sandbox.aws.call import Call
from bot.sandbox.aws.context import Context, context
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.identities import Caller
from bot.sandbox.aws.needs import Need, needs

#: Object and bucket ACL permissions (S3 User Guide, "ACL overview") by the action that they grant.
BY_OBJECT_ACL = {"s3:GetObject": "READ", "s3:GetObjectVersion": "READ", "s3:GetObjectAcl": "READ_ACP"}
BY_BUCKET_ACL = {
    "s3:ListBucket": "READ",
    "s3:ListBucketVersions": "READ",
    "s3:PutObject": "WRITE",
    "s3:GetBucketAcl": "READ_ACP",
}
#: How AWS names the layer that refused, in its messages.
LAYERS = {
    "identity": "an identity-based policy",
    "resource": "a resource-based policy",
    "boundary": "a permissions boundary",
    "session": "a session policy",
    "scp": "a service control policy",
    "rcp": "a resource control policy",
}
ALLOW_ALL = parse({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, "everything")


@lru_cache(maxsize=4096)
def _parsed(document: str, name: str) -> Policy:
    return parse(document, name)


class Permissions:
    """Decides each call from the policies as they stand at that moment."""

    def __init__(self, backend: Backend, buckets: Buckets) -> None:
        self._backend = backend
        self._buckets = buckets

    def check(self, call: Call, caller: Caller) -> None:
        """Refuse a call that is not allowed.

        Raises:
            AwsError: with AWS's structured message inside the account, a bare "Access Denied" outside of it.
        """
        if caller.is_anonymous and call.service != "s3":
            raise errors.missing_token(call.service)
        keys = context(call, caller, self._backend)
        for need in needs(call, caller, self._backend):
            decision = self.decide(caller, need, keys)
            if not decision.allowed:
                raise self._refusal(call, caller, need, decision)

    def may(self, call: Call, caller: Caller, action: str, resource: str) -> bool:
        """Whether the same caller, in the same circumstances, could also do something else."""
        keys = context(call, caller, self._backend)
        return self.decide(caller, Need(action, resource, self._backend.account_id), keys).allowed

    def decide(self, caller: Caller, need: Need, keys: Context) -> Decision:
        request = Request(caller.policy_principal, need.action, need.resource, need.account, keys)
        policies = self._policies(caller, need)
        decision = evaluate(request, policies)
        if decision.outcome == "implicitly_denied" and self._acl_allows(caller, need):
            return Decision("allowed", ())
        if decision.allowed and need.action in {"sts:TagSession", "sts:SetSourceIdentity"}:
            return self._trust_too(request, policies)
        return decision

    def service_may(self, service: str, action: str, resource: str, keys: Context) -> bool:
        """Whether an AWS service may, by the bucket's policy (CloudTrail writing its log files)."""
        need = Need(action, resource, self._backend.account_id)
        request = Request(service, action, resource, need.account, keys)
        return evaluate(request, Policies(resource=self._resource_policy(need))).allowed

    def _trust_too(self, request: Request, policies: Policies) -> Decision:
        # The role's trust policy must itself allow it. Across accounts both sides must, so with an
        # identity that may everything what is left is the trust policy's own word.
        foreign = Request(request.principal, request.action, request.resource, "another", request.context)
        return evaluate(foreign, Policies(identity=(ALLOW_ALL,), resource=policies.resource))

    def _policies(self, caller: Caller, need: Need) -> Policies:
        resource = self._resource_policy(need)
        if ":accesspoint/" in need.resource:
            resource = self._buckets.access_point_policy(need.resource, caller)
        if resource is not None and self._buckets.restricted(_bucket(need.resource), caller):
            resource = None
        return Policies(
            identity=self._identity(caller),
            resource=resource,
            boundaries=self._boundaries(caller),
            session=caller.session.policy if caller.session else None,
            scps=self._control_policies(caller),
        )

    def _control_policies(self, caller: Caller) -> tuple[tuple[Policy, ...], ...]:
        """The organization's, which bind everybody of the account; one level is played, the account's."""
        found = self._backend.control_policies if caller.account_id == self._backend.account_id else ()
        return (tuple(_parsed(one, "service control policy") for one in found),) if found else ()

    def _identity(self, caller: Caller) -> tuple[Policy, ...]:
        if caller.kind == "user":
            documents = self._backend.user_documents(self._backend.user(caller.name))
        elif caller.kind == "session":
            role = self._backend.role(caller.name)
            documents = self._backend.role_documents(role) if role is not None else iter(())
        else:
            return ()
        return tuple(_parsed(document, name) for name, document in documents)

    def _boundaries(self, caller: Caller) -> tuple[Policy, ...] | None:
        find = self._backend.role if caller.kind == "session" else self._backend.user
        bounded = find(caller.name) if caller.kind in ("session", "user") else None
        arn = self._backend.boundary_of(bounded) if bounded is not None else None
        document = self._backend.managed_document(arn) if arn else None
        return (_parsed(document, str(arn)),) if document else None

    def _resource_policy(self, need: Need) -> Policy | None:
        if need.resource.startswith("arn:aws:s3:::"):
            return self._buckets.policy(_bucket(need.resource))
        if need.action.startswith("sts:"):
            role = self._backend.role_by_arn(need.resource)
            return _parsed(role.assume_role_policy_document, "trust policy") if role is not None else None
        return None

    def _acl_allows(self, caller: Caller, need: Need) -> bool:
        bucket, _, key = need.resource.removeprefix("arn:aws:s3:::").partition("/")
        if not need.resource.startswith("arn:aws:s3:::") or not self._buckets.acls.count(bucket):
            return False
        groups = {ALL_USERS} if caller.is_anonymous else {ALL_USERS, AUTHENTICATED_USERS}
        on_object, on_bucket = BY_OBJECT_ACL.get(need.action), BY_BUCKET_ACL.get(need.action)
        wanted = on_object or on_bucket
        grants = self._backend.acl_grants(bucket, key if on_object else None)
        return any(who in groups and permission in {wanted, "FULL_CONTROL"} for who, permission in grants)

    def _refusal(self, call: Call, caller: Caller, need: Need, decision: Decision) -> AwsError:
        owner = need.account or self._backend.account_id
        if caller.account_id != owner:
            return errors.access_denied(call.service)
        return errors.access_denied(call.service, denied_message(call, caller, need, decision))


def _bucket(arn: str) -> str:
    return arn.removeprefix("arn:aws:s3:::").partition("/")[0]


def denied_message(call: Call, caller: Caller, need: Need, decision: Decision) -> str:
    """AWS's sentence: who, what, on what, and which layer refused.

    Source: S3 User Guide, "Troubleshoot access denied (403 Forbidden) errors"; domain 1.2.
    """
    layer = _layer(decision)
    on = "" if need.resource == "*" else f" on resource: {_quoted(call, need.resource)}"
    opening = f"User: {caller.arn} is not authorized to perform: {need.action}{on}"
    if decision.outcome == "explicitly_denied":
        return f"{opening} with an explicit deny in {LAYERS[layer]}"
    if call.service == "sts":
        return opening  # STS does not say why a role cannot be assumed
    kind = LAYERS[layer].split(" ", 1)[1]
    return f"{opening} because no {kind} allows the {need.action} action"


def _quoted(call: Call, resource: str) -> str:
    # S3 alone puts the resource into quotation marks.
    return f'"{resource}"' if call.service == "s3" else resource


def _layer(decision: Decision) -> str:
    wanted = "Deny" if decision.outcome == "explicitly_denied" else ""
    return next((reason.layer for reason in decision.because if reason.effect == wanted), "identity")
