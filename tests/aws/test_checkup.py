"""The check-up of AWS's side: what the bot may ask, and which services could tell it something."""

from __future__ import annotations

import pytest

from bot.aws.checkup import checkup
from bot.checkup import Line
from tests.aws.account import ACCOUNT, Account
from tests.aws.watched import let_ask


def line(account: Account, what: str) -> Line:
    [found] = [one for one in checkup(account.settings, account.access) if one.what.startswith(what)]
    return found


@pytest.mark.parametrize("what", ["AWS identity", "Evidence role", "Remediation role"])
def test_the_roles_can_be_assumed(account: Account, what: str) -> None:
    assert line(account, what).state == "well"


def test_no_trail_is_a_worry(account: Account) -> None:
    found = line(account, "Trails of")
    assert (found.state, found.found) == ("worry", "no trail is logging")


def test_further_evidence_from_refused_over_off_to_on(account: Account) -> None:
    refused = line(account, "Further evidence")
    assert (refused.state, "AccessDenied" in refused.found) == ("worry", True)
    let_ask(account)
    off = line(account, "Further evidence")
    assert (off.state, off.found) == ("well", "GuardDuty is off, Access Analyzer is off, AWS Config is off")
    account.client("guardduty").create_detector(Enable=True)
    account.client("accessanalyzer").create_analyzer(analyzerName="outside", type="ACCOUNT")
    config = account.client("config")
    recorder = {"name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/config"}
    config.put_configuration_recorder(ConfigurationRecorder=recorder)
    assert "AWS Config is off" in line(account, "Further evidence").found
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "config-items"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    on = line(account, "Further evidence").found
    assert on == "GuardDuty is on, Access Analyzer is on, AWS Config is on"
