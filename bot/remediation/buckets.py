"""What the remediations of a bucket's settings share: its name, reading a setting, the plan of a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from bot.aws.errors import AwsRefused
from bot.remediation import sentences
from bot.remediation.arns import account_of
from bot.remediation.bucket_policy import RemovePublicStatements
from bot.remediation.contract import Automated, Observed, PlanContext, Reader
from bot.remediation.errors import TargetMissing
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash

#: What S3 answers where a setting was never made or was deleted: a state like any other.
NOT_SET = frozenset(
    {
        "NoSuchBucketPolicy",
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
        "ObjectLockConfigurationNotFoundError",
        "NoSuchLifecycleConfiguration",
    }
)


class BucketRow(Automated):
    """A remediation of one bucket, which proposals name as `bucket`."""

    wants: tuple[str, ...] = ("bucket",)

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`, the name of a general purpose bucket."""
        return RemovePublicStatements().target(account_id, region, wanted)


class Described(Protocol):
    """What `plan_of` takes from the row."""

    @property
    def row(self) -> str: ...

    @property
    def verb(self) -> str: ...

    @property
    def reads(self) -> tuple[str, ...]: ...


def setting(read: Reader, target: Target, operation: str) -> Mapping[str, Any] | None:
    """What S3 answers about the bucket, None where it is not set. Raises TargetMissing and AwsError."""
    bucket = target.params["bucket"]
    try:
        return read.call("s3", operation, {"Bucket": bucket}, target.params["region"]).data
    except AwsRefused as error:
        if error.code in NOT_SET:
            return None
        if error.code == "NoSuchBucket":
            raise TargetMissing(sentences.no_such_bucket(bucket)) from error
        raise


def change(target: Target, operation: str, action: str, after: State, **params: Any) -> Call:
    """A call that changes the bucket, and the state that it leaves."""
    return Call(
        service="s3",
        operation=operation,
        params={"Bucket": target.params["bucket"], **params},
        after=state_hash(after),
        permissions=(Permission(action=action, resource=target.id),),
    )


def plan_of(
    row: Described,
    target: Target,
    states: tuple[State, State],
    calls: Sequence[Call],
    undo: Sequence[Call],
    *,
    affected: Iterable[str],
    warnings: Iterable[str],
    irreversible: Iterable[str] = (),
) -> Plan:
    """The plan that leads a bucket from the first state to the second."""
    before, after = states
    return Plan(
        remediation=row.row,
        title=f"{row.verb} {target.label}",
        verb=row.verb,
        account_id=target.params["account_id"],
        region=target.params["region"],
        target=target,
        calls=tuple(calls),
        undo=tuple(undo),
        base_hash=state_hash(before),
        before=before,
        after=after,
        reads=tuple(Permission(action=action, resource=target.id) for action in row.reads),
        affected=tuple(affected),
        irreversible=tuple(irreversible),
        warnings=tuple(warnings),
    )


def strangers(target: Target, context: PlanContext) -> list[Observed]:
    """Whom the evidence shows coming from outside the account: anonymous callers and other accounts."""
    return [
        one
        for one in context.observed
        if one.label != "service" and account_of(one.principal) != target.params["account_id"]
    ]


def everybody(context: PlanContext) -> list[Observed]:
    """All but AWS's own services."""
    return [one for one in context.observed if one.label != "service"]


def feel_it(used: Sequence[Observed]) -> Iterator[str]:
    """Who feels the change, those first who are not suspects: that is what an approver must not overlook."""
    if not used:
        yield sentences.NOBODY_SEEN
    for one in sorted(used, key=lambda one: (one.label == "suspect", -one.events)):
        yield sentences.use_stops(one)


def uses_it(context: PlanContext, which: str) -> Iterator[str]:
    """For a change that stops only some calls: `which`, then everybody whose calls may be among them."""
    used = everybody(context)
    yield which if used else sentences.NOBODY_SEEN
    for one in sorted(used, key=lambda one: (one.label == "suspect", -one.events)):
        yield sentences.uses(one)
