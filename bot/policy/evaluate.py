"""AWS's decision about one request.

Source: IAM User Guide, "Policy evaluation logic", "Cross-account policy evaluation logic"; Organizations
User Guide, "SCP evaluation" and "RCP evaluation".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.policy.decision import Decision, Layer, Reason
from bot.policy.document import Policy
from bot.policy.principals import Caller, Grant
from bot.policy.request import Policies, Request, caller_of, full_context, resource_account
from bot.policy.statements import Ask, Verdict, judge
from bot.policy.truth import Truth

__all__ = ["Decision", "Policies", "Reason", "Request", "evaluate"]

_OWNER_ALWAYS = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})
"""What no bucket policy can deny the root user of the bucket's account (S3 API, PutBucketPolicy)."""


@dataclass(frozen=True)
class _Finding:
    policy: str
    verdict: Verdict


@dataclass(frozen=True)
class _Judged:
    """One layer (or one level of it) with what its relevant statements say."""

    layer: Layer
    findings: tuple[_Finding, ...]

    def says(self, effect: str, closest: Grant = Grant.NONE) -> Truth:
        """Whether a statement of that effect applies that names the caller at least that closely."""
        return max(
            (one.verdict.applies for one in self.of(effect) if one.verdict.grant >= closest), default=Truth.NO
        )

    def of(self, effect: str) -> Iterator[_Finding]:
        """The relevant statements of one effect."""
        return (one for one in self.findings if one.verdict.statement.effect == effect)

    def reasons(self, effect: str, truth: Truth) -> Iterator[Reason]:
        """A reason for each statement of that effect that applies with that truth."""
        return (_reason(self.layer, one) for one in self.of(effect) if one.verdict.applies == truth)


@dataclass(frozen=True)
class _Layers:
    """All layers that apply to a request."""

    identity: _Judged
    resource: _Judged | None
    ceilings: tuple[_Judged, ...]
    """Permissions boundary and session policy: the limits of identity-based policies and role grants."""
    scps: tuple[_Judged, ...]
    rcps: tuple[_Judged, ...]

    def all(self) -> tuple[_Judged, ...]:
        resource = (self.resource,) if self.resource else ()
        return (self.identity, *resource, *self.ceilings, *self.scps, *self.rcps)


def evaluate(request: Request, policies: Policies) -> Decision:
    """What AWS decides about the request under these policies.

    An explicit Deny in any layer wins. Otherwise the layers must allow it together: SCPs, and then within one
    account the identity-based or the resource-based policy, across accounts both. What turns on an unknown
    condition key is `depends`, unless the answer is the same either way.
    """
    who = caller_of(request)
    layers = _judge_all(request, policies, who)
    denied = max(layer.says("Deny") for layer in layers.all())
    if denied == Truth.YES:
        because = tuple(r for layer in layers.all() for r in layer.reasons("Deny", Truth.YES))
        return Decision("explicitly_denied", because)
    permitted, lacking = _permitted(request, who, layers)
    match min(permitted, denied.negated()):
        case Truth.YES:
            return Decision("allowed", tuple(_allowing(who, layers)))
        case Truth.NO:
            return Decision("implicitly_denied", tuple(r for layer in lacking for r in _why_not(layer)))
        case _:
            return _depends(layers)


def _judge_all(request: Request, policies: Policies, who: Caller) -> _Layers:
    """Judge every statement of the layers that AWS looks at for this kind of caller."""
    bounded = bool(policies.boundaries)
    ask = Ask(who, request.action, request.resource, full_context(request, who), bounded)
    in_account = who.account is not None
    boundaries = policies.boundaries or ()
    session = (policies.session,) if policies.session else ()
    limited = in_account and who.kind != "root"
    return _Layers(
        identity=_judged("identity", policies.identity if in_account else (), ask),
        resource=_resource_layer(request, policies.resource, ask),
        ceilings=(
            *(_judged("boundary", (one,), ask) for one in boundaries if limited),
            *(_judged("session", (one,), ask) for one in session if in_account),
        ),
        scps=() if not in_account or who.is_service_linked else _levels("scp", policies.scps, ask),
        rcps=() if who.is_service_linked else _levels("rcp", policies.rcps, ask),
    )


def _levels(layer: Layer, levels: Iterable[Iterable[Policy]], ask: Ask) -> tuple[_Judged, ...]:
    return tuple(_judged(layer, level, ask) for level in levels)


def _resource_layer(request: Request, policy: Policy | None, ask: Ask) -> _Judged | None:
    if policy is None:
        return None
    # Only a statement that names principals can speak in a resource-based policy; AWS stores no other.
    named = tuple(s for s in policy.statements if s.principals or s.not_principals)
    judged = _judged("resource", (replace(policy, statements=named),), ask)
    owner_root = ask.caller.kind == "root" and ask.caller.account == resource_account(request, ask.caller)
    if owner_root and request.action.lower() in _OWNER_ALWAYS:
        return _Judged("resource", tuple(judged.of("Allow")))
    return judged


def _judged(layer: Layer, policies: Iterable[Policy], ask: Ask) -> _Judged:
    found = (_Finding(p.name, judge(s, ask)) for p in policies for s in p.statements)
    return _Judged(layer, tuple(one for one in found if one.verdict.relevant))


def _permitted(request: Request, who: Caller, layers: _Layers) -> tuple[Truth, tuple[_Judged, ...]]:
    """Whether the layers together allow it (leaving explicit denials aside), and the layers that do not."""
    organisation = min((level.says("Allow") for level in layers.scps), default=Truth.YES)
    lacking = [level for level in layers.scps if level.says("Allow") == Truth.NO]
    account, closed = _by_account(request, who, layers)
    return min(organisation, account), (*lacking, *(closed if account == Truth.NO else ()))


def _by_account(request: Request, who: Caller, layers: _Layers) -> tuple[Truth, list[_Judged]]:
    """Whether the principal's and the resource's account allow it, and the layers that do not."""
    resource = layers.resource or _Judged("resource", ())
    ceiling = min((one.says("Allow") for one in layers.ceilings), default=Truth.YES)
    low = [one for one in layers.ceilings if one.says("Allow") == Truth.NO]
    if who.account is None:
        return resource.says("Allow"), [resource]
    own = min(_identity_allows(who, layers), ceiling)
    lacking = [*([] if _identity_allows(who, layers) else [layers.identity]), *low]
    if resource_account(request, who) != who.account:
        both = min(own, resource.says("Allow"))
        return both, [*lacking, *([] if resource.says("Allow") else [resource])]
    if layers.resource and _needs_resource_policy(request.action):
        own = min(own, resource.says("Allow"))
    by_role = min(resource.says("Allow", Grant.ROLE), ceiling)
    by_name = resource.says("Allow", Grant.DIRECT)
    refused = [resource] if layers.resource and not resource.says("Allow") else []
    return max(own, by_role, by_name), [*lacking, *refused]


def _identity_allows(who: Caller, layers: _Layers) -> Truth:
    """The root user has every permission; a federated user has none without a session policy."""
    if who.kind == "root":
        return Truth.YES
    if who.kind == "federated" and not any(one.layer == "session" for one in layers.ceilings):
        return Truth.NO
    return layers.identity.says("Allow")


def _needs_resource_policy(action: str) -> bool:
    """Role trust policies and KMS key policies must allow too; identity-based policies alone do not do."""
    return action.lower().startswith(("sts:assumerole", "kms:"))


def _allowing(who: Caller, layers: _Layers) -> Iterator[Reason]:
    if who.kind == "root":
        yield Reason("identity", "account root user", "has every permission of its account", "Allow")
    for layer in layers.all():
        yield from layer.reasons("Allow", Truth.YES)


def _why_not(judged: _Judged) -> Iterator[Reason]:
    """The layer that allows nothing, and its Allow statements that failed by a condition only."""
    yield Reason(judged.layer, "", "no statement allows it", "")
    yield from judged.reasons("Allow", Truth.NO)


def _depends(layers: _Layers) -> Decision:
    doubtful = [one for layer in layers.all() for one in layer.findings if one.verdict.applies == Truth.MAYBE]
    keys = sorted({key for one in doubtful for key in one.verdict.unknown})
    because = (
        r
        for layer in layers.all()
        for effect in ("Deny", "Allow")
        for r in layer.reasons(effect, Truth.MAYBE)
    )
    return Decision("depends", tuple(because), tuple(keys))


def _reason(layer: Layer, found: _Finding) -> Reason:
    statement = found.verdict.statement
    return Reason(layer, found.policy, statement.label, statement.effect, found.verdict.conditions)
