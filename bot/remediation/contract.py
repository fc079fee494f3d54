"""What every remediation offers, and what it is given to plan with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

from bot.aws.gateway import Answer
from bot.policy.recorded import Recorded
from bot.remediation.plan import Plan, State, Target

Mode = Literal["automated", "guided"]


class Reader(Protocol):
    """Reads AWS, as bot.aws.gateway.Gateway does. Raises AwsRefused and AwsUnavailable."""

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], region: str | None = None
    ) -> Answer: ...


@dataclass(frozen=True)
class Observed:
    """One principal with one key, as the evidence saw it: who will feel the change.

    Attributes:
        principal: an ARN, or `anonymous`. access_key_id: None when the events had none.
        label: `suspect`, `service`, `known` or `unclear`.
        events: calls seen. last_seen: the time of the last of them, UTC.
    """

    principal: str
    access_key_id: str | None
    label: str
    source_ips: tuple[str, ...]
    user_agents: tuple[str, ...]
    events: int
    last_seen: datetime | None


class RecordedRequests(Protocol):
    """The requests that the evidence tells of; `unseen` are the kinds of which not all were recorded."""

    @property
    def unseen(self) -> tuple[str, ...]: ...
    def __iter__(self) -> Iterator[Recorded]: ...


@dataclass(frozen=True)
class BatchOperations:
    """When S3 Batch Operations does the work, and with what.

    Attributes:
        above: with more objects than that. role: the ARN of the role that S3 acts with.
        bucket, prefix: where the job's list and its report go; the prefix is empty or ends in a slash.
    """

    above: int
    role: str
    bucket: str
    prefix: str = ""


@dataclass(frozen=True)
class PlanContext:
    """What planning knows beyond the target's own state.

    Attributes:
        incident: the incident's name, `inc-0001`.
        keep: principals that no change may lock out: the bot's roles, break-glass, the account root (ARNs).
        protected: who can never be a target: ARNs or names, `*` allowed, beside the built-in ones.
        observed: who used the target, from the latest evidence.
        now: when the planning takes place, UTC.
        known: condition keys that the requests of all of `keep` are known to have (aws:PrincipalOrgID ...).
        replicating: roles that other buckets of the account replicate to the target with (ARNs).
        hours: how long the time is that `observed` is about; None without evidence.
        since: when the first suspicious act of the evidence was, UTC; None where none is known.
        former: the incident's bucket as AWS Config last had it before that act, in the shapes of S3's API
            (`bucket`, `captured_at`, `policy` ...); empty where that is not known.
        log: the requests that the evidence tells of; None without evidence.
        batch: how very long lists of objects may be given to S3 Batch Operations; None: never.
    """

    incident: str
    keep: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    observed: tuple[Observed, ...] = ()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    known: Mapping[str, str] = field(default_factory=dict)
    replicating: tuple[str, ...] = ()
    hours: float | None = None
    since: datetime | None = None
    log: RecordedRequests | None = None
    former: Mapping[str, Any] = field(default_factory=dict)
    batch: BatchOperations | None = None


class Remediation(Protocol):
    """One row of the catalogue.

    Attributes:
        row: `R2`. name: `deny-all-user`. title: what it does, for lists. family: what it changes, for lists.
        order: its place in containment: who is inside first, then the doors, then protection for later.
        wants: what the proposal's target must name. optional: what it may name beside.
        permissions: the IAM actions of all calls, undo calls and reads that its plans can have.
        mode: `guided` where a person must do it. approvals: how many people must agree, at least.
        undo_verb: what the undo does, for its card. undo_warning: what its approver must know.
        patience: seconds between the reads that wait for AWS to show a state.
    """

    row: str
    name: str
    title: str
    family: str
    order: int
    wants: tuple[str, ...]
    optional: tuple[str, ...]
    permissions: tuple[str, ...]
    mode: Mode
    reversible: bool
    approvals: int
    undo_verb: str
    undo_warning: str
    patience: tuple[float, ...]

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """The target that a proposal names. Raises BadTarget."""
        ...

    def snapshot(self, read: Reader, target: Target) -> State:
        """The live state of what the calls change, and nothing more.

        What an attacker can churn beside it must not make a plan stale. What the change will hide or destroy,
        and must therefore be kept, stands under `Kept` (plan.KEPT): it is stored with the plan, again right
        before the first call, and never compared.
        Raises TargetMissing, Refused or AwsError.
        """
        ...

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        """The change, from that state. Pure. Raises NothingToDo or Refused."""
        ...

    def undone(self, before: State) -> State:
        """What the undo of a plan from that state leaves: the same, but for what cannot be restored."""
        ...

    def trouble(self, read: Reader, plan: Plan) -> str:
        """What AWS says against a change some time after it that its state does not show, in a sentence; ""
        for nothing. Raises AwsError.
        """
        ...


#: IAM is eventually consistent, as a rule within seconds; S3's settings too.
PATIENCE = (0.5, 1.0, 2.0, 3.0, 5.0)


class Automated:
    """What most rows have in common: the bot makes the change, one person agrees, the undo restores all."""

    mode: Mode = "automated"
    reversible = True
    approvals = 1
    optional: tuple[str, ...] = ()
    patience: tuple[float, ...] = PATIENCE

    def undone(self, before: State) -> State:
        return before

    def trouble(self, read: Reader, plan: Plan) -> str:  # noqa: ARG002
        return ""


class Guided(Automated):
    """What rows share that a person carries out: no calls, a guide, and `after` as the state to wait for."""

    mode: Mode = "guided"
    reversible = False
    undo_verb = ""
    undo_warning = ""
