"""How fast a click is answered while an investigation runs: forty commands and clicks at once.

`make bench` starts the sandbox, `s3incident web` and `s3incident worker` as they are really run, opens an
incident, and posts rounds of forty signed deliveries over connections that stay open. In between, the same
load goes to Bolt with empty listeners behind the same server: what is above that is ours. Prints a table;
exits with 1 when a delivery was not answered with 200, or did not leave its trace exactly once.

Times depend on the machine and on what else runs there: they are printed, never judged.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bot.incidents.jobs import EVIDENCE_COLLECT
from bot.sandbox.sandbox import Sandbox
from bot.store import incidents, jobs, ledger, migrate, plans
from bot.store.database import Database
from bot.store.tables.incidents import Incident
from tests.bench.deliveries import Deliveries, Delivery
from tests.e2e.processes import accepting, free_port, healthy, running
from tests.e2e.steps import COMMAND, incident_channel, until
from tests.slack.house import deny_all_plan, plan_row

ROUNDS = int(os.environ.get("S3INCIDENT_BENCH_ROUNDS", "30"))
WARM_UP = 3
THREADS = 16
PAUSE = 0.15
Answers = list[tuple[float, int]]


class Load:
    """The process that posts."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.bench.burst"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def burst(self, port: int, requests: list[str]) -> Answers:
        """Posts all at once; seconds and status of each answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"port": port, "requests": requests}) + "\n")
        self._process.stdin.flush()
        return [(seconds, status) for seconds, status in json.loads(self._process.stdout.readline())]

    def close(self) -> None:
        self._process.communicate()


class Investigating:
    """Keeps an investigation of the incident under way, and counts how many rounds one was."""

    def __init__(self, database: Database, incident: Incident) -> None:
        self._database, self._incident = database, incident
        self.rounds = 0

    def look(self, *, count: bool) -> None:
        with self._database.begin() as tx:
            held = [job for job in jobs.open_jobs(tx, EVIDENCE_COLLECT) if job.owner]
            self.rounds += bool(held) and count
            if not jobs.open_jobs(tx, EVIDENCE_COLLECT):
                jobs.enqueue(tx, EVIDENCE_COLLECT, incident_id=self._incident.id, step_id=None)


def opened(sandbox: Sandbox, database: Database) -> tuple[Incident, Deliveries]:
    """An incident with its channel and a change in force, opened over HTTP like everything else."""
    dana = sandbox.slack.person("dana")
    reply = dana.command("security", COMMAND)
    assert reply.error is None, reply.error
    name = incident_channel(dana)
    with database.begin() as tx:
        [incident] = incidents.listing(tx)
        plan = plans.insert(tx, plan_row(incident, deny_all_plan(), 900, state="verified"))
    card = until(lambda: next((one for one in dana.see(name) if one.blocks), None), "the control card")
    return incident, Deliveries(sandbox.slack.workspace, sandbox.slack.page_url, name, card, plan.id)


class Bench:
    """The rounds, to the bot and to the empty listener in turn."""

    def __init__(self, sandbox: Sandbox, load: Load, bot_port: int, empty_port: int) -> None:
        self._secret = sandbox.slack.signing_secret
        self._load, self._ports = load, {"s3incident": bot_port, "empty": empty_port}
        self.sent: list[Delivery] = []
        self.answers: dict[str, Answers] = {name: [] for name in self._ports}

    def round(self, deliveries: list[Delivery], *, measured: bool) -> None:
        self.sent += deliveries
        for name, port in self._ports.items():
            time.sleep(PAUSE)
            answers = self._load.burst(port, [one.request(port, self._secret) for one in deliveries])
            if measured or any(status != 200 for _, status in answers):
                self.answers[name] += answers


def lost_or_doubled(database: Database, sent: list[Delivery]) -> list[str]:
    """What did not leave its trace exactly once, one line each."""
    traces: Counter[str] = Counter()
    with database.read() as tx:
        for query in TRACES:
            traces.update(tx.scalars(text(query)))
        broken = ledger.first_broken(tx)
    wrong = [
        f"{one.kind} {trace}: {traces[trace]} times"
        for one in sent
        for trace in (one.delivery_id, one.trace)
        if trace and traces[trace] != 1
    ]
    return wrong + ([f"the ledger is broken at entry {broken}"] if broken else [])


TRACES = (
    "SELECT delivery_id FROM inbox",
    "SELECT text FROM timeline WHERE kind = 'note'",
    "SELECT dedupe_key FROM jobs WHERE dedupe_key IS NOT NULL",
    "SELECT key FROM outbox",
)


def report(bench: Bench, investigating: Investigating, wrong: list[str]) -> None:
    table = Table("40 at once", "answers", "p50 ms", "p99 ms", "max ms")
    figures = {}
    for name, answers in bench.answers.items():
        seconds = sorted(one for one, _ in answers)
        p50, p99 = (seconds[int(len(seconds) * share)] * 1000 for share in (0.5, 0.99))
        figures[name] = (p50, p99)
        table.add_row(name, str(len(seconds)), f"{p50:.1f}", f"{p99:.1f}", f"{seconds[-1] * 1000:.1f}")
    ratio = [ours / theirs for ours, theirs in zip(figures["s3incident"], figures["empty"], strict=True)]
    table.add_row("ratio", "", f"{ratio[0]:.1f}", f"{ratio[1]:.1f}", "")
    console = Console()
    console.print(table)
    console.print(f"An investigation was under way in {investigating.rounds} of {ROUNDS} rounds.")
    console.print(f"Lost or doubled: {len(wrong)} of {len(bench.sent)} deliveries.")
    for line in wrong[:20]:
        console.print(line, highlight=False)


def measure(folder: Path, stack: ExitStack) -> bool:
    """Starts everything, plays the rounds, prints the table. True when nothing was lost or doubled."""
    bot_port, empty_port = free_port(), free_port()
    sandbox = Sandbox(delivery="http", request_url=f"http://127.0.0.1:{bot_port}/slack/events")
    sandbox.start()
    stack.callback(sandbox.stop)
    environment = sandbox.environment(folder)
    database = Database(os.environ.get("TEST_DATABASE_URL", environment["DATABASE_URL"]))
    environment["DATABASE_URL"] = database.url
    stack.callback(database.close)
    migrate.upgrade(database)
    web = ("web", "--host", "127.0.0.1", "--port", str(bot_port), "--threads", str(THREADS))
    for command in (
        ("tests.bench.empty", str(empty_port), str(THREADS), sandbox.slack.signing_secret),
        ("bot.cli", *web),
        ("bot.cli", "worker"),
    ):
        stack.enter_context(running(environment, folder, *command))
    load = Load()
    stack.callback(load.close)
    until(lambda: healthy(bot_port) and accepting(empty_port), "the servers")
    incident, deliveries = opened(sandbox, database)
    bench, investigating = Bench(sandbox, load, bot_port, empty_port), Investigating(database, incident)
    for number in range(WARM_UP + ROUNDS):
        investigating.look(count=number >= WARM_UP)
        bench.round(deliveries.round(), measured=number >= WARM_UP)
    wrong = lost_or_doubled(database, bench.sent)
    report(bench, investigating, wrong)
    refused = [status for answers in bench.answers.values() for _, status in answers if status != 200]
    return not wrong and not refused


def main() -> None:
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        os.environ.pop(variable, None)
    with tempfile.TemporaryDirectory(prefix="s3incident-bench-") as folder, ExitStack() as stack:
        fine = measure(Path(folder), stack)
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
