"""R35: encrypt new objects under a key of one's own, and refuse keys of the caller's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.remediation.arns import account_of
from bot.remediation.buckets import BucketRow, change, plan_of, setting, uses_it
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import NothingToDo
from bot.remediation.plan import Call, Plan, State, Target
from bot.remediation.rows import wording

_BLOCKED = "BlockedEncryptionTypes"
_DEFAULT = "ApplyServerSideEncryptionByDefault"
#: What S3 does for every bucket where nothing else is set (S3 User Guide, "Setting default encryption").
_SSE_S3: dict[str, Any] = {_DEFAULT: {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}


class DefaultEncryption(BucketRow):
    """R35: SSE-C is blocked, and a default key of another account gives way to SSE-S3. The rest stays.

    Source: S3 User Guide, "Blocking or unblocking SSE-C for a general purpose bucket". A write without
    BlockedEncryptionTypes need not unblock, so that the undo says NONE.
    """

    row = "R35"
    name = "default-encryption"
    title = "Block customer-provided keys (SSE-C) and default keys of other accounts in a bucket"
    family = "protection"
    order = 220
    reads = ("s3:GetEncryptionConfiguration",)
    permissions = ("s3:PutEncryptionConfiguration", *reads)
    verb = "Block customer-provided keys (SSE-C) in"
    undo_verb = "Set back the encryption of"
    undo_warning = wording.CUSTOMER_KEYS_AGAIN

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Rules`: the default encryption. `Blocked`: what S3 refuses; S3's NONE is an empty list."""
        answer = setting(read, target, "get_bucket_encryption")
        rules: list[dict[str, Any]] = (
            answer["ServerSideEncryptionConfiguration"]["Rules"] if answer else [_SSE_S3]
        )
        blocked = {kind for one in rules for kind in one.get(_BLOCKED, {}).get("EncryptionType", ())}
        return {
            "Bucket": target.params["bucket"],
            "Rules": [{name: value for name, value in one.items() if name != _BLOCKED} for one in rules],
            "Blocked": sorted(blocked - {"NONE"}),
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        rules = [_SSE_S3 if _foreign(one, target) else one for one in state["Rules"]]
        after = {**state, "Rules": rules, "Blocked": sorted({*state["Blocked"], "SSE-C"})}
        if after == state:
            raise NothingToDo(wording.already_encrypted(target.label))
        return plan_of(
            self,
            target,
            (state, after),
            [_write(target, after)],
            [_write(target, state)],
            affected=uses_it(context, wording.ONLY_OWN_KEYS),
            warnings=tuple(_warnings(state, target)),
        )


def _foreign(rule: dict[str, Any], target: Target) -> str | None:
    """The default key, where its ARN shows that another account holds it."""
    key = rule.get(_DEFAULT, {}).get("KMSMasterKeyID", "")
    return key if account_of(key) not in (None, target.params["account_id"]) else None


def _write(target: Target, after: State) -> Call:
    blocked = {"EncryptionType": after["Blocked"] or ["NONE"]}
    rules = [{**one, _BLOCKED: blocked} for one in after["Rules"]]
    return change(
        target,
        "put_bucket_encryption",
        "s3:PutEncryptionConfiguration",
        after,
        ServerSideEncryptionConfiguration={"Rules": rules},
    )


def _warnings(state: State, target: Target) -> Iterator[str]:
    yield wording.SSEC_WRITES_FAIL
    yield wording.OBJECTS_STAY_ENCRYPTED
    for rule in state["Rules"]:
        if key := _foreign(rule, target):
            yield wording.foreign_key(key)


REMEDIATION = DefaultEncryption()
