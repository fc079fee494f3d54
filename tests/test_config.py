from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.config import Settings, SettingsError, load_settings

ACCOUNT = {
    "account_id": "111122223333",
    "evidence_role": "arn:aws:iam::111122223333:role/Evidence",
    "remediation_role": "arn:aws:iam::111122223333:role/Remediate",
}
COMPLETE = {
    "SLACK_BOT_TOKEN": "xoxb-secret",
    "SLACK_APP_TOKEN": "xapp-secret",
    "S3INCIDENT_ACCOUNTS": json.dumps([ACCOUNT]),
    "S3INCIDENT_APPROVERS": "S0APPROVE, U0SAM",
}


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (*COMPLETE, "SLACK_SIGNING_SECRET", "DATABASE_URL", "SLACK_API_URL", "S3INCIDENT_AUDITS"):
        monkeypatch.delenv(name, raising=False)


def load(monkeypatch: pytest.MonkeyPatch, purpose: str = "run", **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load_settings(purpose)


def refusal(monkeypatch: pytest.MonkeyPatch, purpose: str = "run", **environment: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load(monkeypatch, purpose, **environment)
    return str(refused.value)


def test_complete_settings_load(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, **COMPLETE)
    assert settings.approvers == ("S0APPROVE", "U0SAM")
    assert settings.account("111122223333").regions == ("us-east-1",)
    assert settings.database_url.startswith("sqlite:///")


def test_everything_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = refusal(monkeypatch)
    for name in COMPLETE:
        assert f"{name} is not set" in text


def test_wrong_and_missing_are_named_together_and_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    text = refusal(
        monkeypatch,
        SLACK_BOT_TOKEN="xoxb-secret",
        S3INCIDENT_APPROVERS="sam",
        S3INCIDENT_ACCOUNTS=json.dumps([ACCOUNT | {"evidence_role": "Evidence"}]),
    )
    assert "S3INCIDENT_APPROVERS: sam: give Slack ids" in text
    assert "S3INCIDENT_ACCOUNTS[0][evidence_role]" in text
    assert "SLACK_APP_TOKEN is not set" in text
    assert "SLACK_BOT_TOKEN is not set" not in text
    assert "secret" not in text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"timezone": "Mars/Olympus"}, "not an IANA timezone"),
        ({"daily": "0 9 * * 1-5"}, "write weekdays by name"),
        ({"weekly": "every monday"}, "is not cron"),
        ({"channel": "#security"}, "channel"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_audit_schedule_is_explained(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, str], sentence: str
) -> None:
    schedule = {"channel": "C0SECURITY", "account_id": "111122223333"} | change
    assert sentence in refusal(monkeypatch, **COMPLETE, S3INCIDENT_AUDITS=json.dumps([schedule]))


def test_settings_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = [f"{name}='{value}'" for name, value in COMPLETE.items()]
    (tmp_path / ".env").write_text("\n".join(lines))
    assert load(monkeypatch).slack_bot_token == "xoxb-secret"


def test_an_unknown_account_is_a_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="no settings for the AWS account 999988887777"):
        load(monkeypatch, **COMPLETE).account("999988887777")


def test_each_way_of_running_needs_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "SLACK_SIGNING_SECRET is not set" in refusal(monkeypatch, "web", **COMPLETE)
    assert load(monkeypatch, "db").database_url


def test_a_value_that_is_no_json_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    text = refusal(monkeypatch, **{**COMPLETE, "S3INCIDENT_ACCOUNTS": "[{secret"})
    assert "S3INCIDENT_ACCOUNTS: It is not JSON." in text
    assert "secret" not in text
