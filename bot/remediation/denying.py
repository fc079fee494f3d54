"""What the remediations that add one Deny to a bucket policy share: read, add, refuse lock-outs, write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from bot.policy.change import SidTakenError, Tightened, TightenError, minified
from bot.policy.document import Policy, PolicyError, parse
from bot.remediation import sentences
from bot.remediation.bucket_policy import RemovePublicStatements, refuse_lockout
from bot.remediation.buckets import Described, change, plan_of
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.plan import Call, Plan, State, Target, state_hash
from bot.remediation.rows import wording

READS = ("s3:GetBucketPolicy",)
PERMISSIONS = ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy", *READS)


class Denies(Protocol):
    """Adds the Deny: one of bot.policy.denials, everything but these three given already."""

    def __call__(self, document: Mapping[str, Any] | None, bucket: str, sid: str) -> Tightened: ...


def snapshot(read: Reader, target: Target) -> State:
    """`Policy`: the document, or None when there is none. Raises TargetMissing and Refused."""
    return RemovePublicStatements().snapshot(read, target)


def plan(
    row: Described,
    target: Target,
    state: State,
    context: PlanContext,
    denies: Denies,
    *,
    affected: Iterable[str],
    warnings: Iterable[str],
    everybody: Mapping[str, str] | None = None,
) -> Plan:
    """The policy with one Deny more. Raises NothingToDo where it denies that already, and Refused.

    `everybody`: condition keys that the requests of all who must stay are known to have.
    """
    document = state["Policy"]
    try:
        made = denies(document, target.id, _sid(row, target))
        before, after = _parsed(document, target), _parsed(made.document, target)
    except SidTakenError as error:  # the Sid is made from the target: it is this very change
        raise NothingToDo(wording.already_there(target.label, error.sid)) from error
    except (TightenError, PolicyError) as error:
        raise Refused(sentences.not_understood(target.label, str(error))) from error
    if not made.changed:
        raise NothingToDo(" ".join(made.explanation))
    refuse_lockout(target, before, after, context, everybody)
    wanted = {**state, "Policy": made.document}
    return plan_of(
        row,
        target,
        (state, wanted),
        [_write(target, wanted)],
        [_write(target, state)],
        affected=[*made.explanation, *affected],
        warnings=warnings,
    )


def _sid(row: Described, target: Target) -> str:
    """The same for the same change: asked for twice, it is found in the policy."""
    return f"S3Incident{row.row}x{state_hash(target.params)[:12]}"


def _parsed(document: Mapping[str, Any] | None, target: Target) -> Policy | None:
    return None if document is None else parse(document, target.label)


def _write(target: Target, after: State) -> Call:
    document = after["Policy"]
    if document is None:
        return change(target, "delete_bucket_policy", "s3:DeleteBucketPolicy", after)
    return change(target, "put_bucket_policy", "s3:PutBucketPolicy", after, Policy=minified(document))


def several(given: str) -> tuple[str, ...]:
    """The values of a target's parameter that names several, with commas between them."""
    return tuple(one.strip() for one in given.split(",") if one.strip())
