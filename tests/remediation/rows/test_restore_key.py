"""R32: the key is the owner's again, nobody is locked out of it, and no deletion is ever asked for."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from bot.policy.document import parse
from bot.remediation.catalogue import remediation
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, REGION, REMEDIATION_ROLE, Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import CONTEXT
from tests.remediation.rows.cases_keys import (
    LOGS,
    OUTSIDER,
    OWNER,
    THEIRS,
    THROUGH_S3,
    give,
    key_policy,
    new_key,
    put_key_policy,
    statement,
)


def test_only_the_statement_for_outsiders_goes(account: Account) -> None:
    arn = new_key(account, "k1")
    put_key_policy(account, arn, key_policy(OWNER, THROUGH_S3, THEIRS, LOGS)["KeyPolicy"])
    plan = plan_for(account, "R32", {"key": arn, "act": "restore-policy"}, CONTEXT)
    assert carry_out(account, plan).outcome == "verified"
    text = account.client("kms").get_key_policy(KeyId=arn, PolicyName="default")["Policy"]
    assert parse(text).source == key_policy(OWNER, THROUGH_S3, LOGS)["KeyPolicy"]
    assert "Support lets account 444455556666 do kms:Decrypt, kms:CreateGrant" in plan.affected[0]


def test_a_named_statement_goes_and_a_deny_never_does(account: Account) -> None:
    arn = new_key(account, "k2")
    deny = {**statement("Guard", "*", "kms:ScheduleKeyDeletion"), "Effect": "Deny"}
    inside = statement("Backdoor", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:Decrypt")
    put_key_policy(account, arn, key_policy(OWNER, inside, deny)["KeyPolicy"])
    with pytest.raises(NothingToDo, match="No statement in the policy"):
        plan_for(account, "R32", {"key": arn, "act": "restore-policy"}, CONTEXT)
    plan = plan_for(account, "R32", {"key": arn, "statement": "Backdoor"}, CONTEXT)
    assert plan.after["KeyPolicy"]["Statement"] == [OWNER, deny]
    with pytest.raises(Refused, match=r"Statement Guard .* denies"):
        plan_for(account, "R32", {"key": arn, "statement": "Guard"}, CONTEXT)
    with pytest.raises(Refused, match="has no statement Nobody"):
        plan_for(account, "R32", {"key": arn, "statement": "Nobody"}, CONTEXT)


def test_nobody_is_locked_out_of_a_key() -> None:
    kind = remediation("R32")
    target = kind.target(ACCOUNT, REGION, {"key": "k", "statement": "Enable IAM User Permissions"})
    arn = {"Arn": target.id}
    with pytest.raises(Refused, match="S3IncidentEvidence could no longer change it"):
        kind.plan(target, {**arn, **key_policy(OWNER, LOGS)}, CONTEXT)
    alone = statement("Bot", {"AWS": REMEDIATION_ROLE})
    with pytest.raises(Refused, match="no statement would remain"):
        kind.plan(target, {**arn, **key_policy(OWNER)}, CONTEXT)
    outsiders = kind.target(ACCOUNT, REGION, {"key": "k", "act": "restore-policy"})
    kept = kind.plan(outsiders, {**arn, **key_policy(alone, THEIRS)}, CONTEXT).after["KeyPolicy"]
    assert kept["Statement"] == [alone]


def test_a_key_that_nobody_here_could_change_any_more_is_left_alone() -> None:
    kind = remediation("R32")
    target = kind.target(ACCOUNT, REGION, {"key": "k", "act": "restore-policy"})
    state = {"Arn": target.id, **key_policy(LOGS, THEIRS)}
    with pytest.raises(Refused, match="everybody could no longer change it"):
        kind.plan(target, state, CONTEXT)


def test_a_deletion_is_cancelled_and_never_scheduled_again(account: Account) -> None:
    kms, arn = account.client("kms"), new_key(account, "k3")
    kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    plan = plan_for(account, "R32", {"key": arn}, CONTEXT)
    assert [call.operation for call in plan.calls] == ["cancel_key_deletion", "enable_key"]
    assert carry_out(account, plan).outcome == "verified"
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == "Enabled"
    assert carry_out(account, undo_plan(plan)).outcome == "verified"
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == "Disabled"
    assert any("never asks for a key's deletion" in text for text in plan.irreversible)


def test_a_grant_is_revoked_for_good_and_the_card_says_how_to_give_it_again(account: Account) -> None:
    kms, arn = account.client("kms"), new_key(account, "k4")
    theirs, own = give(account, arn), give(account, arn)
    plan = plan_for(account, "R32", {"key": arn, "grant": theirs}, CONTEXT)
    assert carry_out(account, plan).outcome == "verified"
    assert [one["GrantId"] for one in kms.list_grants(KeyId=arn)["Grants"]] == [own]
    with pytest.raises(Refused, match="cannot be undone"):
        undo_plan(plan)
    assert f"create-grant --key-id {arn} --grantee-principal {OUTSIDER}" in plan.irreversible[0]
    with pytest.raises(NothingToDo, match="has no grant"):
        plan_for(account, "R32", {"key": arn, "grant": theirs}, CONTEXT)
    with pytest.raises(Refused, match="no grant without an id"):
        plan_for(account, "R32", {"key": arn, "act": "revoke-grant"}, CONTEXT)


def test_disabling_cuts_everybody_off_until_the_undo(account: Account) -> None:
    kms, arn = account.client("kms"), new_key(account, "k5")
    plan = plan_for(account, "R32", {"key": arn, "act": "disable"}, CONTEXT)
    carry_out(account, plan)
    with pytest.raises(ClientError, match="DisabledException"):
        kms.encrypt(KeyId=arn, Plaintext=b"x")
    carry_out(account, undo_plan(plan))
    kms.encrypt(KeyId=arn, Plaintext=b"x")


def test_a_key_is_found_by_its_alias_and_what_is_changed_is_the_key(account: Account) -> None:
    kms, arn = account.client("kms"), new_key(account, "k6")
    kms.create_alias(AliasName="alias/payroll", TargetKeyId=arn)
    plan = plan_for(account, "R32", {"key": "alias/payroll", "act": "disable"}, CONTEXT)
    assert (plan.target.id, plan.calls[0].params) == (arn, {"KeyId": arn})


def test_what_makes_no_sense_is_said(account: Account) -> None:
    arn = new_key(account, "k7")
    with pytest.raises(Refused, match=r"is Enabled\. Say what to do"):
        plan_for(account, "R32", {"key": arn}, CONTEXT)
    with pytest.raises(NothingToDo, match="is Enabled: enable does nothing"):
        plan_for(account, "R32", {"key": arn, "act": "enable"}, CONTEXT)
    with pytest.raises(TargetMissing, match="There is no key"):
        plan_for(account, "R32", {"key": "1234abcd-0000-0000-0000-000000000000", "act": "disable"}, CONTEXT)
    kind = remediation("R32")
    with pytest.raises(BadTarget, match="is nothing that this does"):
        kind.target(ACCOUNT, REGION, {"key": arn, "act": "schedule-deletion"})
    with pytest.raises(BadTarget, match="a key of another account"):
        kind.target(ACCOUNT, REGION, {"key": arn.replace(ACCOUNT, "444455556666")})
    with pytest.raises(BadTarget, match="is no key"):
        kind.target(ACCOUNT, REGION, {"key": "my key"})
    waiting = {"Arn": arn, "Aspect": "state", "KeyState": "PendingImport"}
    with pytest.raises(Refused, match="import-key-material"):
        kind.plan(kind.target(ACCOUNT, REGION, {"key": arn}), waiting, CONTEXT)
