"""R20: switch on Block Public Access for the whole account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.aws.errors import AwsRefused
from bot.remediation.acls import called, public_grants, read_acl
from bot.remediation.arns import bucket_arn, partition
from bot.remediation.buckets import feel_it, setting, strangers
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo, TargetMissing
from bot.remediation.plan import KEPT, Call, Permission, Plan, State, Target, compared, state_hash
from bot.remediation.rows import wording
from bot.remediation.rows.block_public_access import FLAGS

_BLOCKED = dict.fromkeys(FLAGS, True)
_PUT, _GET = "s3:PutAccountPublicAccessBlock", "s3:GetAccountPublicAccessBlock"
#: Of every bucket: how it is open at this moment.
_LIST, _OF_BUCKETS = "s3:ListAllMyBuckets", ("s3:GetBucketAcl", "s3:GetBucketPolicyStatus")


class BlockAccountAccess(Automated):
    """R20: all four settings on for the account, which holds for every bucket in every Region.

    How each bucket is open is part of the state: approvers must see which ones close, and S3 hides public
    grants of ACLs afterwards (S3 User Guide, "Blocking public access to your Amazon S3 storage").
    """

    row = "R20"
    name = "block-account-access"
    title = "Switch on Block Public Access for the account"
    family = "bucket access"
    order = 100
    approvals = 2
    wants = ("account",)
    permissions = (_PUT, _GET, _LIST, *_OF_BUCKETS)
    undo_verb = "Switch back Block Public Access for"
    undo_warning = wording.ACCOUNT_OPENS_AGAIN

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `account`, which must be the incident's own."""
        account = wanted.get("account", "")
        if account != account_id:
            raise BadTarget(wording.other_account_than(account, account_id))
        return Target(
            kind="account",
            id=f"arn:{partition(region)}:s3::{account_id}:account",
            label=f"account {account_id}",
            params={"account_id": account_id, "region": region, "account": account},
        )

    def snapshot(self, read: Reader, target: Target) -> State:
        """`AccountPublicAccessBlock`: None when not set. What is open is kept; None while hidden."""
        block = _block(read, target)
        hidden = block is not None and block["IgnorePublicAcls"]
        return {
            "Account": target.params["account_id"],
            "AccountPublicAccessBlock": block,
            KEPT: {"Open": None if hidden else dict(_open_buckets(read, target))},
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        if state["AccountPublicAccessBlock"] == _BLOCKED:
            raise NothingToDo(wording.account_blocked(target.label))
        after = {**compared(state), "AccountPublicAccessBlock": _BLOCKED}
        verb = "Switch on Block Public Access for"
        return Plan(
            remediation=self.row,
            title=f"{verb} {target.label}",
            verb=verb,
            account_id=target.params["account_id"],
            region=target.params["region"],
            target=target,
            calls=(_write(target, after),),
            undo=(_write(target, state),),
            base_hash=state_hash(state),
            before=state,
            after=after,
            reads=tuple(_reads(target)),
            affected=(*_closing(state.get(KEPT, {}).get("Open")), *feel_it(strangers(target, context))),
            warnings=(wording.EVERY_BUCKET, wording.PUBLIC_USE_STOPS, wording.ORGANIZATION_DECIDES),
        )


def _block(read: Reader, target: Target) -> dict[str, bool] | None:
    params, region = {"AccountId": target.params["account_id"]}, target.params["region"]
    try:
        answer = read.call("s3control", "get_public_access_block", params, region)
    except AwsRefused as error:
        if error.code == "NoSuchPublicAccessBlockConfiguration":
            return None
        raise
    return {flag: bool(answer.data["PublicAccessBlockConfiguration"].get(flag)) for flag in FLAGS}


def _open_buckets(read: Reader, target: Target) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and ways in of every bucket that its policy or its ACL opens to the public."""
    for one in read.call("s3", "list_buckets", {}, target.params["region"]).data.get("Buckets", []):
        bucket = _bucket(one["Name"], target)
        try:
            ways = _ways_in(read, bucket)
        except TargetMissing:
            continue  # deleted while the others were read
        if any(ways.values()):
            yield bucket.label, ways


def _bucket(name: str, target: Target) -> Target:
    params = {**target.params, "bucket": name}
    return Target(kind="bucket", id=bucket_arn(name, target.params["region"]), label=name, params=params)


def _ways_in(read: Reader, bucket: Target) -> dict[str, Any]:
    status = setting(read, bucket, "get_bucket_policy_status") or {"PolicyStatus": {}}
    acl = read_acl(read, bucket)
    return {
        "PolicyIsPublic": bool(status["PolicyStatus"].get("IsPublic")),
        "PublicAcl": acl if public_grants(acl) else None,
    }


def _write(target: Target, after: State) -> Call:
    block, params = after["AccountPublicAccessBlock"], {"AccountId": target.params["account_id"]}
    operation = "delete_public_access_block" if block is None else "put_public_access_block"
    more = {} if block is None else {"PublicAccessBlockConfiguration": dict(block)}
    return Call(
        service="s3control",
        operation=operation,
        params={**params, **more},
        after=state_hash(after),
        permissions=(Permission(action=_PUT, resource="*"),),
    )


def _reads(target: Target) -> Iterator[Permission]:
    yield Permission(action=_GET, resource="*")
    yield Permission(action=_LIST, resource="*")
    for action in _OF_BUCKETS:
        yield Permission(action=action, resource=bucket_arn("*", target.params["region"]))


def _closing(opened: Mapping[str, Any] | None) -> Iterator[str]:
    if opened is None:
        yield wording.OPEN_BUCKETS_HIDDEN
    for bucket, ways in (opened or {}).items():
        grants = public_grants(ways["PublicAcl"]) if ways["PublicAcl"] else []
        granted = [f"{one['Permission']} to {called(one)}" for one in grants]
        yield wording.closes(bucket, granted, by_policy=ways["PolicyIsPublic"])


REMEDIATION = BlockAccountAccess()
