"""A bot in front of a fake Slack: real HTTP, a real websocket, a real database.

Jobs and deliveries run only when a test says so, so that each moment in between can be looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.config import AccountSettings, Settings
from bot.incidents.opening import Opened, OpenRequest, open_incident
from bot.remediation.plan import Call, Permission, Plan, Target, state_hash
from bot.sandbox.slack.server import FakeSlack
from bot.slack.delivery import Delivery
from bot.slack.handlers import handlers
from bot.store import jobs, outbox, plans
from bot.store.database import Database
from bot.store.tables.incidents import Incident
from bot.store.tables.plans import PlanRow
from bot.store.tables.work import OutboxMessage
from bot.store.types import utcnow

ACCOUNT = "111122223333"
BUCKET = "acme-payroll"


def account(account_id: str = ACCOUNT, name: str = "acme-prod") -> AccountSettings:
    return AccountSettings(
        account_id=account_id,
        name=name,
        evidence_role=f"arn:aws:iam::{account_id}:role/s3incident-evidence",
        remediation_role=f"arn:aws:iam::{account_id}:role/s3incident-remediation",
    )


def deny_all_plan(user: str = "ci-deploy", **changes: Any) -> Plan:
    """A plan as the catalogue makes them: one call, its undo, and who feels it."""
    before = {"User": user, "DenyAllAttached": False}
    after = {"User": user, "DenyAllAttached": True}
    arn = f"arn:aws:iam::{ACCOUNT}:user/{user}"
    params = {"UserName": user, "PolicyArn": "arn:aws:iam::aws:policy/AWSDenyAll"}

    def call(operation: str, state: dict[str, Any]) -> Call:
        action = "iam:" + "".join(word.capitalize() for word in operation.split("_"))
        allowed = (Permission(action=action, resource=arn),)
        return Call(
            service="iam", operation=operation, params=params, after=state_hash(state), permissions=allowed
        )

    made = Plan(
        remediation="R2",
        title=f"Deny everything to the user {user}",
        verb="deny everything to",
        account_id=ACCOUNT,
        region="us-east-1",
        target=Target(kind="user", id=arn, label=f"user {user}", params={"user": user}),
        calls=(call("attach_user_policy", after),),
        undo=(call("detach_user_policy", before),),
        base_hash=state_hash(before),
        before=before,
        after=after,
        affected=("The CI pipeline uses this user: its deployments stop.",),
        warnings=("The other key of this user stops too.",),
    )
    return made.model_copy(update=changes)


class House:
    """The whole bot without AWS, and the people in front of it."""

    def __init__(self, database: Database, settings: Settings, slack: FakeSlack) -> None:
        self.database, self.settings, self.slack = database, settings, slack
        self.delivery = Delivery(database, settings)
        self.handlers = handlers(database, settings)
        self.dana, self.sam, self.ana = (slack.person(name) for name in ("dana", "sam", "ana"))

    def work(self) -> int:
        """Does every job of this room that is due; returns how many."""
        done = 0
        while True:
            with self.database.begin() as tx:
                claim = jobs.claim(tx, "test", self.handlers)
            if claim is None:
                return done
            self.handlers[claim.kind](claim.payload)
            with self.database.begin() as tx:
                jobs.finish(tx, claim)
            done += 1

    def deliver(self) -> None:
        """Sends what is due in the outbox or will be in a moment: messages of a place take turns."""
        for _ in range(25):
            while self.delivery.deliver_one():
                pass
            if not self._due_in_a_moment():
                return
            time.sleep(0.02)

    def _due_in_a_moment(self) -> bool:
        soon = utcnow() + timedelta(milliseconds=300)
        with self.database.read() as tx:
            return any(one.due_at <= soon and one.lease_until is None for one in outbox.pending(tx))

    def settle(self) -> None:
        while self.work():
            pass
        self.deliver()

    def open(self, bucket: str = BUCKET, opened_by: str = "U0DANA") -> Incident:
        """An open incident with its channel, people and control card."""
        request = OpenRequest(bucket, ACCOUNT, "us-east-1", 1, "Somebody reads our payroll", opened_by)
        with self.database.begin() as tx:
            opened = open_incident(tx, request)
        assert isinstance(opened, Opened)
        self.settle()
        return opened.incident

    def propose(self, incident: Incident, plan: Plan | None = None, **columns: Any) -> PlanRow:
        """A proposed plan, with its card in the channel."""
        plan = plan or deny_all_plan()
        with self.database.begin() as tx:
            number = plans.next_number(tx, incident.id)
            row = plans.insert(tx, plan_row(incident, plan, number, **columns))
            place = outbox.incident_place(incident.id)
            outbox.show(tx, f"plan:{row.id}", place, "plan", {"plan_id": row.id})
        self.deliver()
        return row

    def plan(self, plan_id: str) -> PlanRow:
        with self.database.read() as tx:
            row = plans.get(tx, plan_id)
        assert row is not None
        return row

    def time_passes(self) -> None:
        """Every lease ends and every pause is over, as if a minute had gone by."""
        with self.database.begin() as tx:
            for message in outbox.pending(tx):
                message.lease_until, message.due_at = None, utcnow()
        self.delivery = Delivery(self.database, self.settings)

    def say(self, text: str, key: str = "say", incident: Incident | None = None) -> None:
        """Puts a notice into the outbox."""
        place = outbox.incident_place(incident.id) if incident else outbox.Place(self.channel("security"))
        with self.database.begin() as tx:
            outbox.show(tx, key, place, "notice", {"text": text})

    def channel(self, name: str) -> str:
        return self.slack.workspace.channel_named(name).id

    def texts(self, channel: str, name: str = "dana") -> list[str]:
        """What this person reads in a channel that the bot wrote."""
        seen = self.slack.person(name).see(channel)
        return [message.text for message in seen if message.bot_id]

    def row(self, key: str) -> OutboxMessage:
        with self.database.read() as tx:
            row = outbox.find(tx, key)
        assert row is not None
        return row

    def jobs(self, kind: str) -> list[dict[str, Any]]:
        with self.database.read() as tx:
            return [job.payload for job in jobs.open_jobs(tx, kind)]


def wait_until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)


def plan_row(incident: Incident, plan: Plan, number: int, **columns: Any) -> PlanRow:
    now = utcnow()
    values: dict[str, Any] = {
        "id": f"plan-{incident.id}-{number}",
        "incident_id": incident.id,
        "number": number,
        "remediation": plan.remediation,
        "account_id": plan.account_id,
        "region": plan.region,
        "target": plan.target.params,
        "body": plan.model_dump(mode="json"),
        "digest": plan.digest,
        "base_hash": plan.base_hash,
        "state": "proposed",
        "reason": "It was used from an address nobody knows.",
        "requested_by": "U0DANA",
        "required_approvals": 1,
        "created_at": now,
        "expires_at": now + timedelta(hours=1),
    }
    return PlanRow(**(values | columns))
