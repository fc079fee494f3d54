"""What is done to a KMS key, from its state, its policy or a grant of it: the plans of R32."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.policy.change import minified
from bot.policy.wildcard import literal
from bot.remediation import key_policies
from bot.remediation.contract import PlanContext
from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.words import keys as words
from bot.remediation.words import outsiders as policy_words

PENDING = ("PendingDeletion", "PendingReplicaDeletion")
#: What is done from which state, and what may be left unsaid because only one thing makes sense.
_BY_STATE = {**dict.fromkeys(PENDING, "cancel-deletion"), "Disabled": "enable"}
_FROM = {"disable": ("Enabled",), "enable": ("Disabled",), "cancel-deletion": PENDING}
ACTS = (*_FROM, "restore-policy", "revoke-grant")
_VERBS = {
    "disable": "Disable the key",
    "enable": "Enable the key",
    "cancel-deletion": "Cancel the deletion of the key",
    "restore-policy": "Take outsiders out of the policy of the key",
    "revoke-grant": "Revoke a grant on the key",
}
_READS = {"state": (), "policy": ("kms:GetKeyPolicy",), "grant": ("kms:ListGrants",)}


def of_state(target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG001
    """Enable, disable, or cancel a deletion. Raises Refused and NothingToDo."""
    found, act = state["KeyState"], target.params.get("act")
    if found == "PendingImport":
        raise Refused(words.import_again(target.label))
    if act is None and found not in _BY_STATE:
        raise Refused(words.say_what(target.label, found))
    act = act or _BY_STATE[found]
    if found not in _FROM[act]:
        raise NothingToDo(words.not_from(target.label, act, found))
    off, on = {**state, "KeyState": "Disabled"}, {**state, "KeyState": "Enabled"}
    if act == "disable":
        calls, undo = [_call(target, "disable_key", off)], [_call(target, "enable_key", on)]
        return _plan(
            target, act, (state, off), calls, undo, (words.EVERY_READER_STOPS,), (words.FIVE_MINUTES,)
        )
    calls, undo = [_call(target, "enable_key", on)], [_call(target, "disable_key", off)]
    warnings: tuple[str, ...] = (words.FIVE_MINUTES,)
    if act == "cancel-deletion":
        calls.insert(0, _call(target, "cancel_key_deletion", off))
        warnings = (words.WHO_SCHEDULED, words.FIVE_MINUTES)
    plan = _plan(target, act, (state, on), calls, undo, (words.READERS_RETURN,), warnings)
    never = (words.NOT_SCHEDULED_AGAIN,) if act == "cancel-deletion" else ()
    return plan.model_copy(update={"irreversible": never})


def of_policy(target: Target, state: State, context: PlanContext) -> Plan:
    """Take statements out of the key policy. Raises Refused and NothingToDo."""
    remaining, goes, stays = key_policies.tightened(target, state, context)
    after = {**state, "KeyPolicy": remaining}
    warnings = (policy_words.keeps_statements(stays), words.NO_LOCK_OUT, words.FIVE_MINUTES)
    calls, undo = [_put_policy(target, after)], [_put_policy(target, state)]
    return _plan(target, "restore-policy", (state, after), calls, undo, goes, warnings)


def of_grant(target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG001
    """Revoke a grant, which no undo brings back as it was. Raises NothingToDo."""
    grant = state["Grant"]
    if grant is None:
        raise NothingToDo(words.no_such_grant(target.params["grant"], target.label))
    after = {**state, "Grant": None}
    calls = [_call(target, "revoke_grant", after, GrantId=grant["GrantId"])]
    goes = [words.revokes(grant["GranteePrincipal"], grant["Operations"])]
    warnings = (words.GRANT_OF_SERVICE, words.FIVE_MINUTES)
    plan = _plan(target, "revoke-grant", (state, after), calls, [], goes, warnings)
    return plan.model_copy(update={"irreversible": (words.grant_gone(_again(target, grant)),)})


def _again(target: Target, grant: Mapping[str, Any]) -> str:
    parts = [
        f"--grantee-principal {grant['GranteePrincipal']}",
        f"--operations {' '.join(grant['Operations'])}",
    ]
    if grant.get("RetiringPrincipal"):
        parts.append(f"--retiring-principal {grant['RetiringPrincipal']}")
    if grant.get("Constraints"):
        parts.append(f"--constraints '{minified(grant['Constraints'])}'")
    return f"aws kms create-grant --key-id {target.id} {' '.join(parts)}"


def _put_policy(target: Target, after: State) -> Call:
    text = minified(after["KeyPolicy"])
    return _call(target, "put_key_policy", after, PolicyName="default", Policy=text)


def _call(target: Target, operation: str, after: State, **params: Any) -> Call:
    action = "".join(word.title() for word in operation.split("_"))
    return Call(
        service="kms",
        operation=operation,
        params={"KeyId": target.id, **params},
        after=state_hash(after),
        permissions=(Permission(action=f"kms:{action}", resource=literal(target.id)),),
    )


def _plan(
    target: Target,
    act: str,
    states: tuple[State, State],
    calls: list[Call],
    undo: list[Call],
    affected: Iterable[str],
    warnings: Iterable[str],
) -> Plan:
    before, after = states
    reads = ("kms:DescribeKey", *_READS[before["Aspect"]])
    return Plan(
        remediation="R32",
        title=f"{_VERBS[act]} {target.label}",
        verb=_VERBS[act],
        account_id=target.params["account_id"],
        region=target.params["region"],
        target=target,
        calls=tuple(calls),
        undo=tuple(undo),
        base_hash=state_hash(before),
        before=before,
        after=after,
        reads=tuple(Permission(action=action, resource=literal(target.id)) for action in reads),
        affected=tuple(affected),
        warnings=tuple(warnings),
    )
