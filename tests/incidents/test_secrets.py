"""What people paste and what AWS answers may hold live secrets: they are not kept, and not posted."""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy import text

from bot.aws.errors import AwsRefused
from bot.incidents import jobs
from bot.incidents.given_up import give_up
from bot.incidents.notes import add_note
from bot.incidents.opening import Opened, open_incident
from bot.store.jobs import Claim
from tests.incidents.doing import REQUEST, Desk

SIGNATURE, TOKEN = "deadbeef" * 8, "IQoJb3JpZ2luX2VjSECRETSECRET"
PASTED = f"see https://b.s3.amazonaws.com/k?X-Amz-Signature={SIGNATURE} " + json.dumps(
    {"sessionToken": TOKEN}
)


def everything(desk: Desk) -> str:
    with desk.database.read() as tx:
        tables = [row[0] for row in tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))]
        rows = [str(row) for table in tables for row in tx.execute(text(f'SELECT * FROM "{table}"'))]
    return "\n".join(rows)


def test_nothing_of_a_pasted_secret_is_stored(desk: Desk) -> None:
    with desk.database.begin() as tx:
        opened = open_incident(tx, replace(REQUEST, suspicion=PASTED))
        assert isinstance(opened, Opened)
        assert add_note(tx, opened.incident.id, "U0DANA", PASTED) is None
    plan = desk.propose(opened.incident)
    assert desk.reject(plan, reason=PASTED).kind == "rejected"
    stored = everything(desk)
    assert stored.count("X-Amz-Signature=[redacted]") >= 4
    assert SIGNATURE not in stored
    assert TOKEN not in stored


def test_nothing_of_a_secret_in_an_error_is_stored(desk: Desk) -> None:
    plan = desk.propose(desk.open())
    desk.approve(plan)

    def refuse(operation: str) -> None:
        if operation == "attach_user_policy":
            raise AwsRefused("iam", operation, "AccessDenied", PASTED, "request-9", 403)

    desk.cloud.before = refuse
    desk.handle(jobs.PLAN_EXECUTE, plan_id=plan.id)
    assert desk.plan(plan.id).state == "failed"
    with desk.database.begin() as tx:
        give_up(tx, Claim(7, jobs.PLAN_WATCH, {"plan_id": plan.id}, 8, "w"), PASTED)
        give_up(tx, Claim(8, jobs.AUDIT_RUN, {}, 8, "w"), PASTED)
    stored = everything(desk)
    assert "X-Amz-Signature=[redacted]" in stored
    assert SIGNATURE not in stored
    assert TOKEN not in stored
