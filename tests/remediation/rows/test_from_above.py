"""R9 and R41: what the bot sees of Identity Center and Trusted Advisor, and what it says where it cannot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.remediation.catalogue import remediation
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.doing import CONTEXT, plan_for
from tests.remediation.rows.cases import new_bucket, policy, put_policy, statement
from tests.remediation.rows.cases_by_hand import close_bucket, new_person, open_bucket, refresh


class TestIdentityCenterUser:
    def test_sessions_that_were_issued_are_denied_by_the_user_s_id(self, account: Account) -> None:
        new_person(account, "mallory@example.com")
        plan = plan_for(account, "R9", {"user": "mallory@example.com"})
        guide = " ".join(plan.guide)
        assert f'"identitystore:userId": "{plan.before["UserId"]}"' in guide
        assert f'"aws:TokenIssueTime": "{CONTEXT.now:%Y-%m-%dT%H:%M:%SZ}"' in guide
        assert "AWS does not show the bot whether it is there" in plan.warnings[0]

    def test_a_person_that_is_not_there(self, account: Account) -> None:
        with pytest.raises(TargetMissing, match="Identity Center has no user nobody"):
            plan_for(account, "R9", {"user": "nobody"})

    def test_where_aws_shows_no_status_there_is_nothing_to_wait_for(self) -> None:
        kind = remediation("R9")
        target = kind.target(ACCOUNT, REGION, {"user": "old"})
        state = {"IdentityStore": "d-1", "User": "old", "UserId": "u", "Status": None}
        with pytest.raises(Refused, match="AWS does not show whether old is enabled"):
            kind.plan(target, state, CONTEXT)

    @pytest.mark.parametrize("name", ["", "two words", "x" * 129])
    def test_what_is_no_name(self, account: Account, name: str) -> None:
        with pytest.raises(BadTarget, match="cannot be the name of an Identity Center user"):
            plan_for(account, "R9", {"user": name})


class TestTrustedAdvisor:
    @pytest.fixture
    def without_plan(self, account: Account) -> Iterator[None]:
        account.fake.safeguards.trusted_advisor.subscribed = False
        yield
        account.fake.safeguards.trusted_advisor.subscribed = True

    @pytest.mark.usefixtures("without_plan")
    def test_without_a_support_plan_other_ways_are_named(self, account: Account) -> None:
        new_bucket(account, "acme-plain")
        with pytest.raises(Refused, match=r"need a Business.*support plan.*Access Analyzer \(R40\)"):
            plan_for(account, "R41", {"bucket": "acme-plain"})

    def test_it_says_what_was_as_of_its_last_refresh(self, account: Account) -> None:
        new_bucket(account, "acme-advised")
        refresh(account)
        with pytest.raises(NothingToDo, match="has nothing against acme-advised as of its last refresh"):
            plan_for(account, "R41", {"bucket": "acme-advised"})
        open_bucket(account, "acme-advised", "error")
        plan = plan_for(account, "R41", {"bucket": "acme-advised"})
        assert (plan.before["Status"], plan.before["Check"]) == ("error", "Pfx0RwqBli")
        assert "--region us-east-1 --check-id Pfx0RwqBli" in plan.guide[1]
        close_bucket(account, "acme-advised")

    def test_a_public_policy_is_yellow(self, account: Account) -> None:
        new_bucket(account, "acme-advised-too")
        put_policy(account, "acme-advised-too", policy(statement("Anyone", Action="s3:ListBucket",
                   Resource="arn:aws:s3:::acme-advised-too")))  # fmt: skip
        refresh(account)
        assert plan_for(account, "R41", {"bucket": "acme-advised-too"}).before["Status"] == "warning"
