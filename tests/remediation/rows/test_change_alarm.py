"""R38: which events ring, where the log group is found, and what a human has to do."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest

from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.plan import Plan
from bot.remediation.rows.change_alarm import PATTERN
from tests.aws.account import Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases_protect import log_group, new_log_group, new_trail


def planned(account: Account, trail: str, **more: str) -> Plan:
    return plan_for(account, "R38", {"trail": trail, **more})


def rings(event: str) -> bool:
    """Whether the filter lets an event of this name through, by its own wildcards."""
    wanted = re.findall(r'\$\.eventName = "([^"]+)"', PATTERN)
    unwanted = re.findall(r'\$\.eventName != "([^"]+)"', PATTERN)
    return any(fnmatchcase(event, one) for one in wanted) and event not in unwanted


#: The nine of CIS 5.8, and what it misses.
CIS = ("PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle",
       "PutBucketReplication", "DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle",
       "DeleteBucketReplication")  # fmt: skip
MISSED = ("PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock", "PutAccountPublicAccessBlock",
          "DeleteAccountPublicAccessBlock", "PutBucketOwnershipControls", "DeleteBucketOwnershipControls",
          "PutBucketVersioning", "PutBucketLogging", "PutBucketEncryption", "DeleteBucketEncryption",
          "PutBucketNotification", "PutBucketObjectLockConfiguration", "PutAccessPointPolicy",
          "CreateAccessPoint", "CreateAccessGrant", "JobCreated")  # fmt: skip


@pytest.mark.parametrize("event", [*CIS, *MISSED])
def test_it_rings_for(event: str) -> None:
    assert rings(event)


@pytest.mark.parametrize(
    "event", ["GetObject", "PutObject", "ListBuckets", "GetBucketPolicy", "PutBucketTagging"]
)
def test_it_does_not_ring_for(event: str) -> None:
    assert not rings(event)


def test_the_filter_fits() -> None:
    assert len(PATTERN) <= 1024
    assert PATTERN.count("(") == PATTERN.count(")")


def test_the_log_group_of_the_trail(account: Account) -> None:
    new_trail(account, "acme-alarm")
    with pytest.raises(Refused, match="delivers into no log group of CloudWatch Logs"):
        planned(account, "acme-alarm-trail")
    new_log_group(account, "CloudTrail/acme")
    account.client("cloudtrail").update_trail(
        Name="acme-alarm-trail",
        CloudWatchLogsLogGroupArn=f"{log_group('CloudTrail/acme')}:*",
        CloudWatchLogsRoleArn="arn:aws:iam::111122223333:role/logs",
    )
    plan = planned(account, "acme-alarm-trail")
    assert plan.target.id == log_group("CloudTrail/acme")
    assert carry_out(account, plan).outcome == "verified"
    with pytest.raises(NothingToDo, match="The alarm on CloudTrail/acme is there"):
        planned(account, f"{log_group('CloudTrail/acme')}:*")


def test_whoever_is_told_has_to_confirm_and_that_is_said(account: Account) -> None:
    new_log_group(account, "mails")
    assert "Nobody is subscribed yet" in planned(account, log_group("mails")).warnings[0]
    warning = planned(account, log_group("mails"), email="sec@example.com").warnings[0]
    assert "sec@example.com gets a mail from AWS, and a human must click" in warning


def test_a_topic_that_was_there_stays_with_its_subscriber(account: Account) -> None:
    new_log_group(account, "second")
    assert carry_out(account, planned(account, log_group("second"))).outcome == "verified"
    plan = planned(account, log_group("second"), email="sec@example.com")
    assert [call.operation for call in plan.calls] == ["subscribe"]
    assert "can unsubscribe" in plan.irreversible[0].replace("\n", " ")
    assert plan.undo == ()


@pytest.mark.parametrize("email", ["x", "a b@example.com", "<!channel>@example.com", "a@b"])
def test_what_is_no_address(account: Account, email: str) -> None:
    with pytest.raises(BadTarget, match="is not an e-mail address"):
        planned(account, log_group("mails"), email=email)


def test_log_groups_that_are_not_there(account: Account) -> None:
    with pytest.raises(TargetMissing, match="There is no log group nowhere"):
        planned(account, log_group("nowhere"))
    with pytest.raises(BadTarget, match="is not a log group of account"):
        planned(account, log_group("x").replace("111122223333", "444455556666"))
