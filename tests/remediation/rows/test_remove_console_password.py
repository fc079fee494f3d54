"""R8: the password is gone for good, and people know before they agree."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.remediation.catalogue import remediation
from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.listing import entry
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import CONTEXT
from tests.remediation.rows.cases_credentials import device_of


def test_the_password_goes_and_what_iam_shows_of_it_is_kept(account: Account) -> None:
    iam = account.client("iam")
    account.user("maria-1")
    iam.create_login_profile(UserName="maria-1", Password="Correct-horse-7", PasswordResetRequired=True)
    plan = plan_for(account, "R8", {"user": "maria-1"}, CONTEXT)
    assert plan.before["LoginProfile"]["PasswordResetRequired"] is True
    assert plan.before["LoginProfile"]["CreateDate"].startswith("20")
    assert carry_out(account, plan).outcome == "verified"
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_login_profile(UserName="maria-1")


def test_a_password_that_was_set_anew_is_another_one(account: Account) -> None:
    """The attacker, or an administrator, was faster: people decide again."""
    iam = account.client("iam")
    account.user("maria-2")
    iam.create_login_profile(UserName="maria-2", Password="Correct-horse-7")
    plan = plan_for(account, "R8", {"user": "maria-2"}, CONTEXT)
    iam.delete_login_profile(UserName="maria-2")
    iam.create_login_profile(UserName="maria-2", Password="Other-horse-8", PasswordResetRequired=True)
    assert carry_out(account, plan).outcome == "stale"


def test_that_nothing_puts_it_back_is_said_everywhere() -> None:
    kind = remediation("R8")
    assert not entry(kind)["reversible"]
    assert "cannot be put back" in kind.undo_warning


def test_no_password_is_nothing_to_do_and_the_bot_is_left_alone(account: Account) -> None:
    account.user("maria-3")
    with pytest.raises(NothingToDo, match="maria-3 has no console password"):
        plan_for(account, "R8", {"user": "maria-3"}, CONTEXT)
    protected = replace(CONTEXT, protected=("maria-*",))
    with pytest.raises(Refused, match="is protected"):
        plan_for(account, "R8", {"user": "maria-3"}, protected)


def test_a_device_goes_and_the_password_stays(account: Account) -> None:
    account.user("two-devices")
    iam = account.client("iam")
    iam.create_login_profile(UserName="two-devices", Password="Correct-horse-7-battery")
    serial = device_of(iam, "two-devices")
    plan = plan_for(account, "R8", {"user": "two-devices", "mfa_device": serial})
    assert [call.operation for call in plan.calls] == ["deactivate_mfa_device"]
    assert any("enabled anew" in one for one in plan.irreversible)
    assert carry_out(account, plan).outcome == "verified"
    assert iam.list_mfa_devices(UserName="two-devices")["MFADevices"] == []
    assert iam.get_login_profile(UserName="two-devices")["LoginProfile"]
    with pytest.raises(NothingToDo, match="has no MFA device"):
        plan_for(account, "R8", {"user": "two-devices", "mfa_device": serial})
    with pytest.raises(BadTarget):
        remediation("R8").target(ACCOUNT, REGION, {"user": "two-devices", "mfa_device": "no serial"})
