"""IAM asked over HTTP: rights through every kind of policy, keys, reports that have to be waited for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.aws import iam_facts as facts
from bot.aws.iam_facts import iam_facts
from tests.aws.account import ACCOUNT, EVIDENCE_ROLE, Account, policy_text
from tests.aws.watched import let_ask, without

USER = f"arn:aws:iam::{ACCOUNT}:user/team/facts-user"


@pytest.fixture(scope="module")
def asked(account: Account) -> Account:
    """A user with policies of four kinds and two keys, one of them used."""
    let_ask(account)
    key = account.user("facts-user", path="/team/", allow="s3:GetObject")
    account.key("facts-user")
    iam = account.client("iam")
    iam.create_group(GroupName="facts-group")
    iam.put_group_policy(
        GroupName="facts-group", PolicyName="through-group", PolicyDocument=policy_text("s3:ListBucket")
    )
    iam.add_user_to_group(GroupName="facts-group", UserName="facts-user")
    own = iam.create_policy(PolicyName="own-managed", PolicyDocument=policy_text("s3:PutObject"))
    for arn in (own["Policy"]["Arn"], "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"):
        iam.attach_user_policy(UserName="facts-user", PolicyArn=arn)
    account.of("s3", key).list_buckets()
    return account


def ask(account: Account, *principals: str, keys: tuple[str, ...] = ()) -> facts.IamFacts:
    return iam_facts(account.access.reader(ACCOUNT), principals, keys, pause=lambda _: None)


def test_a_user_with_all_its_policies_groups_and_keys(asked: Account) -> None:
    found = ask(asked, USER).principals.value
    assert found is not None
    [user] = found
    assert (user.kind, user.name, user.groups) == ("user", "facts-user", ("facts-group",))
    policies = {one.name.rpartition("/")[2]: one for one in user.policies}
    assert set(policies) == {"work", "own-managed", "AmazonS3ReadOnlyAccess", "through-group"}
    assert policies["through-group"].group == "facts-group"
    for one in policies.values():
        document = one.document if not isinstance(one.document, str) else json.loads(one.document)
        assert document["Statement"]
    assert len(user.attached) == 2
    assert user.keys.value is not None
    assert len(user.keys.value) == 2


def test_a_session_stands_for_its_role_and_others_accounts_for_nobody(asked: Account) -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{EVIDENCE_ROLE.rsplit('/', 1)[-1]}/somebody"
    found = ask(asked, session, "arn:aws:iam::999999999999:user/facts-user", "anonymous").principals.value
    assert found is not None
    assert [one.arn for one in found] == [EVIDENCE_ROLE]
    assert found[0].keys.value == ()


def test_the_boundary_of_a_role_has_its_document(asked: Account) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    asked.client("iam").create_role(
        RoleName="facts-bounded",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        PermissionsBoundary=boundary,
    )
    found = ask(asked, f"arn:aws:iam::{ACCOUNT}:role/facts-bounded").principals.value
    assert found is not None
    assert found[0].boundary == boundary
    assert found[0].boundary_policy is not None
    assert found[0].boundary_policy.name == boundary


def test_last_uses_of_keys_and_of_services(asked: Account) -> None:
    keys = asked.client("iam").list_access_keys(UserName="facts-user")["AccessKeyMetadata"]
    ids = tuple(one["AccessKeyId"] for one in keys)
    found = ask(asked, USER, keys=(*ids, "ASIATEMPORARY", "AKIANOBODYS0000000000"))
    assert set(found.key_uses) == {*ids, "AKIANOBODYS0000000000"}
    used = [one.value for one in (found.key_uses[key] for key in ids) if one.value]
    assert sorted(str(one.service) for one in used) == ["None", "s3"]
    assert not found.key_uses["AKIANOBODYS0000000000"].known
    assert found.principals.value is not None
    uses = found.principals.value[0].last_accessed.value
    assert uses is not None
    assert [(one.service, one.actions[0][0]) for one in uses] == [("s3", "s3:ListBuckets")]


def test_the_credential_report_is_waited_for(asked: Account) -> None:
    report = ask(asked).report.value
    assert report is not None
    rows = {row["user"]: row for row in report.rows}
    assert rows["facts-user"]["access_key_2_active"] == "true"


def test_a_report_that_never_comes_ends_in_a_sentence(asked: Account, monkeypatch: Any) -> None:
    monkeypatch.setattr(facts, "REPORT_PAUSES", ())
    found = ask(asked).report
    assert "was not ready" in str(found.unknown)


def test_refused_is_unknown_and_the_rest_goes_on(asked: Account) -> None:
    with without(asked, "iam:GenerateServiceLastAccessedDetails"):
        found = ask(asked, USER)
    assert found.principals.value is not None
    assert found.principals.value[0].last_accessed.denied
    with without(asked, "iam:GetAccountAuthorizationDetails"):
        found = ask(asked, USER)
    assert found.principals.denied
    assert found.report.known
