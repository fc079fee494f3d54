"""Public statements come out of a bucket policy; everything else stays as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.document import parse
from bot.policy.meaning_of_public import is_public
from bot.remediation import sentences
from bot.remediation.bucket_policy import refuse_lockout
from bot.remediation.catalogue import remediation
from bot.remediation.contract import PlanContext
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.plan import Plan
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.doing import CONTEXT, carry_out, plan_for, step

Document = dict[str, Any]
PARTNER = "444455556666"


def public(bucket: str) -> Document:
    return {
        "Sid": "PublicRead",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }


def tls_only(bucket: str) -> Document:
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": ["s3:DeleteBucket"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def partner(bucket: str) -> Document:
    return {
        "Sid": "Partner",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{PARTNER}:root"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }


def document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Id": "Kept", "Statement": list(statements)}


def policy_of(account: Account, bucket: str) -> Document | None:
    s3 = account.client("s3")
    try:
        found: Document = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except s3.exceptions.from_code("NoSuchBucketPolicy"):
        return None
    return found


def anonymous_status(account: Account, bucket: str) -> int:
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(f"{account.fake.endpoint}/{bucket}/2026/salaries.csv") as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def pure(policy: Document | None, context: PlanContext = CONTEXT) -> Plan:
    """The plan from a policy, without AWS."""
    kind = remediation("R18")
    target = kind.target(ACCOUNT, REGION, {"bucket": "acme"})
    return kind.plan(target, {"Bucket": "acme", "Policy": policy}, context)


def test_the_public_statement_goes_and_the_others_stay_byte_for_byte(account: Account) -> None:
    bucket = "acme-payroll-1"
    account.bucket(bucket, document(tls_only(bucket), public(bucket), partner(bucket)))
    insider = account.user("reports-1")
    assert anonymous_status(account, bucket) == 200

    result = carry_out(account, plan_for(account, "R18", {"bucket": bucket}))

    assert result.outcome == "verified"
    assert json.dumps(policy_of(account, bucket)) == json.dumps(document(tls_only(bucket), partner(bucket)))
    assert anonymous_status(account, bucket) == 403
    account.of("s3", insider).get_object(Bucket=bucket, Key="2026/salaries.csv")["Body"].read()


def test_undo_restores_the_document_exactly(account: Account) -> None:
    bucket = "acme-payroll-2"
    original = document(public(bucket), tls_only(bucket))
    account.bucket(bucket, original)
    plan = plan_for(account, "R18", {"bucket": bucket})
    carry_out(account, plan)
    undo = undo_plan(plan)
    assert undo.warnings == ("Undoing this makes the bucket public again.",)

    assert carry_out(account, undo).outcome == "verified"
    assert json.dumps(policy_of(account, bucket)) == json.dumps(original)
    assert anonymous_status(account, bucket) == 200


def test_a_policy_of_nothing_but_public_statements_is_deleted_and_comes_back(account: Account) -> None:
    bucket = "acme-payroll-3"
    account.bucket(bucket, document(public(bucket)))
    plan = plan_for(account, "R18", {"bucket": bucket})
    assert [call.operation for call in plan.calls] == ["delete_bucket_policy"]
    assert any("No statement remains" in text for text in plan.warnings)

    assert carry_out(account, plan).outcome == "verified"
    assert policy_of(account, bucket) is None
    assert carry_out(account, undo_plan(plan)).outcome == "verified"
    assert policy_of(account, bucket) == document(public(bucket))


def test_a_policy_changed_meanwhile_makes_the_plan_stale_and_nothing_is_called(account: Account) -> None:
    bucket = "acme-payroll-4"
    account.bucket(bucket, document(public(bucket)))
    plan = plan_for(account, "R18", {"bucket": bucket})
    changed = document(public(bucket), tls_only(bucket))
    account.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(changed))

    result = carry_out(account, plan)

    assert (result.outcome, result.calls_made) == ("stale", 0)
    assert "was changed after this plan was made" in result.sentence
    assert policy_of(account, bucket) == changed


def test_other_changes_to_the_bucket_do_not_make_it_stale(account: Account) -> None:
    bucket = "acme-payroll-5"
    account.bucket(bucket, document(public(bucket)))
    plan = plan_for(account, "R18", {"bucket": bucket})
    account.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    account.client("s3").put_object(Bucket=bucket, Key="more", Body=b"more")
    assert carry_out(account, plan).outcome == "verified"


def test_the_step_can_write_this_bucket_s_policy_only(account: Account) -> None:
    bucket, other = "acme-payroll-6", account.bucket("acme-other-6")
    account.bucket(bucket, document(public(bucket), tls_only(bucket)))
    session = step(account, plan_for(account, "R18", {"bucket": bucket}))
    text = json.dumps(document(tls_only(other)))
    for operation, params in (
        ("put_bucket_policy", {"Bucket": other, "Policy": text}),
        ("delete_bucket_policy", {"Bucket": bucket}),
        ("put_object", {"Bucket": bucket, "Key": "mine", "Body": b"mine"}),
    ):
        with pytest.raises(Exception, match="AccessDenied"):
            session.call("s3", operation, params)


def test_private_and_missing_policies_and_buckets(account: Account) -> None:
    account.bucket("acme-none")
    account.bucket("acme-private", document(tls_only("acme-private"), partner("acme-private")))
    with pytest.raises(NothingToDo, match="has no bucket policy"):
        plan_for(account, "R18", {"bucket": "acme-none"})
    with pytest.raises(NothingToDo, match="No statement of acme-private's"):
        plan_for(account, "R18", {"bucket": "acme-private"})
    with pytest.raises(TargetMissing, match="There is no bucket acme-nowhere"):
        plan_for(account, "R18", {"bucket": "acme-nowhere"})


def test_a_policy_that_may_not_be_read_is_not_taken_for_none(account: Account) -> None:
    bucket = "acme-locked"
    hidden = {**tls_only(bucket), "Action": "s3:GetBucketPolicy", "Resource": f"arn:aws:s3:::{bucket}"}
    hidden.pop("Condition")
    account.bucket(bucket, document(public(bucket), hidden))
    with pytest.raises(Refused, match="cannot be read, which does not mean that there is none"):
        plan_for(account, "R18", {"bucket": bucket})


def test_undo_is_refused_by_aws_under_block_public_access_and_says_so(account: Account) -> None:
    bucket = "acme-payroll-7"
    account.bucket(bucket, document(public(bucket), tls_only(bucket)))
    plan = plan_for(account, "R18", {"bucket": bucket})
    assert any("AWS refuses the undo" in text for text in plan.warnings)
    carry_out(account, plan)
    account.client("s3").put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    result = carry_out(account, undo_plan(plan))
    assert result.outcome == "failed"
    assert "AccessDenied" in result.sentence
    assert policy_of(account, bucket) == document(tls_only(bucket))


def test_whoever_would_be_locked_out_is_named_and_the_policy_refused() -> None:
    target = remediation("R18").target(ACCOUNT, REGION, {"bucket": "acme"})
    keep = (f"arn:aws:iam::{ACCOUNT}:role/S3IncidentRemediate", f"arn:aws:iam::{ACCOUNT}:root")
    fence = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutBucketPolicy",
        "Resource": "arn:aws:s3:::acme",
    }
    context = PlanContext("inc-0001", keep=keep)
    open_, fenced = parse(document(public("acme"))), parse(document(public("acme"), fence))
    with pytest.raises(
        Refused, match=r"s3:PutBucketPolicy of .*S3IncidentRemediate \(denied by statement #1\) would be lost"
    ):
        refuse_lockout(target, open_, fenced, context)
    refuse_lockout(target, fenced, open_, context)
    refuse_lockout(target, fenced, fenced, context)
    refuse_lockout(target, open_, None, context)


def test_a_fence_that_was_there_before_is_no_lockout() -> None:
    bot = f"arn:aws:iam::{ACCOUNT}:role/S3IncidentRemediate"
    fence = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", bot]},
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::acme", "arn:aws:s3:::acme/*"],
    }
    plan = pure(document(public("acme"), fence), PlanContext("inc-0001", keep=(bot,)))
    assert plan.after["Policy"]["Statement"] == [fence]


KINDS = {"public": public, "tls": tls_only, "partner": partner}


@given(st.lists(st.sampled_from(sorted(KINDS)), max_size=6))
def test_any_mix_loses_its_public_statements_and_nothing_else(kinds: list[str]) -> None:
    statements = [{**KINDS[kind]("acme"), "Sid": f"S{number}"} for number, kind in enumerate(kinds)]
    rest = [one for one, kind in zip(statements, kinds, strict=True) if kind != "public"]
    if len(rest) == len(statements):
        with pytest.raises(NothingToDo):
            pure(document(*statements))
        return
    plan = pure(document(*statements))
    assert plan.after["Policy"] == (document(*rest) if rest else None)
    assert plan.calls[0].params.get("Policy") == (_text(document(*rest)) if rest else None)
    assert plan.undo[0].params["Policy"] == _text(document(*statements))
    assert not rest or not is_public(parse(plan.calls[0].params["Policy"]))


def _text(policy: Document) -> str:
    return json.dumps(policy, separators=(",", ":"))


def test_accounts_that_regain_access_are_named() -> None:
    plan = pure(document(public("acme"), partner("acme")))
    assert any(PARTNER in text and "regain access" in text for text in plan.warnings)


def test_the_removed_statement_is_named() -> None:
    assert pure(document(public("acme"))).affected == (
        "Statement PublicRead lets anyone do s3:GetObject on arn:aws:s3:::acme/*. It is taken out.",
        sentences.INSIDERS_STAY,
    )


def test_services_that_would_no_longer_write_are_named_and_the_policy_refused() -> None:
    target = remediation("R18").target(ACCOUNT, REGION, {"bucket": "acme"})
    logs = {
        "Sid": "Logs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::acme/logs/*",
    }
    fence = {
        "Sid": "OrgOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::acme/*",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-acme"}},
    }
    spared = {**fence, "Condition": {**fence["Condition"], "Bool": {"aws:PrincipalIsAWSService": "false"}}}
    before = parse(document(logs))
    sentence = r"s3:PutObject of S3 server access logging \(denied by statement OrgOnly\) would be lost"
    with pytest.raises(Refused, match=sentence):
        refuse_lockout(target, before, parse(document(logs, fence)), CONTEXT)
    with pytest.raises(Refused, match="s3:PutObject of S3 server access logging would be lost"):
        refuse_lockout(target, before, None, CONTEXT)
    refuse_lockout(target, before, parse(document(logs, spared)), CONTEXT)


def test_that_a_public_statement_lets_services_in_too_keeps_nobody_from_removing_it() -> None:
    everything = {**public("acme"), "Action": "s3:*", "Resource": "*"}
    assert pure(document(everything)).after["Policy"] is None


def test_what_is_known_of_the_bots_requests_spares_it_a_fence_that_lets_them_in() -> None:
    target = remediation("R18").target(ACCOUNT, REGION, {"bucket": "acme"})
    bot = f"arn:aws:iam::{ACCOUNT}:role/S3IncidentRemediate"
    fence = {
        "Sid": "OrgOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::acme",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-acme"}},
    }
    after = parse(document(fence))
    with pytest.raises(Refused, match="denied by statement OrgOnly"):
        refuse_lockout(target, None, after, PlanContext("inc-0001", keep=(bot,)))
    known = PlanContext("inc-0001", keep=(bot,), known={"aws:PrincipalOrgID": "o-acme"})
    refuse_lockout(target, None, after, known)


def test_a_statement_by_negation_is_described() -> None:
    wide = {
        "Effect": "Allow",
        "Principal": "*",
        "NotAction": "s3:DeleteBucket",
        "NotResource": "arn:aws:s3:::b/*",
    }
    affected = pure(document(wide)).affected
    assert affected[0] == (
        "Statement #0 lets anyone do everything but s3:DeleteBucket on everything but arn:aws:s3:::b/*."
        " It is taken out."
    )


def test_a_deleted_principal_is_warned_of() -> None:
    gone = {**partner("acme"), "Principal": {"AWS": "AIDAEXAMPLEEXAMPLE12"}}
    plan = pure(document(public("acme"), gone))
    assert any("AIDAEXAMPLEEXAMPLE12, a principal that was deleted" in text for text in plan.warnings)


def test_a_policy_that_is_not_understood_is_left_alone() -> None:
    with pytest.raises(Refused, match=r"not understood, so it is not changed: \$\.Statement\[0\]"):
        pure(document({"Effect": "Maybe"}))


def test_a_policy_over_20_kb_is_refused() -> None:
    big = {**partner("acme"), "Resource": [f"arn:aws:s3:::acme/{number:0400d}/*" for number in range(60)]}
    with pytest.raises(Refused, match="S3 takes 20480"):
        pure(document(public("acme"), big))


@pytest.mark.parametrize("name", ["", "UPPER", "a", "x/y", "acme--x-s3", "acme-s3alias", "../etc", "a" * 64])
def test_what_is_not_a_general_purpose_bucket_is_refused(name: str) -> None:
    with pytest.raises(BadTarget, match="not a general purpose bucket"):
        remediation("R18").target(ACCOUNT, REGION, {"bucket": name})
