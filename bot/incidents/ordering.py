"""Which change goes first, forward and back: the order traps of containment, and undo last in, first out."""

from __future__ import annotations

from collections.abc import Iterator

from bot.incidents import batches, plan_states
from bot.incidents.plan_states import PlanState
from bot.store import plans
from bot.store.tables.plans import PlanRow
from bot.store.types import JsonObject, Tx

#: A kind of thing and its name, such as ("bucket", "acme-payroll").
Thing = tuple[str, str]

#: What plans and calls call the things they change: boto3's names, and those of the targets' params.
_NAMED = {
    "Bucket": "bucket",
    "bucket": "bucket",
    "log_bucket": "bucket",
    "UserName": "user",
    "user": "user",
    "RoleName": "role",
    "role": "role",
}
#: What decides together who gets into a bucket. Block Public Access of the account is part of it for every
#: bucket: while it is on, S3 takes neither a public policy nor a public ACL back.
_DOORS = frozenset(
    {
        "put_bucket_policy",
        "delete_bucket_policy",
        "put_bucket_acl",
        "put_object_acl",
        "put_public_access_block",
        "delete_public_access_block",
        "put_bucket_ownership_controls",
        "delete_bucket_ownership_controls",
    }
)
_DOORS_OF_ALL: Thing = ("doors", "*")
_STARTING = frozenset({PlanState.APPROVED, PlanState.RUNNING})


def must_wait_for(tx: Tx, plan: PlanRow) -> PlanRow | None:
    """The plan that must end before this approved one may start, if there is one.

    Beside what was said when it was proposed (bot.incidents.batches), these rows never overtake one that is
    about to run: AWSDenyAll, then keys, then sessions of the incident's chain of principals; ACLs, then the
    Block Public Access that hides them.
    """
    if plan.undoes is not None:
        return None
    ahead = {one.id: one for one in (*batches.ahead_of(tx, plan), *_approved_before(tx, plan))}
    return min(ahead.values(), key=lambda one: one.number, default=None)


def newest_on_top(tx: Tx, plan: PlanRow) -> PlanRow | None:
    """The newest change in force that was made to the same thing after this one (rule 4: last in, first out).

    The same thing is a bucket with its policy, its ACLs and its Block Public Access; a user with its keys; a
    role. The state alone does not tell: two changes can leave the same policy behind.
    """
    mine = changed_by(plan)
    later = [
        one
        for one in plans.of_incident(tx, plan.incident_id)
        if one.number > plan.number
        and one.undoes is None
        and one.state in plan_states.UNDOABLE
        and one.account_id == plan.account_id
        and overlap(mine, changed_by(one))
    ]
    return later[-1] if later else None


def changed_by(plan: PlanRow) -> frozenset[Thing]:
    """What the calls of a plan change, by name."""
    return frozenset(_things(plan.body))


def overlap(one: frozenset[Thing], other: frozenset[Thing]) -> bool:
    """Whether two changes touch the same thing."""
    if one & other:
        return True
    return _doors_of_account(one, other) or _doors_of_account(other, one)


def _doors_of_account(one: frozenset[Thing], other: frozenset[Thing]) -> bool:
    return _DOORS_OF_ALL in one and any(kind == "doors" for kind, _ in other)


def _things(body: JsonObject) -> Iterator[Thing]:
    target = body["target"]
    yield target["kind"], target["id"]
    yield from _named(target["params"])
    for call in body["calls"]:
        yield from _named(call["params"])
        if call["service"] == "s3" and call["operation"] in _DOORS:
            yield "doors", str(call["params"].get("Bucket"))
        elif call["service"] == "s3control" and "public_access_block" in call["operation"]:
            yield _DOORS_OF_ALL


def _named(params: JsonObject) -> Iterator[Thing]:
    return ((_NAMED[name], str(value)) for name, value in params.items() if name in _NAMED)


def _approved_before(tx: Tx, plan: PlanRow) -> list[PlanRow]:
    """Plans of the incident that this one must not overtake, and that will run without anybody's doing."""
    first = batches.COMES_AFTER.get(plan.remediation, frozenset())
    return [
        one
        for one in plans.of_incident(tx, plan.incident_id)
        if one.remediation in first
        and one.undoes is None
        and one.id != plan.id
        and one.state in _STARTING
        and _same_chain(one, plan)
    ]


def _same_chain(first: PlanRow, then: PlanRow) -> bool:
    """Of buckets, the same one. Of principals, all of the incident: who opened whose sessions is no rule of
    names, and waiting for the other costs seconds."""
    if first.account_id != then.account_id:
        return False
    mine, other = changed_by(first), changed_by(then)
    about_buckets = any(kind in ("bucket", "doors") for kind, _ in mine)
    return overlap(mine, other) if about_buckets else True
