"""HTTP mode as it is deployed: web, worker and clock apart, Slack's deliveries signed, on both databases."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.sandbox.sandbox import Sandbox
from bot.sandbox.slack.delivery.courier import Parcel
from bot.sandbox.slack.delivery.http import encode, signature
from bot.store import incidents, ledger, outbox, plans
from bot.store.database import Database
from bot.store.types import Base
from tests.e2e.processes import free_port, healthy, running
from tests.e2e.steps import COMMAND, card, opened, proposal, until
from tests.slack.house import deny_all_plan, plan_row


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def sandbox(port: int) -> Iterator[Sandbox]:
    request_url = f"http://127.0.0.1:{port}/slack/events"
    found = Sandbox(delivery="http", request_url=request_url, lookups_per_second=100)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def environment(sandbox: Sandbox, database: Database, tmp_path: Path) -> dict[str, str]:
    changes = {"DATABASE_URL": database.url, "S3INCIDENT_WATCH_SECONDS": "1"}
    return sandbox.environment(tmp_path) | changes


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Database:
    """On SQLite and on PostgreSQL, migrated."""
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def web(environment: dict[str, str], tmp_path: Path, port: int) -> Iterator[None]:
    with running(environment, tmp_path, "bot.cli", "web", "--host", "127.0.0.1", "--port", str(port)) as log:
        until(lambda: healthy(port), f"the web process, see {log}", 30)
        yield


@pytest.fixture
def others(environment: dict[str, str], tmp_path: Path) -> Iterator[None]:
    with ExitStack() as stack:
        for name in ("worker", "clock"):
            stack.enter_context(running(environment, tmp_path, "bot.cli", name))
        yield


postgres = pytest.param("postgres", marks=pytest.mark.postgres)
both = pytest.mark.parametrize("database", ["sqlite", postgres], indirect=True)


# On SQLite the others here, and the incidents over a websocket, are the cut of it.
@pytest.mark.parametrize(
    "database", [pytest.param("sqlite", marks=pytest.mark.proof), postgres], indirect=True
)
@pytest.mark.usefixtures("web", "others")
def test_an_incident_from_the_command_to_the_verified_change(sandbox: Sandbox, database: Database) -> None:
    dana, sam = sandbox.slack.person("dana"), sandbox.slack.person("sam")
    sandbox.slack.faults.redeliver(1000)  # every event arrives twice
    channel = opened(sandbox)
    assert "acme-payroll" in str(dana.home().definition)

    change = proposal(sam, channel, "Deny everything to ci-deploy")
    sam.click(change, "Approve")
    done = until(lambda: card(sam, channel, "Deny everything to ci-deploy", "verified"), "the verified card")
    assert done.ts == change.ts
    attacker = [turn for turn in sandbox.players.probe() if turn.actor == "attacker"]
    assert attacker
    assert not any(turn.allowed for turn in attacker)

    with database.read() as tx:
        [plan] = [one for one in plans.of_incident(tx, 1) if one.remediation == "R2"]
        assert [one.user_id for one in plans.approvals(tx, plan.id)] == ["U0SAM"]
        assert ledger.first_broken(tx) is None
        home = outbox.find(tx, "home:U0DANA")
        assert home is not None
        assert home.wanted == 1, "the home was drawn for the redelivered event again"
    events = [one for one in sandbox.slack.deliveries if one.parcel.kind == "events_api"]
    homes = [one for one in events if one.parcel.payload["event"]["type"] == "app_home_opened"]
    assert [(one.parcel.attempt, one.ack.ok) for one in homes] == [(0, True), (1, True)]
    assert not [one for one in sandbox.slack.deliveries if not one.ack.ok]


def post(port: int, body: bytes, kind: str, **headers: str) -> tuple[int, str]:
    shown = {"Content-Type": kind} | {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/slack/events", body, shown)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def signed(secret: str, body: str, age: float = 0) -> dict[str, str]:
    stamp = str(int(time.time() - age))
    return {"X_Slack_Request_Timestamp": stamp, "X_Slack_Signature": signature(secret, stamp, body)}


def everything(database: Database) -> dict[str, list[Any]]:
    """Every row of every table."""
    with database.read() as tx:
        return {
            table.name: sorted(map(repr, tx.execute(select(table)))) for table in Base.metadata.sorted_tables
        }


def command(sandbox: Sandbox) -> Parcel:
    security = sandbox.slack.workspace.channel_named("security")
    form = {"team_id": sandbox.slack.workspace.team_id, "channel_id": security.id, "user_id": "U0DANA"}
    word, _, text = COMMAND.partition(" ")
    return Parcel("slash_commands", {"command": word, "text": text, "trigger_id": "1.T0SANDBOX.x", **form})


@both
@pytest.mark.usefixtures("web")
def test_what_slack_did_not_sign_or_sent_before_changes_nothing(
    sandbox: Sandbox, database: Database, port: int
) -> None:
    secret = sandbox.slack.signing_secret
    kind, body = encode(command(sandbox))
    before = everything(database)
    for headers in (
        signed("another-secret", body),
        signed(secret, body, age=6 * 60),
        signed(secret, body + "&text=close"),
        {},
    ):
        status, answer = post(port, body.encode(), kind, **headers)
        assert status == 401
        assert "inc-" not in answer
    assert everything(database) == before

    status, answer = post(port, body.encode(), kind, **signed(secret, body))
    assert (status, "inc-0001* is open" in answer) == (200, True)
    once = everything(database)
    assert len(once["incidents"]) == len(once["jobs"]) == 1
    again = {"X_Slack_Retry_Num": "1", "X_Slack_Retry_Reason": "http_timeout"}
    assert post(port, body.encode(), kind, **signed(secret, body), **again) == (200, "")
    assert everything(database) == once


@both
@pytest.mark.usefixtures("web")
def test_a_click_that_arrives_twice_is_noted_once(sandbox: Sandbox, database: Database, port: int) -> None:
    kind, body = encode(command(sandbox))
    post(port, body.encode(), kind, **signed(sandbox.slack.signing_secret, body))
    with database.begin() as tx:
        incident = incidents.get(tx, 1)
        assert incident is not None
        plan = plans.insert(tx, plan_row(incident, deny_all_plan(), 1))
    click = {
        "type": "block_actions",
        "team": {"id": sandbox.slack.workspace.team_id},
        "user": {"id": "U0SAM", "team_id": sandbox.slack.workspace.team_id},
        "channel": {"id": "C0INC"},
        "trigger_id": "2.T0SANDBOX.x",
        "actions": [{"action_id": "plan.approve", "value": f"{plan.id}:{plan.digest}", "action_ts": "1.0"}],
    }
    kind, body = encode(Parcel("interactive", click))
    headers = signed(sandbox.slack.signing_secret, body)
    assert post(port, body.encode(), kind, **headers)[0] == 200
    once = everything(database)
    assert len([job for job in once["jobs"] if "approval.decide" in job]) == 1
    assert post(port, body.encode(), kind, **headers) == (200, "")
    assert everything(database) == once
