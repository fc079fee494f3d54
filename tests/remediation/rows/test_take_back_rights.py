"""R11: what is special about each way of giving rights, and about policies with versions."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.remediation.catalogue import remediation
from bot.remediation.contract import PlanContext
from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.plan import Plan, State
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.doing import CONTEXT, carry_out, plan_for
from tests.remediation.rows.cases_credentials import (
    ADDED,
    BOTH,
    DENY_ALL,
    OLD,
    READ_ONLY,
    RIGHTS,
    document,
    given_attached,
    given_inline,
    given_versions,
)

ARN, STATE = RIGHTS[0][0]["policy_arn"], RIGHTS[0][1]


def pure(wanted: dict[str, str], state: State, context: PlanContext = CONTEXT) -> Plan:
    kind = remediation("R11")
    return kind.plan(kind.target(ACCOUNT, REGION, wanted), state, context)


def inline(body: dict[str, Any] | None, **wanted: str) -> Plan:
    state = {"Arn": f"arn:aws:iam::{ACCOUNT}:user/acme", "PolicyName": "work", "Document": body}
    return pure({"user": "acme", "policy": "work", **wanted}, state)


def test_a_statement_goes_by_sid_or_number() -> None:
    assert inline(BOTH, statement="Added").after["Document"] == document(OLD)
    assert inline(BOTH, statement="1").after["Document"] == document(ADDED)
    numbered = document({**OLD, "Sid": "2"}, ADDED)
    assert inline(numbered, statement="2").after["Document"] == document(ADDED), "a Sid counts first"
    for missing in ("Other", "3", "0"):
        with pytest.raises(NothingToDo, match="no statement"):
            inline(BOTH, statement=missing)


def test_a_policy_without_statements_is_deleted() -> None:
    plan = inline(BOTH, statement="Old, Added")
    assert [call.operation for call in plan.calls] == ["delete_user_policy"]
    assert any("No statement remains" in one for one in plan.warnings)
    with pytest.raises(NothingToDo):
        inline(None)


def test_a_deny_that_goes_is_told() -> None:
    body = document(OLD, {**ADDED, "Effect": "Deny"})
    assert not any("Deny statement" in one for one in inline(body, statement="Old").warnings)
    assert any("Deny statement goes" in one for one in inline(body, statement="Added").warnings)


def test_with_five_versions_the_oldest_that_is_not_in_force_goes_first() -> None:
    plan = pure({"policy_arn": ARN, "statement": "Added"}, STATE)
    delete, create = plan.calls
    assert delete.params == {"PolicyArn": ARN, "VersionId": "v1"}
    assert create.params["SetAsDefault"] is True
    assert json.loads(create.params["PolicyDocument"]) == document(OLD)
    assert "v1" in plan.before["Versions"], "its text stays in the plan"
    assert any("v1" in one for one in plan.irreversible)
    assert plan.affected == ("role acme loses what this takes out.",)


def test_who_is_attached_later_makes_no_plan_stale(account: Account) -> None:
    wanted = given_versions(account, "churned", 2, statement="Added")
    plan = plan_for(account, "R11", wanted)
    iam = account.client("iam")
    iam.create_user(UserName="churner")
    iam.attach_user_policy(UserName="churner", PolicyArn=wanted["policy_arn"])
    iam.create_policy_version(PolicyArn=wanted["policy_arn"], PolicyDocument=json.dumps(BOTH))
    assert carry_out(account, plan).outcome == "verified"
    assert carry_out(account, undo_plan(plan)).outcome == "verified"


def test_the_version_from_before_the_attack_is_put_in_force() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    versions = {
        f"v{number}": {"CreateDate": (at + timedelta(days=number)).isoformat(), "Document": document(OLD)}
        for number in range(1, 5)
    }
    state = {**STATE, "Versions": versions, "Default": "v4"}
    wanted = {"policy_arn": ARN, "version": "v4"}
    assert pure(wanted, state).after["Default"] == "v3"
    before = replace(CONTEXT, since=at + timedelta(days=2, hours=12))
    assert pure(wanted, state, before).after["Default"] == "v2"
    with pytest.raises(Refused, match="no version from before"):
        pure(wanted, state, replace(CONTEXT, since=at))
    with pytest.raises(NothingToDo, match="v4 is"):
        pure({"policy_arn": ARN, "version": "v2"}, state)


def test_a_policy_keeps_a_statement() -> None:
    with pytest.raises(Refused, match="no empty policy"):
        pure({"policy_arn": ARN, "statement": "Old, Added"}, STATE)


def test_protected_principals_keep_their_rights() -> None:
    bot = f"arn:aws:iam::{ACCOUNT}:role/acme"
    for wanted, state in RIGHTS:
        arn = state.get("Arn") or next(iter(state["AttachedTo"].values()), None)
        if arn:
            with pytest.raises(Refused, match="is protected"):
                pure(wanted, state, PlanContext("i", keep=(arn, bot)))


def test_what_stops_somebody_is_not_taken_back() -> None:
    state = {"Arn": f"arn:aws:iam::{ACCOUNT}:user/acme", "PolicyArn": DENY_ALL, "Attached": True}
    with pytest.raises(Refused, match="undoing the step"):
        pure({"user": "acme", "policy_arn": DENY_ALL}, state)


def test_what_was_attached_to_a_user_is_given_back_by_hand(account: Account) -> None:
    plan = plan_for(account, "R11", given_attached(account, "generous", "user"))
    assert carry_out(account, plan).outcome == "verified"
    with pytest.raises(Refused, match="cannot be undone"):
        undo_plan(plan)
    assert f"--user-name generous --policy-arn {READ_ONLY}" in plan.irreversible[0]


def test_an_undo_without_room_says_what_aws_says(account: Account) -> None:
    plan = plan_for(account, "R11", given_inline(account, "crowded", "user"))
    assert carry_out(account, plan).outcome == "verified"
    wide = document({**ADDED, "Action": [f"s3:{'x' * 100}{number}" for number in range(18)]})
    account.client("iam").put_user_policy(
        UserName="crowded", PolicyName="wide", PolicyDocument=json.dumps(wide)
    )
    undone = carry_out(account, undo_plan(plan))
    assert undone.outcome != "verified"
    assert "Maximum policy size of 2048 bytes exceeded for user crowded" in undone.sentence


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"user": "acme"},
        {"policy_arn": ARN},
        {"user": "acme", "role": "acme", "policy": "work"},
        {"role": "acme", "policy": "no name"},
        {"role": "acme", "policy_arn": "nothing"},
        {"user": "acme", "group": "no name"},
        {"policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "statement": "1"},
        {"policy_arn": "arn:aws:iam::444455556666:policy/theirs", "version": "v2"},
    ],
)
def test_what_names_nothing_given_is_refused(wanted: dict[str, str]) -> None:
    with pytest.raises(BadTarget):
        remediation("R11").target(ACCOUNT, REGION, wanted)
