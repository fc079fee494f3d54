"""R28: the theft stops, the owner's own copies go on, and only what writes a role needs to pass it."""

from __future__ import annotations

import pytest

from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.undo import undo_plan
from tests.aws.account import Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import new_bucket
from tests.remediation.rows.cases_bucket import (
    COPYING_ROLE,
    THEFT,
    copies,
    put_replication,
    replicating_bucket,
    replication,
)

OWN = copies("disaster-recovery", "acme-replica", 1)


def test_the_owner_s_rule_stays(account: Account) -> None:
    replicating_bucket(account, "acme-copy-1")
    put_replication(account, "acme-copy-1", replication(OWN, THEFT))
    plan = plan_for(account, "R28", {"bucket": "acme-copy-1", "rule": "sync"})
    assert carry_out(account, plan).outcome == "verified"
    left = account.client("s3").get_bucket_replication(Bucket="acme-copy-1")["ReplicationConfiguration"]
    assert left == {"Role": COPYING_ROLE, "Rules": [OWN]}
    assert "arn:aws:s3:::outside-archive of account 444455556666" in plan.affected[0]


def test_the_role_is_passed_only_where_a_configuration_is_written(account: Account) -> None:
    replicating_bucket(account, "acme-copy-2")
    put_replication(account, "acme-copy-2", replication(THEFT))
    plan = plan_for(account, "R28", {"bucket": "acme-copy-2"})
    assert [one.action for one in plan.calls[0].permissions] == ["s3:PutReplicationConfiguration"]
    assert [(one.action, one.resource) for one in plan.undo[0].permissions[1:]] == [
        ("iam:PassRole", COPYING_ROLE)
    ]


def test_an_undo_whose_versioning_is_gone_fails_and_says_so(account: Account) -> None:
    replicating_bucket(account, "acme-copy-3")
    put_replication(account, "acme-copy-3", replication(THEFT))
    plan = plan_for(account, "R28", {"bucket": "acme-copy-3"})
    carry_out(account, plan)
    suspended = {"Status": "Suspended"}
    account.client("s3").put_bucket_versioning(Bucket="acme-copy-3", VersioningConfiguration=suspended)
    undone = carry_out(account, undo_plan(plan))
    assert (undone.outcome, "Versioning must be 'Enabled'" in undone.sentence) == ("failed", True)


def test_nothing_replicated_is_nothing_to_do_and_a_rule_of_no_name_is_refused(account: Account) -> None:
    new_bucket(account, "acme-copy-4")
    with pytest.raises(NothingToDo, match="replicates nothing"):
        plan_for(account, "R28", {"bucket": "acme-copy-4"})
    replicating_bucket(account, "acme-copy-5")
    put_replication(account, "acme-copy-5", replication(OWN))
    with pytest.raises(Refused, match=r"nothing named 'sync'. There is: 'disaster-recovery'"):
        plan_for(account, "R28", {"bucket": "acme-copy-5", "rule": "sync"})
