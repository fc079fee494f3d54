"""R21: the ACL's strangers are out; what S3 needs stays; what S3 hides is not said to be gone."""

from __future__ import annotations

import pytest

from bot.remediation.errors import NothingToDo
from bot.remediation.plan import compared
from bot.remediation.rows.block_public_access import FLAGS
from bot.remediation.undo import undo_plan
from tests.aws.account import Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import (
    EVERYBODY,
    LOG_DELIVERY,
    OTHER,
    OWNERS,
    acl,
    grant,
    new_bucket,
    put_acl,
)

LOGS = grant("WRITE", uri=LOG_DELIVERY)


def with_acl(account: Account, name: str, *grants: dict[str, object]) -> dict[str, str]:
    new_bucket(account, name)
    put_acl(account, name, acl(list(grants)))
    return {"bucket": name}


def test_log_delivery_stays_and_everybody_else_goes(account: Account) -> None:
    wanted = with_acl(
        account, "acme-acl-1", LOGS, grant("READ", uri=EVERYBODY), grant("READ", canonical=OTHER)
    )
    plan = plan_for(account, "R21", wanted)
    assert carry_out(account, plan).outcome == "verified"
    assert plan.after["Acl"]["Grants"] == [LOGS, OWNERS]
    assert "Everybody on the internet loses READ on the bucket." in plan.affected
    assert any(OTHER in text for text in plan.affected)
    assert plan.irreversible == ()


def test_under_block_public_access_what_the_undo_cannot_restore_is_said(account: Account) -> None:
    wanted = with_acl(account, "acme-acl-2", grant("READ", uri=EVERYBODY), grant("READ", canonical=OTHER))
    block = {**dict.fromkeys(FLAGS, False), "IgnorePublicAcls": True}
    account.client("s3").put_public_access_block(Bucket="acme-acl-2", PublicAccessBlockConfiguration=block)
    plan = plan_for(account, "R21", wanted)
    assert any("hides public grants" in text for text in plan.irreversible)
    assert [carry_out(account, one).outcome for one in (plan, undo_plan(plan))] == ["verified"] * 2


def test_hidden_grants_are_not_called_private_without_a_word(account: Account) -> None:
    wanted = with_acl(account, "acme-acl-3", grant("READ", uri=EVERYBODY))
    block = dict.fromkeys(FLAGS, True)
    account.client("s3").put_public_access_block(Bucket="acme-acl-3", PublicAccessBlockConfiguration=block)
    with pytest.raises(NothingToDo, match="would hide public grants"):
        plan_for(account, "R21", wanted)


def test_private_is_nothing_to_do(account: Account) -> None:
    with pytest.raises(NothingToDo, match=r"nothing is left to do here\.$"):
        plan_for(account, "R21", with_acl(account, "acme-acl-4", LOGS))


def test_the_acl_before_block_public_access_is_the_order_that_leaves_nothing_behind(account: Account) -> None:
    wanted = with_acl(account, "acme-acl-5", grant("READ", uri=EVERYBODY))
    plans = []
    for row in ("R21", "R19", "R23"):
        plans.append(plan := plan_for(account, row, wanted))
        assert carry_out(account, plan).outcome == "verified"
    for plan in reversed(plans):
        assert carry_out(account, undo_plan(plan)).state == compared(plan.before)
