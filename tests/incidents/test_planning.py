from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest

from bot.aws.errors import AwsRefused, AwsUnavailable
from bot.incidents import jobs
from bot.incidents.opening import open_incident
from bot.incidents.planning import NO_PLAN, Order, context_of, observed_in
from bot.incidents.tools import Tools
from bot.remediation.plan import Plan
from bot.store import jobs as queue
from bot.store import outbox
from tests.incidents.cloud import DENY_ALL
from tests.incidents.doing import DANA, REQUEST, START, Desk
from tests.incidents.evidence import investigation

if TYPE_CHECKING:
    from bot.aws.access import AwsAccess


def test_a_plan_is_put_before_people_with_its_expiry(both: Desk) -> None:
    plan = both.propose(both.open())

    assert (plan.state, plan.number, plan.required_approvals) == ("proposed", 1, 1)
    assert plan.digest == Plan.model_validate(plan.body).digest
    assert plan.expires_at == START + timedelta(minutes=60)
    assert (plan.requested_by, plan.reason) == (DANA.user_id, "its key leaked")
    assert both.cloud.changes == []
    with both.database.read() as tx:
        card = outbox.find(tx, f"plan:{plan.id}")
        assert card is not None
        assert (card.card, card.args, card.destination) == ("plan", {"plan_id": plan.id}, "incident:1")
        (job,) = queue.open_jobs(tx, jobs.PLAN_EXPIRE)
        assert job.due_at == plan.expires_at
    assert both.timeline()[-1] == ("s3incident", "plan.proposed")


def test_the_same_order_twice_is_one_plan(both: Desk) -> None:
    incident = both.open()
    assert both.propose(incident).id == both.propose(incident).id
    assert len(both.plans()) == 1
    assert both.wanted(f"plan:{both.plans()[0].id}") == 1


def test_the_playbook_can_ask_for_more_approvals_and_another_time(desk: Desk) -> None:
    plan = desk.propose(desk.open(), required=3, expires_minutes=5)
    assert plan.required_approvals == 3
    assert plan.expires_at == START + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("more", "hint"),
    [
        ({"target": {"user": "nobody"}}, "nobody"),
        ({"target": {"user": "s3incident"}}, "protected"),
        ({"target": {"user": "not a user!"}}, "not a user!"),
        (
            {"remediation": "R1", "target": {"user": "ci-deploy", "access_key_id": "ASIAEXAMPLE000000001"}},
            "ASIA",
        ),
    ],
)
def test_where_there_can_be_no_plan_there_is_a_sentence(
    desk: Desk, more: dict[str, object], hint: str
) -> None:
    desk.cloud.users["s3incident"] = desk.cloud.users["ci-deploy"]
    order = desk.order(desk.open(), **more)
    for _ in range(2):
        desk.handle(jobs.PLAN_PREPARE, **order.model_dump(mode="json"))
    assert desk.plans() == []
    (said,) = desk.said()
    assert said.startswith(f"No plan for {order.remediation}")
    assert hint in said
    assert [kind for _, kind in desk.timeline()].count(NO_PLAN) == 1
    assert desk.queued(jobs.PLAYBOOK_ADVANCE) == [{"incident_id": 1}]


def test_what_is_already_so_needs_no_plan(desk: Desk) -> None:
    desk.cloud.users["ci-deploy"].policies.add(DENY_ALL)
    desk.handle(jobs.PLAN_PREPARE, **desk.order(desk.open()).model_dump(mode="json"))
    assert desk.plans() == []
    assert len(desk.said()) == 1


def test_a_refusal_of_aws_is_said(desk: Desk) -> None:
    def refuse(operation: str) -> None:
        raise AwsRefused("iam", operation, "AccessDenied", "not authorized", "request-1", 403)

    desk.cloud.before = refuse
    desk.handle(jobs.PLAN_PREPARE, **desk.order(desk.open()).model_dump(mode="json"))
    assert "AWS refused iam:get_user" in desk.said()[0]


def test_silence_of_aws_is_tried_again(desk: Desk) -> None:
    def silent(operation: str) -> None:
        raise AwsUnavailable("iam", operation, "EndpointConnectionError", "no connection")

    order = desk.order(desk.open())
    desk.cloud.before = silent
    with pytest.raises(AwsUnavailable):
        desk.handle(jobs.PLAN_PREPARE, **order.model_dump(mode="json"))
    assert desk.said() == []
    desk.cloud.before = lambda operation: None
    desk.handle(jobs.PLAN_PREPARE, **order.model_dump(mode="json"))
    assert [plan.id for plan in desk.plans()] == [order.id]


def test_an_account_without_settings_is_said(desk: Desk) -> None:
    with desk.database.begin() as tx:
        incident = open_incident(tx, replace(REQUEST, account_id="444455556666")).incident
    desk.handle(jobs.PLAN_PREPARE, **desk.order(incident).model_dump(mode="json"))
    assert "444455556666" in desk.said()[0]


def test_an_order_has_the_id_of_what_it_asks() -> None:
    one = Order(incident_id=1, remediation="R2", target={"user": "a"}, requested_by="U1", why="x")
    assert one.id == one.model_copy(update={"why": "y", "requested_by": "U2"}).id
    assert one.id != Order(incident_id=2, remediation="R2", target={"user": "a"}, requested_by="U1").id
    assert one.id != Order(incident_id=1, remediation="R2", target={"user": "b"}, requested_by="U1").id


def test_planning_knows_the_bucket_before_the_attack(desk: Desk) -> None:
    before = {"captured_at": "2026-02-01T00:00:00+00:00", "policy": None, "logging": {}}
    incident = desk.open()
    tools = Tools(desk.database, desk.settings, cast("AwsAccess", desk.cloud))
    account = desk.settings.accounts[0]
    for seen, expected in (
        (investigation(bucket_before=before), {"bucket": "acme-payroll", **before}),
        (investigation(), {}),
        (None, {}),
    ):
        assert context_of(tools, incident, account, seen).former == expected


def test_the_evidence_says_who_will_feel_it() -> None:
    observed = {(one.principal, one.access_key_id): one for one in observed_in(investigation())}
    user = observed["arn:aws:iam::111122223333:user/ci-deploy", "AKIAEXAMPLE000000001"]
    assert (user.label, user.events, user.source_ips) == ("suspect", 5, ("203.0.113.66", "203.0.113.91"))
    assert user.last_seen is not None
