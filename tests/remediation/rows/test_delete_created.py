"""R10: what is deleted, in which order, and what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.remediation.catalogue import remediation
from bot.remediation.contract import Observed, PlanContext
from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.plan import Plan
from bot.remediation.run import run
from bot.remediation.session_policy import session_policy
from bot.sandbox.aws.iam import passwords
from tests.aws.account import ACCOUNT, REGION, Account, policy_text
from tests.remediation.doing import CONTEXT, MemoryJournal, carry_out, plan_for, step
from tests.remediation.rows.cases_credentials import DENY_ALL, HANGING, MAKES, OFFLINE, READ_ONLY

USER = f"arn:aws:iam::{ACCOUNT}:user/acme"
SINCE = datetime(2025, 12, 31, 22, 0, tzinfo=UTC)


def pure(wanted: dict[str, str], export: dict[str, Any], context: PlanContext = CONTEXT) -> Plan:
    kind = remediation("R10")
    target = kind.target(ACCOUNT, REGION, wanted)
    return kind.plan(target, {"Kind": "", "Name": target.label, "Export": export}, context)


def user(**parts: Any) -> dict[str, Any]:
    return {**OFFLINE[0][1], **parts}


def test_a_user_with_everything_goes_in_the_order_that_iam_takes(account: Account) -> None:
    iam = account.client("iam")
    MAKES["user"](account, "intruder", tuple(HANGING))
    plan = plan_for(account, "R10", {"user": "intruder"})
    assert [call.operation for call in plan.calls] == [
        "delete_login_profile",
        "delete_access_key",
        "deactivate_mfa_device",
        "delete_ssh_public_key",
        "delete_signing_certificate",
        "delete_service_specific_credential",
        "delete_virtual_mfa_device",
        "remove_user_from_group",
        "delete_user_policy",
        "detach_user_policy",
        "detach_user_policy",
        "delete_user",
    ]
    detached = [call.params["PolicyArn"] for call in plan.calls if call.operation == "detach_user_policy"]
    assert detached == [READ_ONLY, DENY_ALL], "what stops it goes last"
    assert len(session_policy(plan)) <= 2048
    assert carry_out(account, plan).outcome == "verified"
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_user(UserName="intruder")
    left = [one["SerialNumber"] for one in iam.list_virtual_mfa_devices()["VirtualMFADevices"]]
    assert f"arn:aws:iam::{ACCOUNT}:mfa/intruder" not in left, "a device of the attacker's is deleted too"
    again = remediation("R10")
    target = again.target(ACCOUNT, REGION, {"user": "intruder"})
    with pytest.raises(NothingToDo, match="There is no user intruder"):
        again.plan(target, again.snapshot(account.access.reader(ACCOUNT), target), CONTEXT)


def test_a_deletion_that_aws_refused_half_way_is_planned_again_from_what_is_left(account: Account) -> None:
    MAKES["user"](account, "halfway", ("key", "inline"))
    plan = plan_for(account, "R10", {"user": "halfway"})
    account.fake.faults.fail("iam", "DetachUserPolicy", times=5)
    journal = MemoryJournal()
    stopped = carry_out(account, plan, journal)
    account.fake.faults.clear()
    assert stopped.outcome != "verified"
    assert "iam:delete_access_key" in stopped.sentence
    left = plan_for(account, "R10", {"user": "halfway"})
    assert [call.operation for call in left.calls] == ["detach_user_policy", "delete_user"]
    assert carry_out(account, left).outcome == "verified"


def test_devices_of_others_and_hardware_stay_what_they_are(account: Account) -> None:
    MAKES["user"](account, "innocent", ("device",))
    MAKES["user"](account, "plain")
    assert "delete_virtual_mfa_device" not in [
        call.operation for call in plan_for(account, "R10", {"user": "plain"}).calls
    ]
    hardware = pure({"user": "acme"}, user(MFADevices={"GAHT12345678": {}}, VirtualMFADevices={}))
    assert [call.operation for call in hardware.calls][:1] == ["deactivate_mfa_device"]
    assert "delete_virtual_mfa_device" not in [call.operation for call in hardware.calls]


def test_a_password_that_iam_is_still_making_is_waited_for(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """IAM refuses for a while; nothing took effect, so that asking again is safe."""
    monkeypatch.setattr(passwords, "BUSY", 60.0)
    iam = account.client("iam")
    MAKES["user"](account, "hasty")
    iam.create_login_profile(UserName="hasty", Password="Correct-horse-9")
    with pytest.raises(iam.exceptions.EntityTemporarilyUnmodifiableException):
        iam.delete_login_profile(UserName="hasty")
    plan = plan_for(account, "R8", {"user": "hasty"})
    pauses: list[float] = []

    def wait(seconds: float) -> None:
        pauses.append(seconds)
        monkeypatch.setattr(passwords, "BUSY", 60.0 if len(pauses) < 3 else 0.0)

    journal = MemoryJournal()
    result = run(
        plan,
        plan.digest,
        remediation("R8"),
        account.access.reader(ACCOUNT),
        lambda: step(account, plan),
        journal,
        sleep=wait,
    )
    assert result.outcome == "verified"
    assert pauses == [0.5, 1.0, 2.0]
    assert result.calls_made == 1


def test_a_password_that_stays_busy_halts_the_run_which_can_go_on_later(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "BUSY", 60.0)
    iam = account.client("iam")
    MAKES["user"](account, "busy")
    iam.create_login_profile(UserName="busy", Password="Correct-horse-9")
    plan = plan_for(account, "R10", {"user": "busy"})
    stuck = run(
        plan,
        plan.digest,
        remediation("R10"),
        account.access.reader(ACCOUNT),
        lambda: step(account, plan),
        MemoryJournal(),
        sleep=lambda _: None,
    )
    assert stuck.outcome == "halted"
    assert "EntityTemporarilyUnmodifiable" in stuck.sentence
    monkeypatch.setattr(passwords, "BUSY", 0.0)
    assert carry_out(account, plan_for(account, "R10", {"user": "busy"})).outcome == "verified"


def test_what_was_deleted_stays_in_the_plan(account: Account) -> None:
    MAKES["user"](account, "archived", ("key", "inline", "group"))
    key = account.client("iam").list_access_keys(UserName="archived")["AccessKeyMetadata"][0]["AccessKeyId"]
    plan = plan_for(account, "R10", {"user": "archived"})
    kept = plan.before["Export"]
    assert list(kept["AccessKeys"]) == [key]
    assert kept["InlinePolicies"]["work"]["Statement"][0]["Action"] == "s3:*"
    assert list(kept["Groups"]) == ["archived-group"]
    assert f"With it goes: AccessKeys {key}." in plan.irreversible
    assert remediation("R10").approvals == 2


def test_who_can_still_be_used_is_stopped_first() -> None:
    active = {"AccessKeys": {"AKIAEXAMPLEEXAMPLE12": {"Status": "Active"}}}
    with pytest.raises(Refused, match="Deny everything to it first"):
        pure({"user": "acme"}, user(**active, AttachedPolicies={}))
    assert pure({"user": "acme"}, user(**active, AttachedPolicies={DENY_ALL: "AWSDenyAll"})).calls
    inline = {"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
    assert pure({"user": "acme"}, user(**active, AttachedPolicies={}, InlinePolicies={"stop": inline})).calls
    some = {"Statement": [{**inline["Statement"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}
    with pytest.raises(Refused):
        pure({"user": "acme"}, user(**active, AttachedPolicies={}, InlinePolicies={"stop": some}))
    with pytest.raises(Refused, match="Deactivate it first"):
        pure(OFFLINE[5][0], {**OFFLINE[5][1], "Credential": {"Status": "Active"}})


def test_what_is_older_than_the_attack_is_not_deleted() -> None:
    context = replace(CONTEXT, since=SINCE)
    for wanted, export in OFFLINE:
        plan = pure(wanted, export, context)
        assert any("after the first suspicious act" in one for one in plan.warnings)
        with pytest.raises(Refused, match="before the first suspicious act"):
            pure(wanted, export, replace(CONTEXT, since=SINCE + timedelta(days=1)))
        assert any("No evidence says when" in one for one in pure(wanted, export).warnings)


def test_policies_in_use_by_the_bot_or_as_a_boundary_stay() -> None:
    wanted, export = OFFLINE[3]
    bot = f"arn:aws:iam::{ACCOUNT}:role/S3IncidentRemediate"
    with pytest.raises(Refused, match="is protected"):
        pure(
            wanted, {**export, "AttachedTo": {"role/S3IncidentRemediate": bot}}, PlanContext("i", keep=(bot,))
        )
    with pytest.raises(Refused, match="permissions boundary of 2"):
        pure(wanted, {**export, "BoundaryOf": 2})


def test_a_boundary_is_seen_in_aws(account: Account) -> None:
    wanted = MAKES["policy"](account, "bounding")
    iam = account.client("iam")
    iam.create_user(UserName="bounded")
    iam.put_user_permissions_boundary(UserName="bounded", PermissionsBoundary=wanted["policy_arn"])
    with pytest.raises(Refused, match="permissions boundary of 1"):
        plan_for(account, "R10", wanted)


def test_protected_principals_stay() -> None:
    with pytest.raises(Refused, match="is protected"):
        pure({"user": "acme"}, user(), PlanContext("i", protected=(USER,)))
    with pytest.raises(Refused, match="is protected"):
        pure(OFFLINE[5][0], OFFLINE[5][1], PlanContext("i", protected=(USER,)))


def test_who_used_it_is_told() -> None:
    seen = Observed(USER, "AKIAEXAMPLEEXAMPLE12", "suspect", ("198.51.100.7",), (), 3, None)
    context = PlanContext("i", observed=(seen,))
    for wanted, export in (OFFLINE[0], OFFLINE[5]):
        assert any("3 calls" in one for one in pure(wanted, export, context).affected)


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"user": "acme", "role": "acme"},
        {"access_key_id": "AKIAEXAMPLEEXAMPLE12"},
        {"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        {"policy_arn": "arn:aws:iam::444455556666:policy/theirs"},
        {"identity_provider": "arn:aws:iam::444455556666:saml-provider/theirs"},
        {"identity_provider": "no name"},
        {"user": "acme", "ssh_key_id": "no id"},
        {"group": "no name"},
        {"trust_anchor": "anchor"},
    ],
)
def test_what_names_no_one_thing_is_refused(wanted: dict[str, str]) -> None:
    with pytest.raises(BadTarget):
        remediation("R10").target(ACCOUNT, REGION, wanted)


def test_a_role_loses_what_it_may_before_it_goes(account: Account) -> None:
    MAKES["role"](account, "backdoor")
    document = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"]}]}'
    iam = account.client("iam")
    iam.put_role_policy(RoleName="backdoor", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document)
    iam.put_role_policy(RoleName="backdoor", PolicyName="zz", PolicyDocument=policy_text("*"))
    plan = plan_for(account, "R10", {"role": "backdoor"})
    inline = [call.params["PolicyName"] for call in plan.calls if call.operation == "delete_role_policy"]
    assert inline == ["work", "zz", "AWSRevokeOlderSessions"]
    assert carry_out(account, plan).outcome == "verified"
