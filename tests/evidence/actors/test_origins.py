"""The origin of each kind of session, and where to look for the hop that is missing."""

from typing import Any

import pytest

from bot.evidence.report import Hop
from tests.evidence.records import ACCOUNT, LEAKED_KEY, Caller, Log, service, session, user
from tests.evidence.stories import BROWSER, LINUX, MAC, OFFICE, assumed, role_arn
from tests.evidence.story import ask

KEY = "ASIASUSPECT000000001"
SUSPECT = session("data", "one", KEY, "203.0.113.66", MAC)
PUBLIC = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}


def hop(log: Log, who: Caller = SUSPECT) -> Hop:
    """The first hop of somebody who opens the bucket."""
    log.wait(minutes=1).bucket(who, "PutBucketPolicy", bucketPolicy=PUBLIC)
    return ask(log).lineage[0]


def issued(who: Caller, name: str, **response: Any) -> Log:
    log = Log()
    parameters = {"roleArn": role_arn("data"), "roleSessionName": "one"}
    log.call(who, "sts", name, requestParameters=parameters, responseElements=assumed(KEY) | response)
    return log


@pytest.mark.parametrize(
    ("caller", "words"),
    [
        (service("lambda.amazonaws.com"), "a Lambda function"),
        (service("ecs-tasks.amazonaws.com"), "an ECS task"),
        (service("firehose.amazonaws.com"), "the service firehose.amazonaws.com"),
    ],
)
def test_by_services(caller: Caller, words: str) -> None:
    assert words in hop(issued(caller, "AssumeRole")).origin


def test_by_federation() -> None:
    saml = Caller({"type": "SAMLUser", "principalId": "x:anna", "userName": "anna"}, OFFICE, BROWSER)
    origin = hop(
        issued(saml, "AssumeRoleWithSAML", issuer="https://idp.acme.test", subject="anna@acme")
    ).origin
    assert origin == "Issued after sign-in as anna@acme at identity provider https://idp.acme.test."
    web = Caller({"type": "WebIdentityUser", "principalId": "p", "userName": "s"}, OFFICE, LINUX)
    told = {"provider": "token.actions.test", "subjectFromWebIdentityToken": "repo:acme/web"}
    assert (
        "as repo:acme/web at identity provider token.actions.test"
        in hop(issued(web, "AssumeRoleWithWebIdentity", **told)).origin
    )


@pytest.mark.parametrize("name", ["GetSessionToken", "GetFederationToken"])
def test_tokens_outlive_their_key(name: str) -> None:
    ci = user("ci", LEAKED_KEY, OFFICE, LINUX)
    found = hop(issued(ci, name))
    assert found.parent_key_id == LEAKED_KEY
    assert "36 hours, also when the key that asked for it is switched off" in found.origin


def console(who: Caller, created: str = "2026-11-23T02:00:00Z") -> Caller:
    context = {**who.identity.get("sessionContext", {}), "attributes": {"creationDate": created}}
    return Caller({**who.identity, "sessionContext": context}, who.source_ip, BROWSER)


def test_a_browser_session_made_from_keys() -> None:
    log = Log()
    thief = session("data", "one", "ASIASTOLEN0000000001", "203.0.113.66", MAC)
    log.call(thief, "signin", "GetSigninToken", responseElements={"GetSigninToken": "Success"})
    found = hop(log, console(SUSPECT))
    assert (found.event, found.matched, found.parent_key_id) == (
        "GetSigninToken",
        "session",
        "ASIASTOLEN0000000001",
    )
    assert "without signing in" in found.origin


def test_a_switched_role_names_whom_it_came_from() -> None:
    log = Log()
    origin = f"arn:aws:iam::{ACCOUNT}:user/anna"
    log.call(SUSPECT, "signin", "SwitchRole", additionalEventData={"SwitchFrom": origin})
    found = hop(log, console(SUSPECT))
    assert found.minted_by == origin
    assert "switched to this role" in found.origin


@pytest.mark.parametrize(("created", "matched"), [("01:00:00", "not found"), ("02:00:20", "session")])
def test_a_sign_in_at_another_time_is_another_session(created: str, matched: str) -> None:
    log = Log()
    login = user("anna", "", OFFICE, BROWSER)
    log.call(login, "signin", "ConsoleLogin", responseElements={"ConsoleLogin": "Success"})
    anna = user("anna", "ASIAANNA000000000001", OFFICE, BROWSER)
    assert hop(log, console(anna, f"2026-11-23T{created}Z")).matched == matched


def test_a_failed_sign_in_starts_nothing() -> None:
    log = Log()
    login = user("anna", "", OFFICE, BROWSER)
    log.call(login, "signin", "ConsoleLogin", responseElements={"ConsoleLogin": "Failure"})
    assert hop(log, console(user("anna", "ASIAANNA000000000001", OFFICE, BROWSER))).matched == "not found"


@pytest.mark.parametrize(("delivery", "words"), [("1.0", "IMDSv1"), ("2.0", "IMDSv2")])
def test_how_an_instances_credentials_were_fetched(delivery: str, words: str) -> None:
    thief = session("web", "i-0317f6c6b66ae9c40", KEY, "203.0.113.66", MAC)
    context = {**thief.identity["sessionContext"], "ec2RoleDelivery": delivery}
    assert (
        words in hop(Log(), Caller({**thief.identity, "sessionContext": context}, "203.0.113.66", MAC)).origin
    )


def test_a_missing_hop_says_where_to_look() -> None:
    origin = hop(Log()).origin
    assert f"event history of account {ACCOUNT} in every Region for ResourceName {KEY}" in origin
    assert "AssumeRole of arn:aws:iam::111122223333:role/data" in origin


def test_identity_center_is_named() -> None:
    anna = session("AWSReservedSSO_Admin_1", "anna", KEY, OFFICE, MAC)
    identity = {**anna.identity, "onBehalfOf": {"userId": "9067"}, "credentialId": "cred-1"}
    origin = hop(Log(), Caller(identity, OFFICE, MAC)).origin
    assert "Identity Center for anna, user id 9067" in origin
    assert "credentialId cred-1" in origin


def test_keys_made_inside_aws_have_no_issuing_call() -> None:
    identity = {**SUSPECT.identity, "invokedBy": "athena.amazonaws.com"}
    assert "forward access session" in hop(Log(), Caller(identity, "203.0.113.66", MAC)).origin
