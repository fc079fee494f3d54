"""A change as the two states between which recorded requests are compared.

Rows say in their states what they change, each setting under one name: `Policy`, `PublicAccessBlock`, `Acl`
and `Ownership` of a bucket, `AccountPublicAccessBlock`, `Status` of an `AccessKeyId`, `DenyAllAttached` to
the user `Arn`, and `DenyPolicy`, a document attached to the user or role `Arn`; of a `Boundary` only what
AWSDenyAll does is told. A change of anything else touches no request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.policy.access import OWN_POLICIES, Access
from bot.policy.document import Policy, PolicyError, parse
from bot.policy.recorded import Recorded
from bot.policy.replay import Replay, replay
from bot.remediation.bucket_settings import BucketSettings
from bot.remediation.plan import KEPT, Plan, State, Target

_SETTINGS = ("Policy", "PublicAccessBlock", "Acl", "Ownership", "AccountPublicAccessBlock")
_IDENTITIES = ("DenyAllAttached", "DenyPolicy", "Boundary")
#: Of so many users and roles, busiest first, the own policies are read to settle what is undecided.
MOST_ASKED = 20
Identities = Mapping[str, tuple[Policy, ...]]
_DENY_ALL = parse({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}, "AWSDenyAll")


def touches_requests(plan: Plan) -> bool:
    """Whether the change can stop or allow anybody's requests."""
    named = set(plan.before) | set(plan.after)
    return bool(named & {*_SETTINGS, *_IDENTITIES}) or plan.target.kind == "access_key"


def replayed(
    plan: Plan,
    settings: BucketSettings | None,
    requests: Iterable[Recorded],
    identities: Identities | None = None,
) -> Replay:
    """What the plan would do to these requests; `settings` are those of its bucket where it has one.

    `identities` have all policies of some users and roles, as they are.
    """
    states = (plan.before, plan.after)
    before, after = (access(plan.target, state, settings, identities or {}) for state in states)
    return replay(requests, before, after)


def undecided_for_own_policies(found: Replay, account_id: str) -> tuple[str, ...]:
    """The users and roles of the account whose own policies would tell what becomes of their requests."""
    rows = (row for row in found.of("depends") if OWN_POLICIES in row.depends_on)
    makers = dict.fromkeys(row.maker for row in rows)
    own = re.compile(rf"arn:[\w-]+:iam::{account_id}:(?:user|role)/.+", re.DOTALL)
    return tuple(one for one in makers if own.fullmatch(one))[:MOST_ASKED]


def access(
    target: Target, state: State, settings: BucketSettings | None, identities: Identities | None = None
) -> Access:
    """What decides about requests in one of the plan's states."""
    attached = {state["Arn"]: tuple(_attached(state))} if "Arn" in state else {}
    all_known = identities or {}
    known = settings or BucketSettings()
    return Access(
        bucket=target.id if target.kind == "bucket" else "",
        account_id=target.params["account_id"],
        policy=_policy(state["Policy"]) if "Policy" in state else _policy(known.policy),
        # An ACL that S3 hides from now on is still stored: what hides it says that it does not count.
        acl=state.get("Acl") or state.get(KEPT, {}).get("Acl") or known.acl,
        blocks=_blocks(state, known),
        ownership=state.get("Ownership", known.ownership),
        inactive_keys=_inactive(state),
        identities={
            arn: (*all_known.get(arn, ()), *attached.get(arn, ())) for arn in (*all_known, *attached)
        },
        complete=frozenset(all_known),
    )


def _policy(document: Any) -> Policy | None:
    try:
        return parse(document, "bucket policy") if document is not None else None
    except PolicyError:
        return None  # a policy that is not understood is nowhere planned with


def _blocks(state: State, known: BucketSettings) -> tuple[Any, ...] | None:
    """The settings in force, None unless both levels are known."""
    bucket = (state["PublicAccessBlock"],) if "PublicAccessBlock" in state else known.bucket_block
    account = (
        (state["AccountPublicAccessBlock"],) if "AccountPublicAccessBlock" in state else known.account_block
    )
    return None if bucket is None or account is None else (*bucket, *account)


def _inactive(state: State) -> frozenset[str]:
    return frozenset({state["AccessKeyId"]}) if state.get("Status") == "Inactive" else frozenset()


def _attached(state: State) -> Iterable[Policy]:
    if state.get("DenyAllAttached") or (state.get("Boundary") or "").endswith(":aws:policy/AWSDenyAll"):
        yield _DENY_ALL
    if document := state.get("DenyPolicy"):
        yield parse(document, "deny policy")
