"""R3 and R4: what the quarantine leaves open, and a deny-all where no other policy can be attached."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import botocore.exceptions
import pytest

from bot.policy.document import parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.policy.recorded import Recorded
from bot.remediation.contract import PlanContext
from bot.remediation.effects import replayed
from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.undo import undo_plan
from bot.remediation.words.users import NOT_DENIED
from tests.aws.account import ACCOUNT, Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases_credentials import DENY_ALL, READ_ONLY, bound

FULL = {"Room": False, "DenyPolicy": None}


def quarantine(account: Account) -> dict[str, Any]:
    """The document that AWS publishes, as moto ships it."""
    arn = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
    found: dict[str, Any] = account.client("iam").get_policy_version(PolicyArn=arn, VersionId="v3")
    return dict(found["PolicyVersion"]["Document"])


def test_the_card_says_what_the_quarantine_still_allows(account: Account) -> None:
    account.user("miner")
    plan = plan_for(account, "R3", {"user": "miner"})
    document = parse(quarantine(account), "quarantine")
    allowed = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, "all")
    for action in NOT_DENIED:
        assert action in plan.warnings[0]
        request = Request(f"arn:aws:iam::{ACCOUNT}:user/miner", action, "*", ACCOUNT, {})
        assert evaluate(request, Policies(identity=(document, allowed))).allowed, action
    assert any("deny everything (R2)" in one for one in plan.warnings)


def test_an_inline_deny_stops_the_user(account: Account) -> None:
    thief = account.user("stopped-inline")
    plan = plan_for(account, "R4", {"user": "stopped-inline"})
    assert [call.operation for call in plan.calls] == ["put_user_policy"]
    assert carry_out(account, plan).outcome == "verified"
    with pytest.raises(botocore.exceptions.ClientError, match="explicit deny in an identity-based policy"):
        account.of("s3", thief).list_buckets()
    with pytest.raises(NothingToDo, match="the inline policy S3IncidentDenyAll"):
        plan_for(account, "R4", {"user": "stopped-inline"})


def test_without_room_the_boundary_stops_the_user_and_the_old_one_comes_back(account: Account) -> None:
    thief = account.user("stopped-bound")
    bound(account, "stopped-bound", {**FULL, "Boundary": READ_ONLY})
    plan = plan_for(account, "R4", {"user": "stopped-bound"})
    assert [call.params.get("PermissionsBoundary") for call in plan.calls] == [DENY_ALL]
    assert any("leave no room" in one for one in plan.warnings)
    assert carry_out(account, plan).outcome == "verified"
    with pytest.raises(botocore.exceptions.ClientError, match="explicit deny in a permissions boundary"):
        account.of("s3", thief).list_buckets()
    assert carry_out(account, undo_plan(plan)).outcome == "verified"
    shown = account.client("iam").get_user(UserName="stopped-bound")["User"]["PermissionsBoundary"]
    assert shown["PermissionsBoundaryArn"] == READ_ONLY
    account.of("s3", thief).list_buckets()


@pytest.mark.parametrize("room", [True, False])
def test_recorded_requests_are_told_to_stop(account: Account, *, room: bool) -> None:
    name = f"measured-{room}"
    account.user(name)
    if not room:
        bound(account, name, {**FULL, "Boundary": None})
    plan = plan_for(account, "R4", {"user": name})
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    at = datetime(2026, 1, 1, tzinfo=UTC)
    one = Recorded(arn, "s3:GetObject", "arn:aws:s3:::acme/x", at, allowed=True, issuer=arn)
    assert [row.fate for row in replayed(plan, None, [one]).rows] == ["stops"]


@pytest.mark.parametrize("row", ["R3", "R4"])
def test_protected_users_are_refused(account: Account, row: str) -> None:
    account.user(f"bot-{row}")
    with pytest.raises(Refused, match="is protected"):
        plan_for(account, row, {"user": f"bot-{row}"}, PlanContext("i", protected=(f"bot-{row}",)))
