"""R19: the public is out, the account's own people go on, and the ACL that S3 hides is kept."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest

from bot.remediation.contract import Observed, PlanContext
from bot.remediation.errors import NothingToDo, TargetMissing
from bot.remediation.rows.block_public_access import FLAGS
from bot.remediation.undo import undo_plan
from tests.aws.account import Account
from tests.remediation.doing import MemoryJournal, carry_out, plan_for
from tests.remediation.rows.cases import (
    AWS_USERS,
    CONTEXT,
    EVERYBODY,
    PUBLIC,
    acl,
    grant,
    new_bucket,
    policy,
    put_acl,
    put_policy,
)


def opened(account: Account, name: str) -> dict[str, str]:
    new_bucket(account, name)
    put_acl(account, name, acl([grant("READ", uri=EVERYBODY), grant("READ_ACP", uri=AWS_USERS)]))
    put_policy(account, name, policy(PUBLIC))
    account.client("s3").put_object(Bucket=name, Key="payslip", Body=b"1")
    return {"bucket": name}


def test_strangers_are_out_and_the_account_s_own_go_on(account: Account) -> None:
    wanted = opened(account, "acme-open-1")
    stranger, own = account.fake.endpoint + "/acme-open-1/payslip", account.user("payroll-1")
    assert status(stranger) == 200
    plan = plan_for(account, "R19", wanted)
    assert carry_out(account, plan).outcome == "verified"
    assert status(stranger) == 403
    account.of("s3", own).get_object(Bucket="acme-open-1", Key="payslip")
    assert carry_out(account, undo_plan(plan)).outcome == "verified"
    assert status(stranger) == 200


def status(url: str) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_plan_keeps_the_acl_that_s3_hides_afterwards(account: Account) -> None:
    plan = plan_for(account, "R19", opened(account, "acme-open-2"))
    carry_out(account, plan)
    shown = account.client("s3").get_bucket_acl(Bucket="acme-open-2")["Grants"]
    assert len(plan.before["Kept"]["Acl"]["Grants"]) == 3
    assert len(shown) == 1
    assert any("READ to everybody on the internet" in text for text in plan.affected)
    assert any("READ_ACP to every AWS account in the world" in text for text in plan.affected)


def test_an_acl_that_changes_before_the_run_is_kept_anew_and_hinders_nothing(account: Account) -> None:
    """As when the ACL is made private in the same batch; the attacker cannot stop it by churning the ACL."""
    plan = plan_for(account, "R19", opened(account, "acme-open-3"))
    put_acl(account, "acme-open-3", acl([grant("WRITE", uri=EVERYBODY)]))
    journal = MemoryJournal()
    assert carry_out(account, plan, journal).outcome == "verified"
    assert journal.kept == [{"Acl": acl([grant("WRITE", uri=EVERYBODY)])}]


def test_an_older_change_is_undone_after_it(account: Account) -> None:
    """S3 takes no public policy back while it is on, so its undo comes first."""
    wanted = opened(account, "acme-open-4")
    first = plan_for(account, "R18", wanted)
    carry_out(account, first)
    second = plan_for(account, "R19", wanted)
    carry_out(account, second)
    refused = carry_out(account, undo_plan(first))
    assert refused.outcome == "failed"
    assert "BlockPublicPolicy" in refused.sentence
    assert [carry_out(account, undo_plan(one)).outcome for one in (second, first)] == ["verified"] * 2


def test_fully_on_is_nothing_to_do_and_a_missing_bucket_is_named(account: Account) -> None:
    new_bucket(account, "acme-open-5")
    account.client("s3").put_public_access_block(
        Bucket="acme-open-5", PublicAccessBlockConfiguration=dict.fromkeys(FLAGS, True)
    )
    with pytest.raises(NothingToDo, match="fully on for acme-open-5"):
        plan_for(account, "R19", {"bucket": "acme-open-5"})
    with pytest.raises(TargetMissing, match="no bucket acme-never-made"):
        plan_for(account, "R19", {"bucket": "acme-never-made"})


def test_who_comes_from_outside_is_named_and_services_are_not(account: Account) -> None:
    seen = (
        Observed("anonymous", None, "unclear", ("203.0.113.9",), ("curl/8",), 6, None),
        Observed("arn:aws:iam::444455556666:user/partner", None, "known", (), (), 3, None),
        Observed("arn:aws:iam::111122223333:role/payroll-app", None, "known", (), (), 99, None),
        Observed("cloudtrail.amazonaws.com", None, "service", (), (), 9, None),
    )
    context = PlanContext("inc-0001", keep=CONTEXT.keep, observed=seen)
    plan = plan_for(account, "R19", opened(account, "acme-open-6"), context)
    stops = [text.split()[2] for text in plan.affected if text.startswith("Calls by")]
    assert stops == ["anonymous", "arn:aws:iam::444455556666:user/partner"]
