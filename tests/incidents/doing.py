"""What people and the bot do in these tests, in one line each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import time_machine

from bot.aws.access import AwsAccess
from bot.config import AccountSettings, Settings
from bot.incidents import approvals, jobs
from bot.incidents.approvals import Decision
from bot.incidents.handlers import handlers
from bot.incidents.opening import Opened, OpenRequest, open_incident
from bot.incidents.people import Person
from bot.incidents.planning import Order
from bot.store import incidents, outbox, plans
from bot.store import jobs as queue
from bot.store.database import Database
from bot.store.tables.incidents import Incident
from bot.store.tables.plans import PlanRow
from tests.incidents.cloud import ACCOUNT, Cloud

DANA = Person("U0DANA", "dana", active=True, guest=False, stranger=False, bot=False, approver=True)
SAM = replace(DANA, user_id="U0SAM", name="sam")
ANA = replace(DANA, user_id="U0ANA", name="ana")
START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)

REQUEST = OpenRequest("acme-payroll", ACCOUNT, "us-east-1", 1, "a key leaked", DANA.user_id)


def settings(**more: Any) -> Settings:
    account = AccountSettings(
        account_id=ACCOUNT,
        evidence_role=f"arn:aws:iam::{ACCOUNT}:role/S3IncidentEvidence",
        remediation_role=f"arn:aws:iam::{ACCOUNT}:role/S3IncidentRemediate",
        break_glass=(f"arn:aws:iam::{ACCOUNT}:role/BreakGlass",),
    )
    return Settings(_env_file=None, accounts=(account,), approval_minutes=60, **more)


@dataclass
class Desk:
    """A database, a cloud, and the handlers of the room, worked by hand."""

    database: Database
    cloud: Cloud
    settings: Settings

    def handle(self, kind: str, **payload: Any) -> None:
        aws = cast("AwsAccess", self.cloud)
        handlers(self.database, self.settings, aws)[kind]({**payload, "job_id": 1})

    def work(self, kinds: frozenset[str] | None = None) -> int:
        """Does every job that is due, as a worker would; how many. Jobs of other rooms stay in the queue."""
        known = handlers(self.database, self.settings, cast("AwsAccess", self.cloud))
        done = 0
        while True:
            with self.database.begin() as tx:
                claim = queue.claim(tx, "test", tuple(kinds or known))
            if claim is None:
                return done
            known[claim.kind]({**claim.payload, "job_id": claim.id})
            with self.database.begin() as tx:
                queue.finish(tx, claim)
            done += 1

    def open(self) -> Incident:
        with self.database.begin() as tx:
            opened = open_incident(tx, REQUEST)
        assert isinstance(opened, Opened)
        return opened.incident

    def order(self, incident: Incident, **more: Any) -> Order:
        """An order for R2 on ci-deploy."""
        wanted: dict[str, Any] = {
            "incident_id": incident.id,
            "remediation": "R2",
            "target": {"user": "ci-deploy"},
            "why": "its key leaked",
            "requested_by": DANA.user_id,
        }
        return Order.model_validate(wanted | more)

    def propose(self, incident: Incident, **more: Any) -> PlanRow:
        order = self.order(incident, **more)
        self.handle(jobs.PLAN_PREPARE, **order.model_dump(mode="json"))
        return self.plan(order.id)

    def plan(self, plan_id: str) -> PlanRow:
        with self.database.read() as tx:
            row = plans.get(tx, plan_id)
        assert row is not None
        return row

    def plans(self) -> list[PlanRow]:
        with self.database.read() as tx:
            return plans.of_incident(tx, 1)

    def approve(self, plan: PlanRow, person: Person = SAM, digest: str | None = None) -> Decision:
        with self.database.begin() as tx:
            return approvals.approve(tx, plan.id, person, digest or plan.digest)

    def reject(self, plan: PlanRow, person: Person = SAM, reason: str = "wrong user") -> Decision:
        with self.database.begin() as tx:
            return approvals.reject(tx, plan.id, person, plan.digest, reason)

    def carried_out(self) -> PlanRow:
        """A plan that was proposed, approved and verified."""
        plan = self.propose(self.open())
        self.approve(plan)
        self.handle(jobs.PLAN_EXECUTE, plan_id=plan.id)
        return self.plan(plan.id)

    def said(self) -> list[str]:
        """The notices so far, in order."""
        with self.database.read() as tx:
            return [m.args["text"] for m in outbox.pending(tx) if m.card == "notice"]

    def timeline(self) -> list[tuple[str, str]]:
        """(who, what kind) of every entry."""
        with self.database.read() as tx:
            return [(entry.actor, entry.kind) for entry in incidents.timeline(tx, 1)]

    def queued(self, kind: str) -> list[dict[str, Any]]:
        with self.database.read() as tx:
            return [job.payload for job in queue.open_jobs(tx, kind)]

    def wanted(self, key: str) -> int:
        """How often a card was drawn or asked to be drawn anew."""
        with self.database.read() as tx:
            message = outbox.find(tx, key)
        return message.wanted if message else 0


@contextmanager
def later(**by: float) -> Iterator[None]:
    """Some time after the start, which is standing still."""
    with time_machine.travel(START + timedelta(**by), tick=False):
        yield
