"""What planning tells the lock-out guard about replication, and its approver when it cannot know."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.incidents.replicating import warned, with_replication
from bot.remediation.catalogue import remediation
from bot.remediation.contract import PlanContext
from bot.remediation.errors import Refused
from tests.aws.account import ACCOUNT, REGION, Account, running
from tests.aws.test_replication import ROLE, Refusing, replicate

CONTEXT = PlanContext("inc-0001")


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running() as made:
        replicate(made, "acme-source", "acme-copy")
        yield made


def test_a_plan_that_stops_replication_is_refused(account: Account) -> None:
    row, reader = remediation("R14"), account.access.reader(ACCOUNT)
    target = row.target(ACCOUNT, REGION, {"bucket": "acme-copy", "principal": ROLE})
    context, unsure = with_replication(reader, target, CONTEXT)
    assert (context.replicating, unsure) == ((ROLE,), "")
    with pytest.raises(Refused, match="replication"):
        row.plan(target, row.snapshot(reader, target), context)


def test_what_could_not_be_read_is_said_to_the_approver(account: Account) -> None:
    row = remediation("R14")
    target = row.target(
        ACCOUNT, REGION, {"bucket": "acme-copy", "principal": f"arn:aws:iam::{ACCOUNT}:user/thief"}
    )
    reader = Refusing(account.access.reader(ACCOUNT), "acme-source")
    context, unsure = with_replication(reader, target, CONTEXT)  # type: ignore[arg-type]
    assert context.replicating == ()
    plan = row.plan(target, row.snapshot(account.access.reader(ACCOUNT), target), context)
    told = warned(plan, unsure)
    assert told.warnings[-1].startswith("The replication settings of acme-source could not be read")
    assert told.digest == plan.digest
    assert warned(plan, "") == plan
