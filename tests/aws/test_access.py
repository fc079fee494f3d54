"""Roles and sessions, against real AssumeRole calls."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import time_machine

from bot.aws.access import AwsAccess, StepSession
from bot.aws.errors import AwsRefused
from bot.config import SettingsError
from tests.aws.account import ACCOUNT, EVIDENCE_ROLE, Account

ONLY_READ_ONE_USER = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "iam:GetUser",
                "Resource": f"arn:aws:iam::{ACCOUNT}:user/s3incident",
            }
        ],
    }
)
STEP = StepSession("inc-0001.p1", "slack-T01-U02", ONLY_READ_ONE_USER, {"incident": "inc-0001"})


def test_the_base_identity_is_the_user_of_the_environment(account: Account) -> None:
    identity = account.access.identity()
    assert (identity.account_id, identity.arn) == (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/s3incident")


def test_the_reader_is_the_evidence_role_and_opens_its_session_once(account: Account) -> None:
    reader = account.access.reader(ACCOUNT)
    arn = reader.call("sts", "get_caller_identity", {}).data["Arn"]
    reader.call("iam", "list_users", {})
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/S3IncidentEvidence/inc-evidence"
    assert account.access.reader(ACCOUNT) is reader
    roles = [record["requestParameters"]["roleArn"] for record in account.records("AssumeRole")]
    assert roles.count(EVIDENCE_ROLE) == 1


def test_a_step_can_do_its_policy_and_nothing_else(account: Account) -> None:
    step = account.access.step(ACCOUNT, STEP)
    assert step.call("iam", "get_user", {"UserName": "s3incident"}).data["User"]["UserName"] == "s3incident"
    with pytest.raises(AwsRefused, match="AccessDenied"):
        step.call("iam", "list_users", {})


def test_a_step_is_named_after_the_incident_and_its_approver(account: Account) -> None:
    account.access.step(ACCOUNT, STEP).call("iam", "get_user", {"UserName": "s3incident"})
    identity = account.records("GetUser")[-1]["userIdentity"]
    assert identity["arn"].endswith("assumed-role/S3IncidentRemediate/inc-0001.p1")
    assert identity["sessionContext"]["sourceIdentity"] == "slack-T01-U02"


def test_an_unknown_account_is_named(account: Account) -> None:
    with pytest.raises(SettingsError, match="999999999999"):
        account.access.reader("999999999999")


def test_the_evidence_session_is_renewed_before_it_ends(account: Account) -> None:
    reader = AwsAccess(account.settings).reader(ACCOUNT)
    reader.call("iam", "list_users", {})
    before = len(account.records("AssumeRole"))
    reader.call("iam", "list_users", {})
    assert len(account.records("AssumeRole")) == before
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=50)):
        reader.call("iam", "list_users", {})
    assert len(account.records("AssumeRole")) == before + 1


class _Overfull(BaseHTTPRequestHandler):
    """An STS for which policy and tags together are too large."""

    def do_POST(self) -> None:
        body = (
            b"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId>"
            b"<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
            b"<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            b"<PackedPolicySize>101</PackedPolicySize></AssumeRoleResult></AssumeRoleResponse>"
        )
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def test_an_overfull_session_is_not_used(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    with HTTPServer(("127.0.0.1", 0), _Overfull) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        try:
            with pytest.raises(AwsRefused, match="split the step"):
                AwsAccess(account.settings).step(ACCOUNT, STEP)
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("name", ["x", "a b", "n" * 65, "aws:me", "ünicode", ""])
def test_names_that_sts_would_refuse_are_refused_here(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name an STS session"):
        StepSession(name, "slack-T01-U02", "{}")
    with pytest.raises(ValueError, match="cannot name an STS session"):
        StepSession("inc-0001.p1", name, "{}")


def test_a_policy_that_is_too_long_is_refused_here() -> None:
    with pytest.raises(ValueError, match="2049 characters"):
        StepSession("inc-0001.p1", "slack-T01-U02", "x" * 2049)
