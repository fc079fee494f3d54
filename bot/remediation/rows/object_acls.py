"""R22: make the ACLs of a bucket's objects private, version by version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from bot.aws.errors import AwsRefused
from bot.policy.wildcard import literal
from bot.remediation.acls import in_order
from bot.remediation.buckets import plan_of, setting, uses_it
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.rows import wording
from bot.remediation.sweep.contract import Hands, Standing, done, params_of
from bot.remediation.sweep.manifests import Item, manifest_of
from bot.remediation.sweep.row import SweepRow
from bot.remediation.sweep.versions import Entry, pages
from bot.remediation.words import sweeping

_ENFORCED = "BucketOwnerEnforced"
#: How many ACLs are read at once: S3 has no call that lists them.
_READERS = 16
#: For the run. The list is made before it, by the evidence role, which may list versions.
_ON_BUCKET = ("s3:GetBucketAcl", "s3:GetBucketOwnershipControls", "s3:GetBucketPublicAccessBlock")
_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})


class ObjectAcls(SweepRow):
    """R22: of every version whose ACL grants anything to anybody but the object's owner and the bucket's, the
    other grants are taken away. The list has each such version with its ACL before and after: the undo.

    Source: S3 User Guide, "Access control list (ACL) overview"; domain 0.8 and 0.9.
    """

    row = "R22"
    name = "object-acls"
    title = "Make the ACLs of a bucket's objects private"
    family = "bucket access"
    order = 66
    approvals = 2
    optional = ("prefix",)
    reads = _ON_BUCKET
    permissions = (
        *("s3:PutObjectVersionAcl", *_ON_BUCKET, "s3:GetObjectVersionAcl"),
        "s3:GetAccountPublicAccessBlock",
    )
    verb = "Make private the objects' ACLs in"
    undo_verb = "Put back the objects' ACLs in"
    undo_warning = sweeping.ACLS_COME_BACK

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`, and `prefix` where only keys that begin with it are meant."""
        target = super().target(account_id, region, wanted)
        return target.model_copy(update={"params": {**target.params, "prefix": wanted.get("prefix", "")}})

    def setting(self, read: Reader, target: Target) -> State:
        """`Owner` of the bucket, `ObjectOwnership`, and whether Block Public Access hides public grants."""
        owner = (setting(read, target, "get_bucket_acl") or {})["Owner"]["ID"]
        controls = setting(read, target, "get_bucket_ownership_controls") or {}
        rules = controls.get("OwnershipControls", {}).get("Rules", [{}])
        return {
            "Bucket": target.params["bucket"],
            "Owner": owner,
            "ObjectOwnership": rules[0].get("ObjectOwnership"),
            "PublicGrantsHidden": _hidden(read, target),
        }

    def items(self, read: Reader, target: Target, setting: State) -> Iterator[Item]:
        if setting["ObjectOwnership"] == _ENFORCED:
            return
        look = partial(_item, read, target, setting["Owner"])
        with ThreadPoolExecutor(_READERS) as pool:
            for page in pages(read, target, target.params["prefix"]):
                versions = [one for one in page if not one.is_marker]
                yield from (item for item in pool.map(look, versions) if item)

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        objects, unread = state["Objects"], state["LeftOut"]
        hidden = bool(state["PublicGrantsHidden"])
        if state["ObjectOwnership"] == _ENFORCED:
            raise NothingToDo(sweeping.acls_are_off(target.label))
        if not objects["items"]:
            if unread["items"]:
                raise Refused(sweeping.acls_unread(target.label, unread["items"]))
            raise NothingToDo(sweeping.objects_are_private(target.label, hidden=hidden))
        after = done(state)
        plan = plan_of(
            self,
            target,
            (state, after),
            [_write(target, state, after, "After")],
            [_write(target, state, state, "Before")],
            affected=[
                sweeping.grants_taken(objects),
                sweeping.OWNERS_KEEP,
                *uses_it(context, wording.ONLY_BY_ACL),
            ],
            warnings=[
                sweeping.CHEAPER,
                sweeping.ITEM_BY_ITEM,
                *([sweeping.some_acls_unread(unread)] if unread["items"] else []),
            ],
            irreversible=[sweeping.OBJECT_GRANTS_HIDDEN] if hidden else [],
        )
        title = f"{plan.title} ({sweeping.objects(objects['items'])})"
        return plan.model_copy(update={"title": title, "reads": (*plan.reads, *_more_reads(target))})

    def standing(self, hands: Hands, call: Call, item: Item) -> Standing:
        try:
            live = _acl(hands.read, hands.target, item["Key"], item["VersionId"])
        except AwsRefused as error:
            if error.code in _GONE:
                return "other"
            raise
        wanted = params_of(call, item)["AccessControlPolicy"]
        if live == wanted:
            return "after"
        return "before" if live in (item["Before"], item["After"]) else "other"

    def make(self, hands: Hands, call: Call, item: Item) -> str:
        return hands.act.call(call.service, call.operation, params_of(call, item), hands.region).request_id


def _hidden(read: Reader, target: Target) -> bool:
    """Whether S3 shows ACLs without their public grants: by the bucket's settings or the account's."""
    bucket = setting(read, target, "get_public_access_block") or {}
    asked = {"AccountId": target.params["account_id"]}
    try:
        account = read.call("s3control", "get_public_access_block", asked, target.params["region"]).data
    except AwsRefused as error:
        if error.code != "NoSuchPublicAccessBlockConfiguration":
            raise
        account = {}
    return any(
        one.get("PublicAccessBlockConfiguration", {}).get("IgnorePublicAcls", False)
        for one in (bucket, account)
    )


def _acl(read: Reader, target: Target, key: str, version_id: str) -> State:
    asked = {"Bucket": target.params["bucket"], "Key": key, "VersionId": version_id}
    return in_order(read.call("s3", "get_object_acl", asked, target.params["region"]).data)


def _item(read: Reader, target: Target, owner: str, version: Entry) -> Item | None:
    """The line of a version, None where its ACL is private already or the version is gone."""
    named = {"Key": version.key, "VersionId": version.version_id, "Size": version.size}
    try:
        before = _acl(read, target, version.key, version.version_id)
    except AwsRefused as error:
        if error.code in _GONE:
            return None
        if error.code == "AccessDenied":
            return {**named, "Why": "not readable"}
        raise
    after = {**before, "Grants": [one for one in before["Grants"] if _stays(one, before, owner)]}
    return None if after == before else {**named, "Before": before, "After": after}


def _stays(grant: Mapping[str, Any], acl: State, bucket_owner: str) -> bool:
    """A canned `private` would take the bucket's owner out of an object that another account wrote."""
    return grant["Grantee"].get("ID") in (acl["Owner"]["ID"], bucket_owner)


def _objects(target: Target) -> str:
    return f"{target.id}/{literal(target.params['prefix'])}*"


def _write(target: Target, state: State, after: State, field: str) -> Call:
    return Call(
        service="s3",
        operation="put_object_acl",
        params={"Bucket": target.params["bucket"]},
        after=state_hash(after),
        permissions=(Permission(action="s3:PutObjectVersionAcl", resource=_objects(target)),),
        each=manifest_of(state["Objects"]),
        takes={"Key": "Key", "VersionId": "VersionId", "AccessControlPolicy": field},
    )


def _more_reads(target: Target) -> tuple[Permission, ...]:
    return (
        Permission(action="s3:GetObjectVersionAcl", resource=_objects(target)),
        Permission(action="s3:GetAccountPublicAccessBlock", resource="*"),
    )


REMEDIATION = ObjectAcls()
