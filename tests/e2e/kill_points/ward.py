"""An account, a workspace and a database for workers that are killed, and the questions asked after."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from slack_sdk import WebClient

from bot.incidents import approvals, planning
from bot.incidents.jobs import CHANNEL_CREATE
from bot.incidents.opening import Opened, OpenRequest, open_incident
from bot.incidents.people import Person
from bot.incidents.planning import Order
from bot.incidents.tools import Tools
from bot.policy.actions import event_name
from bot.remediation.catalogue import remediation
from bot.remediation.plan import Plan, State
from bot.sandbox.slack.people import APPROVERS_ID
from bot.sandbox.slack.reading import words
from bot.sandbox.slack.server import FakeSlack
from bot.slack import handlers as slack_room
from bot.store import incidents, ledger, migrate, outbox, plans
from bot.store import jobs as queue
from bot.store.database import Database
from bot.store.tables.plans import PlanRow
from bot.store.types import utcnow
from tests.aws.account import ACCOUNT, EVIDENCE_ROLE, EXTERNAL_ID, REGION, REMEDIATION_ROLE, Account, running
from tests.remediation.doing import plan_for
from tests.remediation.rows.cases import CONTEXT, ORGANIZATION, Case, account_block

SAM = Person("U0SAM", "sam", active=True, guest=False, stranger=False, bot=False, approver=True)
ANA = Person("U0ANA", "ana", active=True, guest=False, stranger=False, bot=False, approver=True)
_NUMBERS = count(1)


class Nursery:
    """The process that forks workers and kills them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.kill_points.nursery"],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[3]), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


@dataclass
class Ward:
    """Everything but the workers."""

    account: Account
    slack: FakeSlack
    database: Database
    tools: Tools
    nursery: Nursery
    channel: str

    def approved(self, case: Case) -> PlanRow:
        """A new target of the row, planned and approved as people do it."""
        name = f"acme-{case.row.lower()}-{next(_NUMBERS)}"
        case.make(self.account, name)
        case.put(self.account, name, case.examples[0])
        order = Order(
            incident_id=1,
            remediation=case.row,
            target=dict(case.wanted(self.account, name)),
            why="a kill point",
            requested_by="U0DANA",
            replaces=self._before(case, name),
        )
        self._prepare(case, order, name)
        row = self.plan(order.id)
        self.approve(row)
        return self.plan(row.id)

    def _prepare(self, case: Case, order: Order, name: str) -> None:
        """As the planning does it; where the evidence has to say more, with what the case knows of it."""
        context = case.context(name)
        if context is CONTEXT:
            planning.prepare(self.tools, {**order.model_dump(mode="json"), "job_id": 0})
            return
        plan = plan_for(self.account, case.row, order.target, context)
        with self.database.begin() as tx:
            planning.propose(tx, order, plan, remediation(case.row).approvals, timedelta(hours=1))

    def _before(self, case: Case, name: str) -> str | None:
        """The earlier plan for the same target: there is one account only."""
        target = dict(case.wanted(self.account, name))
        with self.database.read() as tx:
            same = [
                one for one in plans.of_incident(tx, 1) if (one.remediation, one.target) == (case.row, target)
            ]
        return next((one.id for one in reversed(same) if one.undoes is None), None)

    def approve(self, row: PlanRow) -> None:
        for person in (SAM, ANA):
            with self.database.begin() as tx:
                approvals.approve(tx, row.id, person, row.digest)

    def plan(self, plan_id: str) -> PlanRow:
        with self.database.read() as tx:
            row = plans.get(tx, plan_id)
        assert row is not None, "no plan came of the order"
        return row

    def start(self, point: str = "", position: int = 0, key: str = "") -> None:
        self.nursery.ask(do="start", point=point, position=position, key=key)

    def kill(self, wait: float = 0.0) -> bool:
        return bool(self.nursery.ask(do="kill", wait=wait)["killed"])

    def time_passes(self) -> None:
        """Every lease that a dead process held runs out, as half a minute later: by then all that it had
        sent has arrived."""
        self._what_was_sent_has_arrived()
        with self.database.begin() as tx:
            for job in queue.open_jobs(tx):
                job.lease_until = None
            for message in outbox.pending(tx):
                message.lease_until, message.due_at = None, utcnow()

    def _what_was_sent_has_arrived(self) -> None:
        """Slack may still be at a request of a process that is dead: one that comes now is answered later."""
        for _ in range(2):
            WebClient(token=self.slack.bot_token, base_url=self.slack.api_url).auth_test()

    def settled(self, plan_id: str, *states: str) -> bool:
        """Waits until the plan has come to one of these states, and its card is delivered."""
        return self._until(lambda: self.plan(plan_id).state in states and self._delivered(plan_id))

    def undo_of(self, row: PlanRow) -> PlanRow | None:
        """Asks for the undo and waits for its plan, which a worker makes; None when there is none."""
        with self.database.begin() as tx:
            approvals.request_undo(tx, row.id, "U0DANA")

        def found() -> list[PlanRow]:
            with self.database.read() as tx:
                return plans.undo_of(tx, row.id)

        return found()[-1] if self._until(lambda: bool(found())) else None

    def live(self, plan: Plan) -> State:
        reader = self.account.access.reader(ACCOUNT)
        return remediation(plan.remediation).snapshot(reader, plan.target)

    def effects(self, plan: Plan) -> dict[str, int]:
        """How often AWS has carried out each kind of call of the plan on its target."""
        names = {*plan.target.params.values()}
        found: dict[str, int] = {}
        for call in plan.calls:
            api_name = "".join(word.title() for word in call.operation.split("_"))
            event = event_name(call.service, api_name)
            found[event] = sum(_done_on(record, names) for record in self.account.records(event))
        return found

    def cards(self, plan_id: str) -> list[str]:
        """What the messages under the key of the plan's card say: there must be one."""
        seen = self.slack.person("sam").see(self.channel)
        key = f"plan:{plan_id}"
        mine = [one for one in seen if (one.metadata or {}).get("event_payload", {}).get("key") == key]
        return [words(one.blocks or []) for one in mine]

    def ledger_is_whole(self) -> bool:
        with self.database.read() as tx:
            return ledger.first_broken(tx) is None

    def close_account_again(self) -> None:
        account_block(self.account, None)

    def _delivered(self, plan_id: str) -> bool:
        with self.database.read() as tx:
            card = outbox.find(tx, f"plan:{plan_id}")
        return card is not None and card.sent == card.wanted

    @staticmethod
    def _until(true: Callable[[], bool], seconds: float = 60) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if true():
                return True
            time.sleep(0.02)
        return False


@contextmanager
def ward(folder: Path) -> Iterator[Ward]:
    """Opens the incident and its channel."""
    with running(organization_id=ORGANIZATION) as account, FakeSlack() as slack:
        environment = _environment(account, slack, folder)
        database = Database(environment["DATABASE_URL"])
        migrate.upgrade(database)
        settings = account.settings.model_copy(
            update={
                "slack_bot_token": slack.bot_token,
                "slack_api_url": slack.api_url,
                "approvers": (APPROVERS_ID,),
                "vault_dir": folder / "vault",
            }
        )
        nursery = Nursery(environment)
        try:
            channel = _opened(database, settings)
            yield Ward(account, slack, database, Tools(database, settings, account.access), nursery, channel)
        finally:
            nursery.close()
            database.close()


def _opened(database: Database, settings: Any) -> str:
    with database.begin() as tx:
        request = OpenRequest("acme-payroll", ACCOUNT, REGION, 1, "a proof", "U0DANA")
        opened = open_incident(tx, request)
    assert isinstance(opened, Opened)
    make = slack_room.handlers(database, settings)[CHANNEL_CREATE]
    make({"incident_id": opened.incident.id, "job_id": 0})
    with database.begin() as tx:
        for job in queue.open_jobs(tx):
            job.done_at = utcnow()
    with database.read() as tx:
        incident = incidents.get(tx, opened.incident.id)
    assert incident is not None
    return str(incident.channel_id)


def _environment(account: Account, slack: FakeSlack, folder: Path) -> dict[str, str]:
    known = {
        "account_id": ACCOUNT,
        "regions": [REGION],
        "evidence_role": EVIDENCE_ROLE,
        "remediation_role": REMEDIATION_ROLE,
        "external_id": EXTERNAL_ID,
    }
    return {
        **{name: value for name, value in os.environ.items() if name.startswith("AWS_")},
        "HOME": str(folder),
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": f"sqlite:///{folder / 's3incident.db'}",
        "S3INCIDENT_ACCOUNTS": json.dumps([known]),
        "S3INCIDENT_APPROVERS": APPROVERS_ID,
        "S3INCIDENT_VAULT_DIR": str(folder / "vault"),
        "S3INCIDENT_WATCH_SECONDS": "3600",
    }


def _done_on(record: Mapping[str, Any], names: set[str]) -> bool:
    values = [*(record["requestParameters"] or {}).values(), record["recipientAccountId"]]
    return "errorCode" not in record and bool(names & set(map(str, values)))
