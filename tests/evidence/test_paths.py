"""Ways in that are judged with care: web identities, presigned URLs, guests, insiders, batches of deletes."""

import json
from datetime import timedelta

import pytest

from bot.evidence.coverage.trails import TrailFacts
from bot.evidence.report import Investigation
from tests.evidence.proposing.test_seeing import ALL_DATA, trail
from tests.evidence.records import ACCOUNT, ATTACKER_IP, LEAKED_KEY, SECOND_KEY, Caller, Log, session, user
from tests.evidence.stories import (
    BOTO,
    BROWSER,
    LINUX,
    MAC,
    OFFICE,
    OTHER_ACCOUNT,
    VICTIM_KEY,
    assumed,
    read_all,
    role_arn,
)
from tests.evidence.story import ask, labels, steps

GITHUB = "token.actions.githubusercontent.com"


def rows(result: Investigation) -> list[str]:
    return [row for row, _ in steps(result)]


def signed_in(
    log: Log, number: int, subject: str, address: str, *, provider: str = GITHUB, role: str = "release"
) -> Caller:
    """A session that a web identity got; every session has the same name, as pipelines do it."""
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{provider}"
    who = {
        "type": "WebIdentityUser",
        "principalId": f"{arn}:sts.amazonaws.com:{subject}",
        "userName": subject,
    }
    issued = f"ASIABUILD{number:011d}"
    log.wait(hours=1).call(
        Caller(who, address, LINUX),
        "sts",
        "AssumeRoleWithWebIdentity",
        requestParameters={"roleArn": role_arn(role), "roleSessionName": "GitHubActions"},
        responseElements=assumed(issued) | {"subjectFromWebIdentityToken": subject, "provider": arn},
    )
    return session(role, "GitHubActions", issued, address, LINUX)


def builds(log: Log, count: int = 4) -> None:
    for number in range(count):
        build = signed_in(log, number, "repo:acme/app:ref:refs/heads/main", f"192.0.2.{number}")
        log.object(build, "PutObject", f"builds/{number}.tgz", size=0.0)


class TestWebIdentities:
    @pytest.mark.parametrize(
        ("subject", "provider"),
        [
            ("repo:mallory/x:ref:refs/heads/main", GITHUB),
            ("system:serviceaccount:default:x", "oidc.eks.us-east-1.amazonaws.com/id/F00"),
        ],
        ids=["a strange organization", "a strange issuer"],
    )
    def test_a_stranger_that_does_what_the_pipelines_never_did(self, subject: str, provider: str) -> None:
        log = Log()
        builds(log)
        thief = signed_in(log, 9, subject, ATTACKER_IP, provider=provider)
        log.object(thief, "ListObjects", None)
        log.wait(seconds=5).object(thief, "GetObject", "payroll/00.csv")
        result = ask(log)
        (suspect,) = [one for one in result.suspects if one.principal.endswith("/GitHubActions")]
        assert {one.source_ip for one in suspect.origins if one.suspicious} == {ATTACKER_IP}
        assert "and never made GetObject and ListObjects, which this one did" in suspect.reasons[0]
        assert ("R5", {"role": "release"}) in steps(result)

    def test_a_second_team_that_does_the_same_is_none(self) -> None:
        log = Log()
        builds(log)
        log.object(signed_in(log, 9, "repo:acme-labs/x:main", "192.0.2.99"), "PutObject", "b.tgz", size=0.0)
        assert not ask(log).suspects

    def test_merely_being_refused_makes_nobody_a_suspect(self) -> None:
        log = Log()
        builds(log)
        stranger = signed_in(log, 9, "repo:mallory/x:ref:refs/heads/main", ATTACKER_IP)
        for number in range(40):
            log.wait(seconds=1).object(stranger, "GetObject", f"{number}", errorCode="AccessDenied")
        assert not ask(log).suspects

    @pytest.mark.parametrize("change", ["CreateOpenIDConnectProvider", "UpdateAssumeRolePolicy"])
    def test_sessions_by_a_door_that_a_suspect_made(self, change: str) -> None:
        log = Log()
        thief = user("ops", LEAKED_KEY, ATTACKER_IP, MAC)
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/evil.example.com"},
                    "Action": "sts:AssumeRoleWithWebIdentity",
                }
            ],
        }
        asked = {
            "CreateOpenIDConnectProvider": {"url": "https://evil.example.com"},
            "UpdateAssumeRolePolicy": {"roleName": "release", "policyDocument": json.dumps(trust)},
        }
        log.call(thief, "cloudtrail", "StopLogging", requestParameters={"name": "acme"})
        log.call(thief, "iam", change, requestParameters=asked[change])
        again = signed_in(log, 9, "anything", "198.18.0.9", provider="evil.example.com")
        log.object(again, "GetObject", "payroll/00.csv")
        assert labels(ask(log)) == {"ops": "suspect", "GitHubActions": "suspect"} | {
            one: label for one, label in labels(ask(log)).items() if one not in ("ops", "GitHubActions")
        }


def downloads(log: Log, holders: dict[str, str], count: int = 8) -> None:
    """The same URLs, signed by an application in its VPC, used by one holder after the other."""
    app = session("web", "i-0317f6c6b66ae9c40", "ASIAWEB0000000000001", "10.0.1.5", BOTO)
    log.object(app, "GetObject", "payroll/own.csv")
    extra = {"AuthenticationMethod": "QueryString", "bytesTransferredOut": 500.0}
    for address, agent in holders.items():
        for number in range(count):
            log.wait(minutes=2)
            record = log.object(
                app.at(address, agent), "GetObject", f"{number}.pdf", additionalEventData=extra
            )
            record["requestParameters"]["X-Amz-Date"] = f"20261123T0200{number:02d}Z"


class TestPresignedUrls:
    def test_urls_in_second_hands_are_stopped_and_their_signer_is_not(self) -> None:
        log = Log()
        downloads(log, {"198.51.100.7": BROWSER, ATTACKER_IP: "python-requests/2.32"})
        result = ask(log)
        assert not result.suspects
        assert rows(result) == ["R27"]
        assert "Presigned URLs of 8 objects were used again from 1 other address" in result.proposals[0].why
        assert "leaked, or were passed on" in result.verdict
        assert len(result.proposals[0].event_ids) == 8

    @pytest.mark.parametrize(
        "holders",
        [
            {"198.51.100.7": BROWSER},
            {"198.51.100.7": BROWSER, "198.51.100.8": BROWSER},
            {"198.51.100.7": "curl/8.9.1", "198.51.100.8": "curl/8.10.0"},
        ],
        ids=["its recipient", "a recipient on the move", "the same client from elsewhere"],
    )
    def test_urls_that_their_recipient_uses(self, holders: dict[str, str]) -> None:
        log = Log()
        downloads(log, holders)
        assert not ask(log).proposals

    def test_a_few_links_that_a_scanner_opened_are_no_leak(self) -> None:
        log = Log()
        downloads(log, {"198.51.100.7": BROWSER, "203.0.113.99": "link-scanner/1"}, count=3)
        assert not ask(log).proposals


def visits(log: Log, address: str, days: int) -> Caller:
    """A vendor that was let in on purpose: each day its account starts a session of the role, and reads."""
    guest = Caller(
        {"type": "AWSAccount", "principalId": "AIDAVENDOR0000000001", "accountId": OTHER_ACCOUNT},
        address,
        BOTO,
    )
    for day in range(days):
        key = f"ASIA{address.replace('.', ''):0>13}{day:03d}"
        log.wait(days=1).assume(guest, "vendor", "scan", key)
        inside = session("vendor", "scan", key, address, BOTO)
        log.object(inside, "GetObject", "report.csv")
    return inside


class TestGuests:
    def test_a_guests_stolen_session_is_revoked_and_the_guest_stays(self) -> None:
        log = Log()
        inside = visits(log, "198.51.100.30", 3)
        read_all(log.wait(minutes=5), inside.at(ATTACKER_IP, MAC))
        result = ask(log)
        assert rows(result) == ["R5"]
        assert any(f"Tell account {OTHER_ACCOUNT}" in step for step in result.next_steps)

    def test_a_stranger_that_comes_in_by_the_trust_policy_is_taken_out_of_it(self) -> None:
        log = Log()
        visits(log, "198.51.100.30", 3)
        inside = visits(log, ATTACKER_IP, 1)
        read_all(log, inside)
        log.object(inside, "PutObject", "HOW_TO_RECOVER.txt", size=0.0)
        assert ("R6", {"role": "vendor", "principal": OTHER_ACCOUNT}) in steps(ask(log))

    def test_a_guest_that_only_works_is_none_of_it(self) -> None:
        log = Log()
        visits(log, "198.51.100.30", 4)
        assert not ask(log).proposals


def at_the_desk(log: Log, *, before: bool) -> Caller:
    eve = user("eve", VICTIM_KEY, OFFICE, LINUX)
    if before:
        log.object(eve, "GetObject", "payroll/own.csv")
    log.wait(days=3)
    read_all(log, eve)
    log.wait(minutes=5).create_key(eve, "eve", SECOND_KEY)
    return eve


class TestInsiders:
    def test_where_it_has_long_been_at_work_nothing_is_contained_and_why_is_said(self) -> None:
        log = Log()
        at_the_desk(log, before=True)
        result = ask(log)
        assert labels(result) == {"eve": "suspect"}
        assert not result.proposals
        first = result.next_steps[0]
        assert first.startswith(
            "No automatic containment of user eve: it acted where it has long been at work"
        )
        assert "Ask the data owner" in first
        assert not any("the way in is unclear" in one for one in result.next_steps)

    def test_without_that_history_it_is_contained(self) -> None:
        log = Log()
        at_the_desk(log, before=False)
        assert "R2" in rows(ask(log))

    def test_destruction_is_stopped_whoever_it_is(self) -> None:
        log = Log()
        eve = at_the_desk(log, before=True)
        log.wait(minutes=1).object(eve, "PutObject", "HOW_TO_RECOVER.txt", size=0.0)
        assert "R2" in rows(ask(log))


class TestBatches:
    THIEF = user("ops", LEAKED_KEY, ATTACKER_IP, MAC)

    def deleted(self, *, keys: int = 0, later: timedelta = timedelta()) -> Investigation:
        log = Log()
        log.object(self.THIEF, "PutObject", "HOW_TO_RECOVER.txt", size=0.0)
        log.wait(minutes=1).object(self.THIEF, "DeleteObjects", None)
        log.now += later
        for number in range(keys):
            log.object(self.THIEF, "DeleteObject", f"payroll/{number}.csv", size=None)
        return ask(log, trails=TrailFacts([trail("acme", ALL_DATA)]))

    def test_keys_that_no_event_names_are_unknown_and_who_would_know_is_said(self) -> None:
        result = self.deleted()
        assert "1 batch: its keys are unknown, up to 1,000 each" in result.answer("E20").because
        (gap,) = [one for one in result.unknown if "DeleteObjects call" in one]
        assert "BATCH.DELETE.OBJECT" in gap

    def test_keys_in_events_of_their_own_are_known(self) -> None:
        result = self.deleted(keys=3)
        assert "3 objects named" in result.answer("E20").because
        assert "1 batch, whose keys are in events of their own" in result.answer("E20").because
        assert not any("DeleteObjects call" in one for one in result.unknown)

    def test_a_delete_of_another_time_names_nothing_of_the_batch(self) -> None:
        assert "keys are unknown" in self.deleted(keys=1, later=timedelta(hours=1)).answer("E20").because
