"""R20: every open bucket closes, and the approvers, two of them, see which."""

from __future__ import annotations

import pytest

from bot.remediation.catalogue import remediation
from bot.remediation.errors import BadTarget, NothingToDo
from bot.remediation.plan import compared
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.doing import MemoryJournal, carry_out, plan_for
from tests.remediation.rows.cases import (
    CONTEXT,
    EVERYBODY,
    FLAGS,
    account_block,
    acl,
    grant,
    new_bucket,
    put_acl,
)
from tests.remediation.rows.test_block_public_access import opened, status

WANTED = {"account": ACCOUNT}


def test_every_open_bucket_is_named_and_closes_and_comes_back(account: Account) -> None:
    opened(account, "acme-all-1")
    new_bucket(account, "acme-all-2")
    put_acl(account, "acme-all-2", acl([grant("READ", uri=EVERYBODY)]))
    new_bucket(account, "acme-all-3")
    plan = plan_for(account, "R20", WANTED, CONTEXT)
    assert set(plan.before["Kept"]["Open"]) >= {"acme-all-1", "acme-all-2"}
    assert "acme-all-3" not in plan.before["Kept"]["Open"]
    said = [text for text in plan.affected if "acme-all-1 closes" in text]
    assert "its policy is public, its ACL grants READ to everybody on the internet" in said[0]
    url = f"{account.fake.endpoint}/acme-all-1/payslip"
    assert status(url) == 200
    assert carry_out(account, plan).outcome == "verified"
    assert status(url) == 403
    undone = carry_out(account, undo_plan(plan))
    assert (undone.outcome, undone.state) == ("verified", compared(plan.before))
    assert status(url) == 200


def test_a_bucket_that_opens_before_the_run_closes_too_and_is_kept(account: Account) -> None:
    """Whoever opens buckets cannot hold the change up; what it closed can be read in its record."""
    plan = plan_for(account, "R20", WANTED, CONTEXT)
    opened(account, "acme-all-4")
    journal = MemoryJournal()
    assert carry_out(account, plan, journal).outcome == "verified"
    assert "acme-all-4" in str(journal.kept)
    assert "acme-all-4" not in str(plan.before)


def test_two_people_must_agree() -> None:
    assert remediation("R20").approvals == 2


def test_on_already_is_nothing_to_do_and_another_account_is_no_target(account: Account) -> None:
    account_block(account, dict.fromkeys(FLAGS, True))
    with pytest.raises(NothingToDo, match=f"fully on for account {ACCOUNT}"):
        plan_for(account, "R20", WANTED, CONTEXT)
    account_block(account, None)
    with pytest.raises(BadTarget, match="not the incident's account"):
        remediation("R20").target(ACCOUNT, REGION, {"account": "444455556666"})
