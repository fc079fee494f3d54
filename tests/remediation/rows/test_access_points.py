"""R24, R25, R26: whoever came in beside the bucket is out, and the owner's own ways stay."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from bot.remediation.catalogue import remediation
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import CONTEXT, new_bucket
from tests.remediation.rows.cases_access_points import (
    ANYONE,
    HOME,
    NO_WRITES,
    OWN,
    THEIRS,
    WITHIN,
    control,
    everywhere,
    grant,
    new_access_point,
    new_location,
    new_multi_region,
    policy,
    put_everywhere,
    put_policy,
)
from tests.remediation.rows.urls import status


def point(name: str, **more: str) -> dict[str, str]:
    return {"bucket": name, "access_point": name, **more}


def test_outsiders_go_and_account_organization_and_denies_stay(account: Account) -> None:
    new_access_point(account, "acme-ap-1")
    put_policy(account, "acme-ap-1", policy(OWN, THEIRS, WITHIN, ANYONE, NO_WRITES))
    plan = plan_for(account, "R24", point("acme-ap-1"), CONTEXT)
    assert plan.after["AccessPointPolicy"]["Statement"] == [OWN, WITHIN, NO_WRITES]
    assert carry_out(account, plan).outcome == "verified"
    status = control(account).get_access_point_policy_status(AccountId=ACCOUNT, Name="acme-ap-1")
    assert status["PolicyStatus"]["IsPublic"] is False


def test_a_stranger_who_read_through_the_access_point_no_longer_does(account: Account) -> None:
    new_access_point(account, "acme-ap-5")
    s3 = account.client("s3")
    s3.put_object(Bucket="acme-ap-5", Key="salaries", Body=b"1")
    delegates = {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Condition": delegates}
    document = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": "arn:aws:s3:::acme-ap-5/*"}]}
    s3.put_bucket_policy(Bucket="acme-ap-5", Policy=json.dumps(document))
    put_policy(account, "acme-ap-5", policy(OWN, ANYONE))
    url = f"{account.fake.endpoint}/acme-ap-5-sandbox-s3alias/salaries"
    assert status(url) == 200
    plan = plan_for(account, "R24", point("acme-ap-5"), CONTEXT)
    assert carry_out(account, plan).outcome == "verified"
    assert status(url) == 403
    assert carry_out(account, undo_plan(plan)).outcome == "verified"
    assert status(url) == 200


def test_where_nothing_remains_the_policy_is_deleted(account: Account) -> None:
    new_access_point(account, "acme-ap-2")
    put_policy(account, "acme-ap-2", policy(ANYONE))
    plan = plan_for(account, "R24", point("acme-ap-2"), CONTEXT)
    assert carry_out(account, plan).outcome == "verified"
    with pytest.raises(ClientError, match="NoSuchAccessPointPolicy"):
        control(account).get_access_point_policy(AccountId=ACCOUNT, Name="acme-ap-2")
    with pytest.raises(NothingToDo, match="has no policy"):
        plan_for(account, "R24", point("acme-ap-2"), CONTEXT)
    assert carry_out(account, undo_plan(plan)).state == plan.before


def test_a_named_statement_of_the_account_goes_too(account: Account) -> None:
    new_access_point(account, "acme-ap-3")
    put_policy(account, "acme-ap-3", policy(OWN, NO_WRITES))
    with pytest.raises(NothingToDo, match="No statement in the policy"):
        plan_for(account, "R24", point("acme-ap-3"), CONTEXT)
    plan = plan_for(account, "R24", point("acme-ap-3", statement="Own"), CONTEXT)
    assert plan.after["AccessPointPolicy"]["Statement"] == [NO_WRITES]
    with pytest.raises(Refused, match="NoWrites in the policy of acme-ap-3 denies"):
        plan_for(account, "R24", point("acme-ap-3", statement="Own, NoWrites"), CONTEXT)


def test_an_access_point_of_another_bucket_or_of_none(account: Account) -> None:
    new_access_point(account, "acme-ap-4")
    new_bucket(account, "acme-ap-other")
    wanted = {"bucket": "acme-ap-other", "access_point": "acme-ap-4"}
    with pytest.raises(Refused, match="leads to acme-ap-4, not to acme-ap-other"):
        plan_for(account, "R24", wanted, CONTEXT)
    with pytest.raises(TargetMissing, match="There is no access point nowhere"):
        plan_for(account, "R24", {**wanted, "access_point": "nowhere"}, CONTEXT)
    with pytest.raises(BadTarget, match="is no name of an access point"):
        plan_for(account, "R24", {**wanted, "access_point": "A b"}, CONTEXT)
    by_arn = remediation("R24").target(
        ACCOUNT,
        REGION,
        {**wanted, "access_point": f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/acme-ap-4"},
    )
    assert by_arn.params["access_point"] == "acme-ap-4"


def test_a_multi_region_policy_is_never_deleted_but_left_to_the_owner(account: Account) -> None:
    new_multi_region(account, "acme-mr-1")
    put_everywhere(account, "acme-mr-1", policy(everywhere(ANYONE)))
    plan = plan_for(account, "R25", {"multi_region_access_point": "acme-mr-1"}, CONTEXT)
    (left,) = plan.after["AccessPointPolicy"]["Statement"]
    assert (left["Effect"], left["Principal"]) == ("Allow", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    assert [call.region for call in (*plan.calls, *plan.undo)] == [HOME, HOME]
    assert carry_out(account, plan).outcome == "verified"
    assert carry_out(account, undo_plan(plan)).state == plan.before


def test_each_plan_has_tokens_of_its_own_so_that_asking_again_is_not_taken_for_a_repetition(
    account: Account,
) -> None:
    new_multi_region(account, "acme-mr-2")
    put_everywhere(account, "acme-mr-2", policy(everywhere(OWN), everywhere(THEIRS)))
    wanted = {"multi_region_access_point": "acme-mr-2"}
    first = plan_for(account, "R25", wanted, CONTEXT)
    carry_out(account, first)
    carry_out(account, undo_plan(first))
    later = plan_for(account, "R25", wanted, replace(CONTEXT, now=CONTEXT.now + timedelta(hours=1)))
    tokens = {call.params["ClientToken"] for call in (*first.calls, *first.undo, *later.calls, *later.undo)}
    assert len(tokens) == 4
    assert all(len(one) <= 64 for one in tokens)
    assert carry_out(account, later).outcome == "verified"


def test_a_policy_that_is_on_its_way_is_not_planned_from(account: Account) -> None:
    kind = remediation("R25")
    target = kind.target(ACCOUNT, REGION, {"multi_region_access_point": "acme-mr-3"})
    document = policy(everywhere(OWN), everywhere(THEIRS))
    state = {"Arn": target.id, **document, "Proposed": policy(everywhere(ANYONE))["AccessPointPolicy"]}
    with pytest.raises(Refused, match="is under way at AWS"):
        kind.plan(target, state, CONTEXT)
    new_multi_region(account, "acme-mr-3")
    with pytest.raises(NothingToDo, match="has no policy"):
        plan_for(account, "R25", {"multi_region_access_point": "acme-mr-3"}, CONTEXT)
    with pytest.raises(TargetMissing, match="There is no access point acme-mr-none"):
        plan_for(account, "R25", {"multi_region_access_point": "acme-mr-none"}, CONTEXT)


def test_a_grant_comes_back_by_another_id_and_the_card_names_the_role_to_revoke(account: Account) -> None:
    new_location(account, "acme-ag-1")
    others = [grant(account, "acme-ag-1", Permission=one) for one in ("WRITE", "READWRITE")]
    theirs = grant(account, "acme-ag-1")
    plan = plan_for(account, "R26", {"grant": theirs}, CONTEXT)
    assert carry_out(account, plan).outcome == "verified"
    assert "up to 12 hours: revoke the sessions of the location's role (R5)" in plan.warnings[0]
    assert "gets no more READ access to s3://acme-ag-1/payroll/*" in plan.affected[0]
    with pytest.raises(NothingToDo, match="no access grant"):
        plan_for(account, "R26", {"grant": theirs}, CONTEXT)
    assert carry_out(account, undo_plan(plan)).outcome == "verified"
    assert any("another id" in text for text in plan.irreversible)
    left = control(account).list_access_grants(AccountId=ACCOUNT, GrantScope="s3://acme-ag-1/payroll/*")
    ids = [one["AccessGrantId"] for one in left["AccessGrantsList"]]
    assert ids[:2] == others
    assert ids[2] != theirs


def test_what_is_no_id_of_a_grant() -> None:
    with pytest.raises(BadTarget, match="is no id of an access grant"):
        remediation("R26").target(ACCOUNT, REGION, {"grant": "s3://x"})
