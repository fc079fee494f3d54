"""The case of R32: a KMS key by its state, its policy, and a grant of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from bot.remediation.catalogue import remediation
from bot.remediation.plan import Plan, State
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.rows.cases import CONTEXT, Case

OUTSIDER = "arn:aws:iam::444455556666:root"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"
#: What each test's key is called and what is done to it, by the name of the test's target.
_MADE: dict[str, str] = {}
_WANTED: dict[str, dict[str, str]] = {}


def statement(sid: str, principal: Any, actions: Any = "kms:*", **more: Any) -> dict[str, Any]:
    body = {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*"}
    return {**body, **more}


OWNER = statement("Enable IAM User Permissions", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
THEIRS = statement("Support", {"AWS": OUTSIDER}, ["kms:Decrypt", "kms:CreateGrant"])
THROUGH_S3 = statement(
    "Allow use through S3",
    {"AWS": "*"},
    "kms:Decrypt",
    Condition={
        "StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": f"s3.{REGION}.amazonaws.com"}
    },
)
LOGS = statement("Logs", {"Service": "cloudtrail.amazonaws.com"}, "kms:GenerateDataKey*")


def key_policy(*statements: dict[str, Any]) -> State:
    document = {"Version": "2012-10-17", "Id": "key-default-1", "Statement": list(statements)}
    return {"Aspect": "policy", "KeyPolicy": document}


def key_state(state: str) -> State:
    return {"Aspect": "state", "KeyState": state}


#: The grant of a test has an id that KMS makes up.
GRANTED: State = {"Aspect": "grant"}
_GRANT = {
    "KeyId": KEY_ID,
    "GrantId": "f020fe75",
    "GranteePrincipal": OUTSIDER,
    "Operations": ["Decrypt", "CreateGrant"],
}


def new_key(account: Account, name: str) -> str:
    made = account.client("kms").create_key(Description=name)["KeyMetadata"]
    _MADE[name] = str(made["Arn"])
    return _MADE[name]


def put_key_policy(account: Account, arn: str, document: dict[str, Any]) -> None:
    account.client("kms").put_key_policy(KeyId=arn, PolicyName="default", Policy=json.dumps(document))


def give(account: Account, arn: str) -> str:
    grant = {"GranteePrincipal": OUTSIDER, "Operations": ["Decrypt", "CreateGrant"]}
    return str(account.client("kms").create_grant(KeyId=arn, **grant)["GrantId"])


def _put_key(account: Account, name: str, state: State) -> None:
    kms, arn = account.client("kms"), _MADE[name]
    wanted = {"key": arn}
    if state["Aspect"] == "policy":
        put_key_policy(account, arn, state["KeyPolicy"])
        wanted["act"] = "restore-policy"
    elif state["Aspect"] == "grant":
        wanted["grant"] = give(account, arn)
    elif state["KeyState"] == "Enabled":
        wanted["act"] = "disable"
    elif state["KeyState"] == "Disabled":
        kms.disable_key(KeyId=arn)
    else:
        kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    _WANTED[name] = wanted


class KeyCase(Case):
    """A state says which aspect of the key it is about, and with it what the proposal names."""

    def plans(self, name: str) -> Iterator[Plan]:
        kind, acts = (
            remediation(self.row),
            {"policy": {"act": "restore-policy"}, "grant": {"grant": "f020fe75"}},
        )
        for state in self.examples:
            named = acts.get(
                state["Aspect"], {"act": "disable"} if state.get("KeyState") == "Enabled" else {}
            )
            target = kind.target(ACCOUNT, REGION, {"key": KEY_ID, **named})
            grant = {"Grant": _GRANT} if state["Aspect"] == "grant" else {}
            yield kind.plan(target, {"Arn": _ARN, **state, **grant}, CONTEXT)


RESTORE_KEY = KeyCase(
    "R32",
    make=new_key,
    states=st.sampled_from([key_state(one) for one in ("Enabled", "Disabled", "PendingDeletion")])
    | st.lists(st.sampled_from([THROUGH_S3, LOGS]), unique_by=repr).map(
        lambda more: key_policy(OWNER, *more[:1], THEIRS, *more[1:])
    ),
    put=_put_key,
    drift=lambda account, arn: account.client("kms").cancel_key_deletion(KeyId=arn),
    examples=(
        key_state("PendingDeletion"),
        key_policy(OWNER, THROUGH_S3, THEIRS),
        key_state("Enabled"),
        GRANTED,
    ),
    wanted=lambda _, name: _WANTED[name],
)

CASES: tuple[Case, ...] = (RESTORE_KEY,)
