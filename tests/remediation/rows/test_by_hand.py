"""R13, R31 and R45: the commands are the ones that work, whatever names and policies hold."""

from __future__ import annotations

import json

import botocore.exceptions
import pytest

from bot.remediation.catalogue import remediation
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.plan import Plan
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.doing import CONTEXT, plan_for
from tests.remediation.rows.cases import CONTEXT as WITH_KEEP
from tests.remediation.rows.cases import ORGANIZATION, new_bucket
from tests.remediation.rows.cases_by_hand import (
    ENDPOINTS,
    attach_by_guide,
    commands,
    detach_policies,
    endpoint_policy,
    lock_out,
    new_endpoint,
    put_endpoint,
    run_aws,
)
from tests.remediation.rows.cases_protect import versioned

THIEF = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-0123"


class TestLockedOutBucket:
    def planned(self, account: Account, bucket: str) -> Plan:
        return plan_for(account, "R45", {"bucket": bucket})

    def test_nobody_but_the_root_user_gets_in(self, account: Account) -> None:
        new_bucket(account, "acme-locked")
        lock_out(account, "acme-locked")
        admin = account.of("s3", account.user("locked-admin", allow="*"))
        with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
            admin.delete_bucket_policy(Bucket="acme-locked")
        with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
            account.client("s3").list_objects_v2(Bucket="acme-locked")
        account.client("s3").get_bucket_policy(Bucket="acme-locked")

    def test_the_commands_keep_the_policy_and_take_it_away(self, account: Account) -> None:
        guide = " ".join(self.planned(account, "acme-locked").guide)
        assert "root-task/S3UnlockBucketPolicy --duration-seconds 900" in guide
        assert "get-bucket-policy --region us-east-1 --bucket acme-locked" in guide
        assert guide.index("get-bucket-policy") < guide.index("delete-bucket-policy")

    def test_a_bucket_that_is_not_locked(self, account: Account) -> None:
        new_bucket(account, "acme-unlocked")
        versioned(account, "acme-unlocked", "Enabled")
        with pytest.raises(NothingToDo, match="is not locked, nothing is left to do here"):
            self.planned(account, "acme-unlocked")

    def test_what_another_layer_denies_is_no_lock(self, account: Account) -> None:
        iam = account.client("iam")
        deny = {"Effect": "Deny", "Action": "s3:GetBucketPolicy", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
        iam.put_role_policy(RoleName="S3IncidentEvidence", PolicyName="no", PolicyDocument=document)
        try:
            with pytest.raises(Refused, match="It is not the policy of acme-unlocked that shuts the bot out"):
                self.planned(account, "acme-unlocked")
        finally:
            iam.delete_role_policy(RoleName="S3IncidentEvidence", PolicyName="no")


@pytest.fixture(scope="module", autouse=True)
def door(account: Account) -> None:
    new_endpoint(account, "acme-door")


class TestVpcEndpoint:
    def planned(self, account: Account, name: str, **more: str) -> Plan:
        return plan_for(account, "R31", {"vpc_endpoint": ENDPOINTS[name], **more}, CONTEXT)

    def test_a_session_is_denied_by_its_role(self, account: Account) -> None:
        plan = self.planned(account, "acme-door", principal=THIEF)
        statement = plan.after["Policy"]["Statement"][-1]
        denied = f"arn:aws:iam::{ACCOUNT}:role/app"
        assert statement["Condition"] == {"ArnLike": {"aws:PrincipalArn": [denied]}}
        assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:*")

    def test_the_way_back_is_a_command_too(self, account: Account) -> None:
        put_endpoint(account, "acme-door", endpoint_policy())
        plan = self.planned(account, "acme-door")
        run_aws(account, commands(plan)[0])
        (back,) = plan.irreversible
        run_aws(account, back[back.index("aws ec2") :])
        assert self.planned(account, "acme-door").before == plan.before

    def test_both_forms_stand_side_by_side(self, account: Account) -> None:
        run_aws(account, commands(self.planned(account, "acme-door"))[0])
        run_aws(account, commands(self.planned(account, "acme-door", principal=THIEF))[0])
        for more in ({}, {"principal": THIEF}):
            with pytest.raises(NothingToDo):
                self.planned(account, "acme-door", **more)

    def test_the_bot_s_own_roles_are_never_shut_out(self, account: Account) -> None:
        wanted = {"vpc_endpoint": ENDPOINTS["acme-door"], "principal": WITH_KEEP.protected[0]}
        with pytest.raises(Refused, match="is protected"):
            plan_for(account, "R31", wanted, WITH_KEEP)

    def test_an_endpoint_of_another_service(self, account: Account) -> None:
        new_endpoint(account, "acme-tables", "dynamodb")
        with pytest.raises(Refused, match=r"leads to com\.amazonaws\.us-east-1\.dynamodb, not to S3"):
            self.planned(account, "acme-tables")

    @pytest.mark.parametrize("given", ["", "vpce-1", "vpc-0123456789abcdef0", "vpce-0123456789abcdef0; rm"])
    def test_what_is_no_endpoint(self, account: Account, given: str) -> None:
        with pytest.raises(BadTarget, match="is not the id of a VPC endpoint"):
            plan_for(account, "R31", {"vpc_endpoint": given})

    def test_one_that_is_not_there(self, account: Account) -> None:
        with pytest.raises(TargetMissing, match="There is no VPC endpoint vpce-0123456789abcdef0"):
            plan_for(account, "R31", {"vpc_endpoint": "vpce-0123456789abcdef0"})


class TestControlPolicy:
    def test_the_principal_is_stopped_and_nobody_else(self, account: Account) -> None:
        detach_policies(account)
        new_bucket(account, "acme-scp")
        thief, other = (account.of("s3", account.user(name)) for name in ("scp-thief", "scp-other"))
        principal = f"arn:aws:iam::{ACCOUNT}:user/scp-thief"
        plan = plan_for(account, "R13", {"principal": principal}, CONTEXT)
        thief.list_objects_v2(Bucket="acme-scp")
        attach_by_guide(account, plan)
        with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
            thief.list_objects_v2(Bucket="acme-scp")
        other.list_objects_v2(Bucket="acme-scp")
        with pytest.raises(NothingToDo, match="is attached to 111122223333: nothing is left"):
            plan_for(account, "R13", {"principal": principal}, CONTEXT)
        detach_policies(account)

    def test_everybody_outside_of_the_organization(self, account: Account) -> None:
        plan = plan_for(account, "R13", {"principal": ORGANIZATION}, CONTEXT)
        assert plan.before["Type"] == "RESOURCE_CONTROL_POLICY"
        (statement,) = plan.after["Policy"]["Statement"]
        assert statement["Condition"]["StringNotEqualsIfExists"] == {"aws:PrincipalOrgID": ORGANIZATION}
        assert (statement["Principal"], statement["Action"]) == ("*", "s3:*")

    def test_the_management_account_is_not_bound(self) -> None:
        kind = remediation("R13")
        target = kind.target(ACCOUNT, REGION, {"principal": f"arn:aws:iam::{ACCOUNT}:user/x"})
        state = {"AttachedTo": ACCOUNT, "Type": "SERVICE_CONTROL_POLICY", "Management": True, "Policy": None}
        with pytest.raises(Refused, match="management account, which no control policy binds"):
            kind.plan(target, state, CONTEXT)
        assert kind.approvals == 2

    def test_the_bot_s_own_roles_are_never_denied(self, account: Account) -> None:
        with pytest.raises(Refused, match="is protected"):
            plan_for(account, "R13", {"principal": WITH_KEEP.protected[0]}, WITH_KEEP)

    def test_a_target_that_the_organization_does_not_have(self, account: Account) -> None:
        with pytest.raises(TargetMissing, match="has no account, unit or root 444455556666"):
            plan_for(account, "R13", {"principal": ORGANIZATION, "attach_to": "444455556666"}, CONTEXT)

    @pytest.mark.parametrize("given", ["", "thief", "o-x", "arn:aws:s3:::acme"])
    def test_what_cannot_be_contained(self, account: Account, given: str) -> None:
        with pytest.raises(BadTarget, match="is neither the ARN of a user, role or session"):
            plan_for(account, "R13", {"principal": given}, CONTEXT)
