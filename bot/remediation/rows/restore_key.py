"""R32: take an attacker's hand off a KMS key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from bot.aws.errors import AwsRefused
from bot.remediation.arns import account_of, partition
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.errors import BadTarget, Refused, TargetMissing
from bot.remediation.key_changes import ACTS, PENDING, of_grant, of_policy, of_state
from bot.remediation.plan import Plan, State, Target
from bot.remediation.rule_documents import plain
from bot.remediation.words import keys as words

_KEY = re.compile(r"[\w-]{1,64}|alias/[\w/-]{1,250}", re.ASCII)
_ARN = re.compile(r"arn:[\w-]+:kms:([\w-]+):\d{12}:(?:key/[\w-]+|alias/[\w/-]+)", re.ASCII)


class RestoreKey(Automated):
    """R32: revoke a grant, take outsiders out of the key policy, cancel a deletion, enable or disable it.

    Source: KMS API Reference; KMS Developer Guide, "Key states of AWS KMS keys". A deletion is never asked
    for, and the undo of a cancelled one leaves the key disabled.
    """

    row = "R32"
    name = "restore-key"
    title = "Take back a grant, a key policy, a deletion or a state of a KMS key"
    family = "encryption keys"
    order = 118
    wants = ("key",)
    optional = ("act", "grant", "statement")
    approvals = 2
    permissions = (
        *("kms:RevokeGrant", "kms:PutKeyPolicy", "kms:EnableKey", "kms:DisableKey"),
        *("kms:CancelKeyDeletion", "kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"),
    )
    undo_verb = "Set back the key"
    undo_warning = words.BEFORE_AGAIN
    #: KMS API Reference: grants and key policies take "up to five minutes" in rare cases.
    patience = (0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0)

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `key`: id, ARN or alias. `act`: disable, enable, cancel-deletion, restore-policy or
        revoke-grant; where it is left out, what the key's state or the other names call for. `grant`: a
        grant's id. `statement`: Sids of the key policy, else those that let outsiders in.
        """
        key, act = wanted.get("key", ""), wanted.get("act", "")
        if act and act not in ACTS:
            raise BadTarget(words.not_an_act(act, ACTS))
        if (found := _ARN.fullmatch(key)) is not None:
            region = found[1]
            if account_of(key) != account_id:
                raise BadTarget(words.other_account(key, account_id))
        elif not _KEY.fullmatch(key):
            raise BadTarget(words.not_a_key(key))
        named = {name: wanted[name] for name in self.optional if wanted.get(name)}
        arn = key if found else f"arn:{partition(region)}:kms:{region}:{account_id}:{_resource(key)}"
        params = {"key": key, "account_id": account_id, "region": region, **named}
        return Target(kind="key", id=arn, label=key, params=params)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Aspect`: what of the key this is about, and that alone: `KeyState`, `KeyPolicy` or `Grant`."""
        found = _described(read, target)
        aspect, state = _aspect(target), {"Arn": found["Arn"], "Aspect": _aspect(target)}
        if aspect == "policy":
            params = {"KeyId": found["Arn"], "PolicyName": "default"}
            text = read.call("kms", "get_key_policy", params, target.params["region"]).data["Policy"]
            return {**state, "KeyPolicy": json.loads(text)}
        if aspect == "grant":
            return {**state, "Grant": _grant(read, target, found["Arn"])}
        return {**state, "KeyState": found["KeyState"]}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        target = target.model_copy(update={"id": state["Arn"]})
        made = {"state": of_state, "policy": of_policy, "grant": of_grant}[state["Aspect"]]
        return made(target, state, context)

    def undone(self, before: State) -> State:
        pending = before.get("KeyState") in PENDING
        return {**before, "KeyState": "Disabled"} if pending else before


def _resource(key: str) -> str:
    return key if key.startswith("alias/") else f"key/{key}"


def _aspect(target: Target) -> str:
    act, named = target.params.get("act"), target.params
    if act == "revoke-grant" or (act is None and "grant" in named):
        return "grant"
    return "policy" if act == "restore-policy" or (act is None and "statement" in named) else "state"


def _described(read: Reader, target: Target) -> Mapping[str, Any]:
    key = target.params["key"]
    try:
        answer = read.call("kms", "describe_key", {"KeyId": key}, target.params["region"])
    except AwsRefused as error:
        if error.code == "NotFoundException":
            raise TargetMissing(words.no_such_key(key)) from error
        raise
    found: Mapping[str, Any] = answer.data["KeyMetadata"]
    if found.get("KeyManager") == "AWS":
        raise Refused(words.of_aws(key))
    return found


def _grant(read: Reader, target: Target, arn: str) -> dict[str, Any] | None:
    """The grant, None when there is none of that id."""
    if not (grant := target.params.get("grant")):
        raise Refused(words.no_such_grant("without an id", target.label))
    params = {"KeyId": arn, "GrantId": grant}
    found = read.call("kms", "list_grants", params, target.params["region"]).data["Grants"]
    listed: list[dict[str, Any]] = [plain(one) for one in found]
    return next((one for one in listed if one["GrantId"] == grant), None)


REMEDIATION = RestoreKey()
