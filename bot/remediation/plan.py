"""What people approve: a plan is data, and its digest is over exactly what executes.

A plan names the target, the ordered AWS calls with their full parameters, the calls that undo them,
and the hash of the state it was computed from. Each call also carries the hash of the state that AWS
must show after it: so verifying, and settling a call that a crash left open, is reading and comparing.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.remediation.impact import Impact

State = dict[str, Any]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Permission(_Frozen):
    """An IAM action on one ARN: what the step's session policy will allow, and nothing else."""

    action: str
    resource: str
    condition: dict[str, dict[str, Any]] | None = None


class Manifest(_Frozen):
    """The list of objects that a call is made for: a file of one JSON object a line, named by its hash.

    Attributes:
        sha256: over the lines, uncompressed. items: how many lines. bytes: the sizes of the objects in sum.
    """

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    items: Annotated[int, Field(ge=0)]
    bytes: Annotated[int, Field(ge=0)]


class Call(_Frozen):
    """One AWS call: boto3's names (`iam`, `attach_user_policy`) and its full parameters.

    `after` is the hash of the target's state once this call has taken effect. `region` is where it is made
    when that is not the plan's (a trail's home Region, us-west-2 for multi-Region access points). With
    `each` the call is made once for each line of that list: `takes` says which parameter has the value of
    which field of the line.
    """

    service: str
    operation: str
    params: dict[str, Any]
    after: str
    permissions: tuple[Permission, ...]
    region: str | None = None
    each: Manifest | None = None
    takes: dict[str, str] = {}


TargetKind = Literal[
    "user",
    "access_key",
    "role",
    "group",
    "policy",
    "identity_provider",
    "identity_center_user",
    "bucket",
    "access_point",
    "multi_region_access_point",
    "access_grant",
    "vpc_endpoint",
    "key",
    "trail",
    "log_group",
    "account",
    "organization",
]


class Target(_Frozen):
    """What is changed.

    `id` is an ARN; `label` is how people call it; `params` is what the row needs to find it again,
    `account_id` and `region` among it.
    """

    kind: TargetKind
    id: str
    label: str
    params: dict[str, str]


class AwsVerdict(_Frozen):
    """AWS's own word on whether the bucket policy is public, before the change or after it, beside ours.

    `by` is the operation that says it; `public` is None where it could not be had, and `why` says why.
    `about` is `new access` where AWS was asked instead whether the policy allows more than the one before:
    then that is what `public` and `ours` say.
    """

    about: Literal["public", "new access"] = "public"
    by: str
    when: Literal["before", "after"]
    public: bool | None
    ours: bool
    why: str = ""

    @property
    def differs(self) -> bool:
        """Whether AWS and this program judge the policy differently: one of them is wrong."""
        return self.public is not None and self.public != self.ours


#: The permissions are part of it: they become the session's policy.
_EXECUTES: Any = {
    "remediation": True,
    "account_id": True,
    "region": True,
    "target": {"kind", "id", "params"},
    "calls": True,
    "undo": True,
    "guide": True,
    "base_hash": True,
    "reads": True,
}


class Plan(_Frozen):
    """One change to one target, complete with its undo.

    Attributes:
        remediation: the catalogue's row, such as `R18`.
        calls: what runs, in order. undo: what restores the state before, in the order it will run.
        base_hash: hash of the state the plan was computed from; the run refuses when AWS shows another.
        before, after: that state and the expected one, for people (already free of secrets).
        reads: permissions to read the target back during the run.
        affected: who else feels this, one sentence each. irreversible: what the undo cannot restore.
        warnings: what the approver must know (who regains access, what stays allowed).
        guide: what a person does, step by step, where AWS lets no program do it: exact commands, pages.
            Such a plan has no calls; it has run when AWS shows `after`. Never asks for a secret or a code.
        undoes: the digest of the plan whose undo this is.
        impact: what it would do to the requests that were recorded; None where no evidence tells of any, or
            no request can feel the change. aws_verdicts: AWS's own judgement of the bucket policy.
    """

    remediation: Annotated[str, Field(pattern=r"^R\d{1,2}$")]
    title: str
    verb: str
    account_id: str
    region: str
    target: Target
    calls: tuple[Call, ...]
    undo: tuple[Call, ...]
    base_hash: str
    before: State
    after: State
    reads: tuple[Permission, ...] = ()
    affected: tuple[str, ...] = ()
    irreversible: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    guide: tuple[str, ...] = ()
    undoes: str | None = None
    impact: Impact | None = None
    aws_verdicts: tuple[AwsVerdict, ...] = ()

    @property
    def final_hash(self) -> str:
        """The state AWS must show when all calls have run, or when a person has done what the guide says."""
        if self.calls:
            return self.calls[-1].after
        return state_hash(self.after) if self.guide else self.base_hash

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of what executes: never over its description."""
        executes = self.model_dump(mode="json", include=_EXECUTES)
        return state_hash(executes)


#: The part of a state that is kept, but is no part of what a change starts from and leads to.
KEPT = "Kept"


def compared(state: State) -> State:
    """The state without what is only kept."""
    return {name: value for name, value in state.items() if name != KEPT}


def state_hash(state: object) -> str:
    """SHA-256 over JSON with sorted keys and no spaces: equal states have equal hashes.

    What is only kept does not count. Raises TypeError for what is not JSON.
    """
    state = compared(state) if isinstance(state, dict) else state
    text = json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
