"""Takes a change through its whole life as the bot does: proposal, plan, session, run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from bot.aws.access import StepSession
from bot.aws.gateway import Gateway
from bot.remediation.catalogue import remediation
from bot.remediation.contract import PlanContext
from bot.remediation.plan import Call, Plan
from bot.remediation.run import Entry, RunResult, run
from bot.remediation.session_policy import session_policy
from bot.remediation.sweep.manifests import ManifestFolder
from bot.remediation.sweep.progress import Progress
from bot.remediation.sweep.row import surveyed
from tests.aws.account import ACCOUNT, REGION, Account

CONTEXT = PlanContext("inc-0001")
#: Where the lists of objects are kept that plans of very many objects have.
_FOLDER = TemporaryDirectory(prefix="s3incident-lists-")
MANIFESTS = ManifestFolder(Path(_FOLDER.name))


@dataclass
class MemoryJournal:
    """A journal that outlives the run, as the database's does."""

    states: dict[int, str] = field(default_factory=dict)
    written: list[tuple[Any, ...]] = field(default_factory=list)
    walked: dict[int, Progress] = field(default_factory=dict)
    kept: list[object] = field(default_factory=list)

    def entries(self) -> Sequence[Entry]:
        return [Entry(position, state) for position, state in sorted(self.states.items())]

    def keep(self, what: object) -> None:
        self.kept.append(what)

    def intent(self, position: int, call: Call) -> None:
        self.states[position] = "intent"
        self.written.append(("intent", position, call.operation))

    def outcome(
        self, position: int, state: Literal["done", "failed"], request_id: str | None, error: str | None
    ) -> None:
        self.states[position] = state
        self.written.append((state, position, request_id, error))

    def checkpoint(self, position: int, progress: Progress) -> None:
        self.walked[position] = progress

    def progress(self, position: int) -> Progress | None:
        return self.walked.get(position)


def no_sleep(seconds: float) -> None:
    assert seconds > 0


def plan_for(account: Account, row: str, wanted: Mapping[str, str], context: PlanContext = CONTEXT) -> Plan:
    """The plan from the live state, as the evidence role sees it."""
    kind = remediation(row)
    target = kind.target(ACCOUNT, REGION, wanted)
    state = surveyed(kind, account.access.reader(ACCOUNT), target, MANIFESTS)
    return kind.plan(target, state, context)


def step(account: Account, plan: Plan) -> Gateway:
    """The session that the plan, and nothing else, can be carried out in."""
    session = StepSession("inc-0001.p1", "slack-T01-U02", session_policy(plan), {"incident": "inc-0001"})
    return account.access.step(ACCOUNT, session)


def carry_out(account: Account, plan: Plan, journal: MemoryJournal | None = None) -> RunResult:
    return run(
        plan,
        plan.digest,
        remediation(plan.remediation),
        account.access.reader(ACCOUNT),
        lambda: step(account, plan),
        journal or MemoryJournal(),
        sleep=no_sleep,
        manifests=MANIFESTS,
    )
