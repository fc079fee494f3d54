"""Bucket policies: read, merge, write. S3 replaces the whole document and has no conditional write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.aws.errors import AwsRefused
from bot.policy.document import Policy, PolicyError, Statement, parse
from bot.policy.lockout import locked_out, stopped, who_regains
from bot.policy.tighten import public_statements, without_statements
from bot.remediation import sentences
from bot.remediation.arns import bucket_arn
from bot.remediation.contract import Mode, PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.former import compared
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash

#: S3 User Guide, "Bucket policies": a policy is limited to 20 KB.
SIZE_LIMIT = 20 * 1024

_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
#: Suffixes that S3 reserves for directory and table buckets, access point aliases and Outposts.
_OTHER_KINDS = ("--x-s3", "--table-s3", "-s3alias", "--ol-s3", "--op-s3")
_UNIQUE_ID = re.compile(r"A(?:IDA|ROA)[A-Z0-9]{12,}")


class RemovePublicStatements:
    """R18: take the public statements out of a bucket policy and leave all else as it is.

    "Public" is S3's own rule (S3 User Guide, "The meaning of public"). The policy is never deleted as a whole
    while a statement that is not public remains: that would drop denies and grants that somebody relies on.
    """

    row = "R18"
    name = "remove-public-statements"
    title = "Remove the public statements from a bucket policy"
    family = "bucket policy"
    mode: Mode = "automated"
    reversible = True
    approvals = 1
    undo_verb = "Restore the public statements in the policy of"
    undo_warning = sentences.BUCKET_OPENS

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`, the name of a general purpose bucket."""
        bucket = wanted.get("bucket", "")
        if not _BUCKET_NAME.fullmatch(bucket) or bucket.endswith(_OTHER_KINDS):
            raise BadTarget(sentences.not_a_bucket(bucket))
        return Target(
            kind="bucket",
            id=bucket_arn(bucket, region),
            label=bucket,
            params={"bucket": bucket, "account_id": account_id, "region": region},
        )

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Policy`: the document, or None when there is none, which is a state like any other."""
        bucket = target.params["bucket"]
        return {"Bucket": bucket, "Policy": _read_policy(read, bucket, target.params["region"])}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        document = state["Policy"]
        if document is None:
            raise NothingToDo(sentences.no_policy(target.label))
        policy = _understood(target.label, document)
        public = public_statements(policy)
        if not public:
            raise NothingToDo(sentences.not_public(target.label))
        remaining = without_statements(document, public)
        after = {**state, "Policy": remaining}
        kept = None if remaining is None else _understood(target.label, remaining)
        refuse_lockout(target, policy, kept, context)
        return Plan(
            remediation=self.row,
            title=f"Remove the public statements from the policy of {target.label}",
            verb="Remove the public statements from the policy of",
            account_id=target.params["account_id"],
            region=target.params["region"],
            target=target,
            calls=(_write(target, after),),
            undo=(_write(target, state),),
            base_hash=state_hash(state),
            before=state,
            after=after,
            reads=(Permission(action="s3:GetBucketPolicy", resource=target.id),),
            affected=tuple(_affected(policy, public)),
            warnings=(*_warnings(policy, kept, target), *compared(target.label, remaining, context.former)),
        )


def _read_policy(read: Reader, bucket: str, region: str) -> dict[str, Any] | None:
    try:
        text = read.call("s3", "get_bucket_policy", {"Bucket": bucket}, region).data["Policy"]
    except AwsRefused as error:
        if error.code == "NoSuchBucketPolicy":
            return None
        if error.code == "NoSuchBucket":
            raise TargetMissing(sentences.no_such_bucket(bucket)) from error
        # AccessDenied is a finding of its own, never an empty policy.
        raise Refused(sentences.unreadable_policy(bucket, str(error))) from error
    document: dict[str, Any] = json.loads(text)
    return document


def _understood(bucket: str, document: Mapping[str, Any]) -> Policy:
    try:
        return parse(document, bucket)
    except PolicyError as error:
        raise Refused(sentences.not_understood(bucket, str(error))) from error


def _write(target: Target, after: State) -> Call:
    """The call that makes the policy that of a state."""
    bucket, document = target.params["bucket"], after["Policy"]
    if document is None:
        operation, action, params = "delete_bucket_policy", "s3:DeleteBucketPolicy", {"Bucket": bucket}
    else:
        text = json.dumps(document, separators=(",", ":"))
        if (size := len(text.encode())) > SIZE_LIMIT:
            raise Refused(sentences.too_large(bucket, size, SIZE_LIMIT))
        operation, action = "put_bucket_policy", "s3:PutBucketPolicy"
        params = {"Bucket": bucket, "Policy": text}
    return Call(
        service="s3",
        operation=operation,
        params=params,
        after=state_hash(after),
        permissions=(Permission(action=action, resource=target.id),),
    )


def refuse_lockout(
    target: Target,
    before: Policy | None,
    after: Policy | None,
    context: PlanContext,
    everybody: Mapping[str, str] | None = None,
) -> None:
    """Raises Refused when a principal that must stay would lose the bucket policy itself, or a service that
    writes to the bucket would be stopped (DESIGN rule 9). The sentence names the statements that would do it.

    `everybody`: condition keys that all their requests have, those of services too.
    """
    account_id, known = target.params["account_id"], {**context.known, **(everybody or {})}
    lost = locked_out(before, after, target.label, account_id, context.keep, known)
    if lost:
        what = [sentences.loses(one.action, one.principal, one.statements) for one in lost]
        raise Refused(sentences.locks_out(target.label, what))
    services = stopped(before, after, target.label, account_id, context.replicating, everybody)
    if services:
        what = [sentences.loses(one.action, one.writer, one.statements) for one in services]
        raise Refused(sentences.stops_writing(target.label, list(dict.fromkeys(what))))


def _affected(policy: Policy, public: tuple[int, ...]) -> Iterator[str]:
    """What is taken out. Whose requests that stops is for the plan's impact to say."""
    for index in public:
        statement = policy.statements[index]
        yield sentences.takes_out(statement.label, *_granted(statement))
    yield sentences.INSIDERS_STAY


def _granted(statement: Statement) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Actions and resources, as words also where the statement names what it does not grant."""
    actions = statement.actions or tuple(f"everything but {name}" for name in statement.not_actions)
    resources = statement.resources or tuple(f"everything but {arn}" for arn in statement.not_resources)
    return actions, resources


def _warnings(before: Policy, after: Policy | None, target: Target) -> Iterator[str]:
    regaining = who_regains(before, after, target.params["account_id"])
    if regaining:
        yield sentences.regains(regaining)
    if after is None:
        yield sentences.deletes_policy()
    else:
        yield sentences.keeps_statements(len(after.statements))
        yield from _deleted_principals(after)
    yield sentences.MAY_BE_BLOCKED


def _deleted_principals(policy: Policy) -> Iterator[str]:
    """S3 shows a deleted principal by its unique id, and refuses a new policy that names one."""
    for statement in policy.statements:
        for principal in (*statement.principals, *statement.not_principals):
            if _UNIQUE_ID.fullmatch(principal.value):
                yield sentences.deleted_principal(statement.label, principal.value)
