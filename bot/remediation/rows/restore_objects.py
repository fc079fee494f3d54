"""R44: restore what was deleted or overwritten, as it was just before a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.policy.wildcard import literal
from bot.remediation.buckets import plan_of, setting
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.sweep.batch import job_call
from bot.remediation.sweep.contract import Hands, Standing, done
from bot.remediation.sweep.copying import ARCHIVED, MOST_AT_ONCE, copy, same_content
from bot.remediation.sweep.manifests import Item, manifest_of
from bot.remediation.sweep.row import SweepRow
from bot.remediation.sweep.versions import Entry, newest, pages
from bot.remediation.words import sweeping
from bot.remediation.words.moments import read_utc

_ON_BUCKET = ("s3:ListBucketVersions", "s3:GetBucketVersioning", "s3:GetBucketOwnershipControls")
_ON_OBJECTS = (
    *("s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging"),
    *("s3:GetObjectVersion", "s3:GetObjectVersionTagging"),
)
_BY_S3 = ("kms:Decrypt", "kms:GenerateDataKey")
#: For the job of S3 Batch Operations, and the list that it reads.
_BY_JOB = ("s3:CreateJob", "s3:DescribeJob", "iam:PassRole", "s3:GetObject")


class RestoreObjects(SweepRow):
    """R44: the version that was current just before a moment becomes the current one again, by a copy.
    Nothing is deleted: what the attacker wrote stays below it, as evidence (domain R44).
    """

    row = "R44"
    name = "restore-objects"
    title = "Restore deleted or overwritten objects to a moment"
    family = "recovery"
    order = 400
    reversible = False
    wants = ("bucket", "before")
    optional = ("prefix",)
    reads = _ON_BUCKET
    permissions = (*_ON_OBJECTS, *_BY_S3, *_BY_JOB, *_ON_BUCKET, "s3:GetObjectVersionAcl")
    verb = "Restore objects in"
    undo_verb = ""
    undo_warning = ""

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`, `before`, a moment (ISO 8601, by default UTC), and `prefix` of the keys."""
        target = super().target(account_id, region, wanted)
        more = {"before": _moment(wanted.get("before", "")).isoformat(), "prefix": wanted.get("prefix", "")}
        return target.model_copy(update={"params": {**target.params, **more}})

    def setting(self, read: Reader, target: Target) -> State:
        """`Versioning`, and `ObjectOwnership`, which says whether ACLs count."""
        controls = setting(read, target, "get_bucket_ownership_controls") or {}
        rules = controls.get("OwnershipControls", {}).get("Rules", [{}])
        return {
            "Bucket": target.params["bucket"],
            "Versioning": (setting(read, target, "get_bucket_versioning") or {}).get("Status"),
            "ObjectOwnership": rules[0].get("ObjectOwnership"),
        }

    def items(self, read: Reader, target: Target, setting: State) -> Iterator[Item]:  # noqa: ARG002
        before = datetime.fromisoformat(target.params["before"])
        entries = (one for page in pages(read, target, target.params["prefix"]) for one in page)
        for history in _histories(entries, before):
            if (item := history.item(target.params["bucket"])) is not None:
                yield item

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        objects, archived, moment = state["Objects"], state["LeftOut"], read_utc(target.params["before"])
        if not objects["items"]:
            raise NothingToDo(sweeping.nothing_to_restore(target.label, moment, archived["items"]))
        if state["Versioning"] != "Enabled":
            raise Refused(sweeping.NOT_VERSIONED_NOW)
        after, jobs = done(state), list[Call]()
        if context.batch and context.batch.above < objects["items"] and objects["largest"] <= MOST_AT_ONCE:
            jobs.append(job_call(target, after, manifest_of(objects), context.batch))
        plan = plan_of(
            self,
            target,
            (state, after),
            [*jobs, _copy(target, state, after)],
            [],
            affected=[sweeping.restores(objects, moment), sweeping.NEW_VERSIONS],
            warnings=[
                *([sweeping.left_out(archived)] if archived["items"] else []),
                *([sweeping.by_job(objects["items"], context.batch.role)] if jobs and context.batch else []),
                *(sweeping.CLOSE_FIRST, sweeping.KEPT, sweeping.ITEM_BY_ITEM, sweeping.SAME_BUT_FOR_ETAG),
            ],
            irreversible=[sweeping.NOTHING_TO_UNDO],
        )
        acls = Permission(action="s3:GetObjectVersionAcl", resource=_objects(target))
        count = sweeping.objects(objects["items"])
        title = f"{plan.title} to just before {moment} ({count}, {sweeping.size(objects['bytes'])})"
        return plan.model_copy(update={"title": title, "reads": (*plan.reads, acls)})

    def standing(self, hands: Hands, call: Call, item: Item) -> Standing:  # noqa: ARG002
        """The list says what was current. A version right above that with the right content is our copy."""
        found = newest(hands.read, hands.target, item["Key"])
        if found and found[0].version_id == item["Over"]:
            return "before"
        if len(found) < 2 or found[1].version_id != item["Over"]:
            return "other"
        current = found[0]
        if current.is_marker or current.size != item["Size"]:
            return "other"
        same = current.etag == item["ETag"] or same_content(hands, item, current.version_id)
        return "after" if same else "other"

    def make(self, hands: Hands, call: Call, item: Item) -> str:
        return copy(hands, call, item, acls=hands.setting["ObjectOwnership"] != "BucketOwnerEnforced")


@dataclass
class _History:
    """What matters of one key's versions: the current entry, and the newest one of before the moment."""

    current: Entry
    then: Entry | None = None

    def see(self, entry: Entry, before: datetime) -> None:
        if entry.is_latest:
            self.current = entry
        if entry.modified < before and (self.then is None or _newer(entry, self.then)):
            self.then = entry

    def item(self, bucket: str) -> Item | None:
        """The line of the key; None where it was not there at the moment or is as it was then."""
        then, now = self.then, self.current
        if then is None or then.is_marker or then is now:
            return None
        if not now.is_marker and (now.etag, now.size) == (then.etag, then.size):
            return None
        named = {"Key": then.key, "VersionId": then.version_id, "Size": then.size}
        if then.storage_class in ARCHIVED and not then.restored:
            return {**named, "Why": "archived"}
        return {
            **named,
            "ETag": then.etag,
            "Modified": then.modified.astimezone(UTC).isoformat(),
            "StorageClass": then.storage_class,
            "Source": {"Bucket": bucket, "Key": then.key, "VersionId": then.version_id},
            "Over": now.version_id,
        }


def _newer(one: Entry, other: Entry) -> bool:
    """S3 tells whole seconds: of a version and a delete marker of the same one the version counts."""
    return (one.modified, not one.is_marker) > (other.modified, not other.is_marker)


def _histories(entries: Iterable[Entry], before: datetime) -> Iterator[_History]:
    """Key by key. Of a key only two entries are held, however many versions it has."""
    history: _History | None = None
    for entry in entries:
        if history is None or history.current.key != entry.key:
            if history is not None:
                yield history
            history = _History(entry)
        history.see(entry, before)
    if history is not None:
        yield history


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadTarget(sweeping.bad_moment(text)) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _objects(target: Target) -> str:
    return f"{target.id}/{literal(target.params['prefix'])}*"


def _copy(target: Target, state: State, after: State) -> Call:
    return Call(
        service="s3",
        operation="copy_object",
        params={
            "Bucket": target.params["bucket"],
            "ExpectedSourceBucketOwner": target.params["account_id"],
        },
        after=state_hash(after),
        permissions=(
            *(Permission(action=action, resource=_objects(target)) for action in _ON_OBJECTS),
            *_keys(target),
        ),
        each=manifest_of(state["Objects"]),
        takes={"Key": "Key", "CopySource": "Source"},
    )


def _keys(target: Target) -> Iterator[Permission]:
    """S3 decrypts and encrypts with the versions' own KMS keys, for this bucket and nobody else."""
    region, account_id = target.params["region"], target.params["account_id"]
    by_s3 = {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}}
    resource = f"{target.id.split(':s3:')[0]}:kms:{region}:{account_id}:key/*"
    for action in _BY_S3:
        yield Permission(action=action, resource=resource, condition=by_s3)


REMEDIATION = RestoreObjects()
