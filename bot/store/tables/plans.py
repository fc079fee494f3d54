"""Tables of a change: the plan people approve, their approvals, its one execution, each call's journal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.types import Base, JsonObject


class PlanRow(Base):
    """A plan as proposed. `body` is the JSON of bot.remediation.plan.Plan; `digest` is over what executes.

    `state`: see bot.incidents.plan_states.PlanState. `undoes` points to the plan whose undo this is.
    `policy` is the JSON of bot.incidents.policies.ApprovalPolicy: who may decide, whom to remind.
    `batch_id`, `batch_position`: the changes proposed together, and this one's place among them.
    `must_wait_for`: ids of the plans that must have ended first (see bot.incidents.batches.ahead_of).
    `reminded` counts the reminders so far. `escalated_at`: since then the wider group may decide too.
    """

    __tablename__ = "plans"

    id: Mapped[str] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    step_id: Mapped[int | None] = mapped_column(ForeignKey("steps.id"), index=True)
    undoes: Mapped[str | None] = mapped_column(ForeignKey("plans.id"), index=True)
    replaces: Mapped[str | None] = mapped_column(ForeignKey("plans.id"))
    number: Mapped[int]
    remediation: Mapped[str]
    account_id: Mapped[str]
    region: Mapped[str]
    target: Mapped[JsonObject]
    body: Mapped[JsonObject]
    digest: Mapped[str]
    base_hash: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str] = mapped_column(default="")
    requested_by: Mapped[str]
    required_approvals: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    policy: Mapped[JsonObject] = mapped_column(default=dict, server_default="{}")
    batch_id: Mapped[str | None] = mapped_column(index=True)
    batch_position: Mapped[int] = mapped_column(default=0, server_default="0")
    must_wait_for: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    reminded: Mapped[int] = mapped_column(default=0, server_default="0")
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]


class Approval(Base):
    """One person's yes to one digest. The UNIQUE makes a second click by the same person count nothing.

    `break_glass` is the reason typed by a requester who had to approve alone; None for every other yes.
    """

    __tablename__ = "approvals"
    __table_args__ = (UniqueConstraint("plan_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plans.id"), index=True)
    user_id: Mapped[str]
    digest: Mapped[str]
    at: Mapped[datetime]
    break_glass: Mapped[str | None]


class Execution(Base):
    """The one run of a plan (UNIQUE plan_id). `state`: running, verified, failed or stopped.

    `taken_up` counts the processes that carried it out in turn: only the last one may go on.
    """

    __tablename__ = "executions"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plans.id"), unique=True)
    state: Mapped[str]
    session_name: Mapped[str]
    source_identity: Mapped[str]
    taken_up: Mapped[int] = mapped_column(default=0, server_default="0")
    result: Mapped[JsonObject] = mapped_column(default=dict)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class JournalEntry(Base):
    """One call: written as `intent` before it is made, `done` or `failed` after.

    `progress`: how far a call is that is made once for each object of a list, the JSON of
    bot.remediation.sweep.progress.Progress.
    """

    __tablename__ = "call_journal"
    __table_args__ = (UniqueConstraint("execution_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    execution_id: Mapped[int] = mapped_column(ForeignKey("executions.id"), index=True)
    position: Mapped[int]
    service: Mapped[str]
    operation: Mapped[str]
    params: Mapped[JsonObject]
    state: Mapped[str]
    attempts: Mapped[int]
    intent_at: Mapped[datetime]
    outcome_at: Mapped[datetime | None]
    request_id: Mapped[str | None]
    error: Mapped[str | None]
    progress: Mapped[JsonObject | None]
