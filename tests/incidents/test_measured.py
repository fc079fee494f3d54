"""A plan measured end to end: the sandbox's attack, its evidence in the vault, what the change would do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.aws.access import AwsAccess
from bot.config import Settings, load_settings
from bot.incidents import jobs
from bot.incidents.handlers import handlers
from bot.incidents.opening import OpenRequest, open_incident
from bot.remediation.impact_sentences import told, totals
from bot.remediation.plan import Plan
from bot.sandbox.sandbox import Sandbox
from bot.store import evidence, plans, playbooks
from bot.store.database import Database

ACCOUNT, BUCKET = "111122223333", "acme-payroll"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    found = Sandbox(lookups_per_second=100)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def settings(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.chdir(tmp_path)
    for name, value in sandbox.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    return load_settings("run")


def planned(database: Database, settings: Settings, remediation: str, target: dict[str, str]) -> Plan:
    """The plan that comes of an order, after one investigation."""
    work = handlers(database, settings, AwsAccess(settings))
    with database.begin() as tx:
        request = OpenRequest(BUCKET, ACCOUNT, "us-east-1", 1, "", "U0DANA")
        incident = open_incident(tx, request).incident
        run = playbooks.start_run(tx, incident.id, "one", {"steps": []}, [("collect", "evidence")])
        (step,) = playbooks.steps(tx, run.id)
        playbooks.move_step(tx, step.id, {"waiting"}, "running")
        incident_id, step_id = incident.id, step.id
    work[jobs.EVIDENCE_COLLECT]({"incident_id": incident_id, "step_id": step_id, "job_id": 1})
    order = {"remediation": remediation, "target": target, "requested_by": "U0DANA"}
    work[jobs.PLAN_PREPARE]({"incident_id": incident_id, **order, "job_id": 2})
    with database.read() as tx:
        assert evidence.latest_run(tx, incident_id) is not None
        (row,) = plans.of_incident(tx, incident_id)
        return Plan.model_validate(row.body)


def test_the_card_of_the_public_statement_says_whom_it_stops(sqlite: Database, settings: Settings) -> None:
    plan = planned(sqlite, settings, "R18", {"bucket": BUCKET})
    assert plan.impact is not None
    stops = plan.impact.total("stops")
    assert stops.attacker > 0
    assert stops.others == 0
    assert {row.maker for row in plan.impact.of("stops", attacker=True)} == {"anonymous"}
    assert told(plan.impact)[0].startswith(f"Would stop: attacker {stops.attacker} request")
    assert "nobody else" in told(plan.impact)[0]
    # The roles that use the bucket have policies of their own, which IAM tells: nothing is left open.
    assert plan.impact.total("depends").others == 0
    kept = {row.maker.rpartition("/")[2] for row in plan.impact.of("keeps", attacker=False)}
    assert {"payroll-app", "payroll-reports"} <= kept
    assert str(plan.impact.requests) in totals(plan.impact).replace(",", "")
    # The sandbox's S3 judges by its own reading of the page.
    assert [(one.by, one.when, one.public, one.differs) for one in plan.aws_verdicts] == [
        ("GetBucketPolicyStatus", "before", True, False),
        *([("CheckNoPublicAccess", "after", False, False)] if plan.after["Policy"] is not None else []),
    ]


def test_what_executes_is_the_same_with_and_without_the_measure(sqlite: Database, settings: Settings) -> None:
    plan = planned(sqlite, settings, "R18", {"bucket": BUCKET})
    assert plan.digest == plan.model_copy(update={"impact": None, "aws_verdicts": ()}).digest
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


def test_denying_the_user_stops_the_attacker_and_its_own_work_apart(
    sqlite: Database, settings: Settings
) -> None:
    plan = planned(sqlite, settings, "R2", {"user": "ci-deploy"})
    assert plan.impact is not None
    assert plan.aws_verdicts == ()
    makers = {row.maker for row in plan.impact.rows if row.fate == "stops"}
    assert makers == {f"arn:aws:iam::{ACCOUNT}:user/ci-deploy"}
    assert plan.impact.total("stops").attacker > 0
    assert plan.impact.total("keeps").others > 0
    assert plan.impact.total("opens").attacker + plan.impact.total("opens").others == 0
