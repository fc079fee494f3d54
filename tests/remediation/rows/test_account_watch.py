"""R39 and R40: what stands against Config rules and analyzers, and what is there already."""

from __future__ import annotations

import botocore.exceptions
import pytest

from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.rows.config_rules import USUAL
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases_protect import no_analyzer, put_rule, recorder

_HERE = {"account": ACCOUNT}


class TestConfigRules:
    def test_without_a_recorder_nothing_is_put(self, account: Account) -> None:
        with pytest.raises(botocore.exceptions.ClientError, match="NoAvailableConfigurationRecorder"):
            put_rule(account, USUAL[0])
        with pytest.raises(Refused, match=r"Config records nothing in us-east-1.*Switch it on first"):
            plan_for(account, "R39", _HERE)
        recorder(account)
        account.client("config").stop_configuration_recorder(ConfigurationRecorderName="default")
        with pytest.raises(Refused, match="rules without a recorder see nothing"):
            plan_for(account, "R39", _HERE)

    def test_the_usual_rules_and_none_of_the_team_s_own_twice(self, account: Account) -> None:
        recorder(account)
        put_rule(account, USUAL[0], "team-public-read")
        plan = plan_for(account, "R39", _HERE)
        put = [call.params["ConfigRule"]["Source"]["SourceIdentifier"] for call in plan.calls]
        assert put == list(USUAL[1:])
        assert carry_out(account, plan).outcome == "verified"
        with pytest.raises(NothingToDo, match="has all of these rules, ours or others"):
            plan_for(account, "R39", _HERE)
        assert carry_out(account, undo_plan(plan)).outcome == "verified"
        left = account.client("config").describe_config_rules()["ConfigRules"]
        assert [one["ConfigRuleName"] for one in left] == ["team-public-read"]

    def test_only_rules_that_are_known(self, account: Account) -> None:
        with pytest.raises(BadTarget, match="S3_NONSENSE; there are S3_BUCKET_PUBLIC_READ_PROHIBITED"):
            plan_for(account, "R39", {**_HERE, "rules": "s3_bucket_acl_prohibited, S3_NONSENSE"})


class TestAccessAnalyzer:
    def test_one_of_a_team_s_own_is_enough(self, account: Account) -> None:
        no_analyzer(account, "")
        analyzers = account.client("accessanalyzer")
        analyzers.create_analyzer(analyzerName="team", type="ACCOUNT")
        with pytest.raises(
            NothingToDo, match=r"The analyzer team looks at this account in us-east-1 already"
        ):
            plan_for(account, "R40", _HERE)
        with pytest.raises(botocore.exceptions.ClientError, match="ServiceQuotaExceededException"):
            analyzers.create_analyzer(analyzerName="another", type="ACCOUNT")
        with pytest.raises(botocore.exceptions.ClientError, match="ConflictException"):
            analyzers.create_analyzer(analyzerName="team", type="ACCOUNT")

    def test_one_for_unused_access_is_something_else(self, account: Account) -> None:
        no_analyzer(account, "")
        account.client("accessanalyzer").create_analyzer(analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS")
        assert carry_out(account, plan_for(account, "R40", _HERE)).outcome == "verified"


@pytest.mark.parametrize("row", ["R39", "R40"])
def test_only_the_incident_s_account(account: Account, row: str) -> None:
    with pytest.raises(BadTarget, match="is not this incident's account"):
        plan_for(account, row, {"account": "444455556666"})
