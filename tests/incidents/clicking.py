"""A process full of people who click at once, with a worker in it."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import structlog

from bot.incidents import approvals, jobs
from bot.remediation.contract import Automated
from bot.store.database import Database
from tests.incidents.cloud import Cloud
from tests.incidents.doing import ANA, DANA, SAM, Desk, settings

PEOPLE = {
    "requester": DANA,
    "sam": SAM,
    "ana": ANA,
    "guest": replace(SAM, user_id="U0GIL", guest=True),
    "stranger": replace(SAM, user_id="U0STELLA", stranger=True),
    "outsider": replace(SAM, user_id="U0OTTO", approver=False),
    "robot": replace(SAM, user_id="U0BOT", bot=True),
    "gone": replace(SAM, user_id="U0GONE", active=False),
}


class Watched(Cloud):
    """Writes each change into a file that both processes share."""

    file: Path

    def watched(self, operation: str) -> None:
        if operation.startswith(("attach", "detach")):
            with self.file.open("a") as out:
                out.write(f"{operation}\n")


def crowd(url: str, plan_id: str, digest: str, file: str, names: tuple[str, ...], gate: Barrier) -> None:
    """Waits at the gate, then everybody clicks; what reaches AWS is written into `file`."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    Automated.patience = (0.0,)
    cloud = Watched()
    cloud.file = Path(file)
    cloud.after = cloud.watched
    desk = Desk(Database(url), cloud, settings())
    clickers = [threading.Thread(target=click, args=(desk, plan_id, digest, name)) for name in names]
    over = threading.Event()
    worker = threading.Thread(target=work, args=(desk, over))
    gate.wait(60)
    for thread in (worker, *clickers):
        thread.start()
    for thread in clickers:
        thread.join()
    over.set()
    worker.join()
    desk.database.close()


def click(desk: Desk, plan_id: str, digest: str, name: str) -> None:
    with desk.database.begin() as tx:
        decision: Any = approvals.approve(tx, plan_id, PEOPLE[name], digest)
    assert decision.sentence


def work(desk: Desk, over: threading.Event) -> None:
    """Carries out whatever is approved, until a moment after the last click."""
    while True:
        last = over.is_set()
        desk.work(frozenset({jobs.PLAN_EXECUTE}))
        if last:
            return
        time.sleep(0.01)
