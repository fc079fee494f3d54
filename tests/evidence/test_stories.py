"""Theft ends in the right suspects, answers and steps; innocents that look alike never are suspects."""

from collections.abc import Callable

import pytest

from bot.evidence.report import Investigation
from tests.evidence import stories
from tests.evidence.records import ATTACKER_IP, CI_IP, LEAKED_KEY, START, Log, session, user
from tests.evidence.stories import LINUX, MAC, OFFICE, OTHER_ACCOUNT, VICTIM_KEY
from tests.evidence.story import ask, labels, steps


def rows(result: Investigation) -> list[str]:
    return [row for row, _ in steps(result)]


def suspects(result: Investigation) -> set[str]:
    return {actor.principal.rsplit("/", 1)[-1] for actor in result.suspects}


@pytest.mark.parametrize(
    "story",
    [
        stories.nightly_backup,
        stories.posture_scanner,
        stories.administrator_at_work,
        stories.builds_from_anywhere,
        stories.watchdog_refused,
        stories.partner_reads,
        stories.presigned_url_passed_on,
        stories.office_behind_one_address,
    ],
    ids=lambda story: story.__name__,
)
def test_innocents_that_look_like_thieves(story: Callable[[], Log]) -> None:
    result = ask(story())
    assert not result.suspects
    assert not result.proposals
    assert "nobody is under suspicion" in result.verdict
    assert result.next_steps[0].startswith("No automatic containment: nobody is under suspicion")


@pytest.fixture(scope="module")
def chain() -> Investigation:
    return ask(stories.chain_over_two_accounts())


class TestAChainOverThreeHopsAndTwoAccounts:
    def test_every_hop_is_walked_to_the_other_accounts_user(self, chain: Investigation) -> None:
        hops = {hop.access_key_id: (hop.minted_by, hop.parent_key_id) for hop in chain.lineage}
        assert hops["ASIADATA000000000001"][1] == "ASIAJUMP000000000001"
        assert hops["ASIAJUMP000000000001"][1] == "ASIAENTRY00000000001"
        assert hops["ASIAENTRY00000000001"] == (f"arn:aws:iam::{OTHER_ACCOUNT}:user/partner-ci", LEAKED_KEY)

    def test_one_person_is_behind_all_of_it(self, chain: Investigation) -> None:
        (person,) = [person for person in chain.people if person.label == "suspect"]
        assert person.name == "user partner-ci"
        assert len(person.principals) == 4
        assert "One call, logged in two accounts" in " ".join(person.joined)
        assert {actor.person for actor in chain.suspects} == {person.name}

    def test_every_role_on_the_way_is_revoked_and_the_trust_closed(self, chain: Investigation) -> None:
        assert [target for row, target in steps(chain) if row == "R5"] == [
            {"role": "entry"},
            {"role": "jump"},
            {"role": "data"},
        ]
        assert ("R6", {"role": "entry", "principal": OTHER_ACCOUNT}) in steps(chain)

    def test_with_one_accounts_view_it_says_where_to_look(self) -> None:
        both = stories.chain_over_two_accounts().records
        last = ask([one for one in both if one["recipientAccountId"] != OTHER_ACCOUNT]).lineage[-1]
        assert last.parent_key_id is None
        assert f"account {OTHER_ACCOUNT}" in last.origin
        assert "sharedEventID" in last.origin


def test_the_starter_of_a_stolen_session_stays_its_owner() -> None:
    log = Log()
    owner = user("ci-deploy", LEAKED_KEY, CI_IP, LINUX)
    log.assume(owner, "deploy", "build", "ASIABUILD00000000001")
    home = session("deploy", "build", "ASIABUILD00000000001", CI_IP, LINUX)
    log.wait(minutes=1).object(home, "GetObject", "a")
    stories.read_all(log.wait(minutes=2), home.at(ATTACKER_IP, MAC))
    log.wait(minutes=2).object(home, "GetObject", "b")
    result = ask(log)
    assert labels(result) == {"build": "suspect", "ci-deploy": "known"}
    (suspect,) = result.suspects
    marked = {origin.source_ip: origin.suspicious for origin in suspect.origins}
    assert marked == {CI_IP: False, ATTACKER_IP: True}
    (person,) = [one for one in result.people if one.label == "suspect"]
    assert any("at its home and elsewhere at once" in reason.text for reason in person.reasons)
    assert "30 objects read by 30 calls" in result.verdict


@pytest.fixture(scope="module")
def insider() -> Investigation:
    return ask(stories.insider_with_console())


class TestAnInsiderWithTheConsole:
    def test_it_is_said_that_nothing_shows_theft(self, insider: Investigation) -> None:
        assert suspects(insider) == {"eve"}
        assert "are in other hands" in insider.next_steps[0]
        assert insider.people[0].kind == "human"

    def test_the_session_is_walked_back_to_the_sign_in(self, insider: Investigation) -> None:
        (hop,) = insider.lineage
        assert (hop.event, hop.matched) == ("ConsoleLogin", "session")
        assert "signed in without MFA" in hop.origin
        assert insider.answer("E27").answer == "yes"

    def test_what_to_do(self, insider: Investigation) -> None:
        assert rows(insider) == ["R2", "R8", "R33", "R44"]
        assert insider.answer("E22").answer == "yes"
        assert "5 objects named" in insider.answer("E20").because


def test_presigned_urls_are_told_with_their_signer() -> None:
    result = ask(stories.presigned_url_passed_on())
    answer = result.answer("E24")
    assert (answer.answer, answer.events) == ("yes", 75)
    assert "ASIAPAYROLLAPP000001" in answer.because
    assert "25 objects from 3 addresses" in answer.because
    assert any("R27" in step for step in result.next_steps)


def test_replication_and_notifications_to_another_account() -> None:
    result = ask(stories.replication_away())
    assert suspects(result) == {"admin"}
    assert f"bucket thiefs-bucket of account {OTHER_ACCOUNT}" in result.answer("E17").because
    assert "away from this bucket or account" in result.answer("E19").because
    assert rows(result) == ["R2", "R1", "R28", "R30"]


def test_ransom_by_customer_keys_and_in_place() -> None:
    result = ask(stories.ransom())
    answer = result.answer("E21")
    assert "5 objects re-encrypted in place" in answer.because
    assert "25 calls with a key that only the caller has (SSE-C)" in answer.because
    assert rows(result) == ["R2", "R1", "R14", "R32", "R35", "R44"]
    (denied,) = [one.target for one in result.proposals if one.remediation == "R14"]
    assert denied["principal"].startswith("arn:aws:iam::")


@pytest.fixture(scope="module")
def backdoor() -> Investigation:
    return ask(stories.backdoor_for_another())


class TestABackdoorForAnotherUser:
    def test_the_backdoor_key_is_switched_off_and_its_victim_goes_on(self, backdoor: Investigation) -> None:
        assert suspects(backdoor) == {"ci-deploy", "maria"}
        assert ("R1", {"user": "maria", "access_key_id": "AKIABACKDOOR00000001"}) in steps(backdoor)
        assert ("R2", {"user": "maria"}) not in steps(backdoor)
        assert VICTIM_KEY not in str(steps(backdoor))

    def test_victim_and_thief_are_told_apart(self, backdoor: Investigation) -> None:
        maria = next(actor for actor in backdoor.suspects if actor.principal.endswith("maria"))
        assert {origin.source_ip: origin.suspicious for origin in maria.origins} == {
            OFFICE: False,
            ATTACKER_IP: True,
        }
        assert maria.person == "user maria"
        assert "Aimed at other users: maria" in backdoor.answer("E14").because


def test_sessions_of_a_backdoor_key_end_only_with_its_user_denied() -> None:
    log = stories.backdoor_for_another()
    again = user("maria", "AKIABACKDOOR00000001", ATTACKER_IP, "Boto3/1.40.1 os/windows")
    log.assume(again, "data", "x", "ASIAAGAIN00000000001")
    assert ("R2", {"user": "maria"}) in steps(ask(log))


def test_a_door_opened_by_mistake_is_closed_and_nobody_denied() -> None:
    result = ask(stories.opened_by_mistake())
    assert rows(result) == ["R19", "R21"]
    assert any("by mistake or on purpose" in step for step in result.next_steps)
    assert "somebody without credentials at 203.0.113.9, 203.0.113.10, 203.0.113.11" in result.verdict


def test_builds_of_one_pipeline_are_one_workload() -> None:
    result = ask(stories.builds_from_anywhere())
    (person,) = result.people
    assert (person.kind, len(person.principals)) == ("workload", 9)


def test_colleagues_behind_one_address_are_several_people() -> None:
    assert len(ask(stories.office_behind_one_address()).people) == 3


def test_logging_that_is_switched_off_is_restored_first() -> None:
    log = Log(now=START)
    home = user("ci-deploy", LEAKED_KEY, CI_IP, LINUX)
    log.object(home, "GetObject", "a")
    thief = home.at(ATTACKER_IP, MAC)
    log.wait(minutes=5).call(thief, "cloudtrail", "StopLogging", requestParameters={"name": "acme-trail"})
    result = ask(log)
    assert rows(result)[0] == "R37"
    assert result.proposals[0].target == {
        "trail": "arn:aws:cloudtrail:us-east-1:111122223333:trail/acme-trail"
    }
    assert "rail acme-trail records nothing since 2026-11-23 02:05:00 UTC" in result.answer("E23").because
    assert result.answer("E20").answer == "cannot_know"


def test_a_trail_that_was_cut_down_to_one_region_is_to_have_all_of_them_again() -> None:
    log = Log(now=START)
    thief = user("ci-deploy", LEAKED_KEY, ATTACKER_IP, MAC)
    changed = {"name": "acme-trail", "isMultiRegionTrail": False, "s3BucketName": "thief-files"}
    stories.read_all(log, thief)
    log.wait(minutes=5).call(thief, "cloudtrail", "UpdateTrail", requestParameters=changed)
    (restore,) = [one for one in ask(log).proposals if one.remediation == "R37"]
    assert restore.target["multi_region"] == "yes"
    assert "Its files go to thief-files now: name the former bucket" in restore.why


def test_who_has_something_against_it_and_too_little_is_named_in_the_verdict() -> None:
    verdict = ask(stories.nightly_backup()).verdict
    assert "Look first at session backup-20261123 of role backup (read 120 different objects" in verdict
    assert "Look first" not in ask(stories.watchdog_refused()).verdict


class TestAKeyThatIsUnderSuspicionAlready:
    def test_its_user_is_a_suspect(self) -> None:
        log = Log()
        log.object(user("ci-deploy", LEAKED_KEY, CI_IP, LINUX), "GetObject", "a")
        result = ask(log, keys=frozenset({LEAKED_KEY}))
        (suspect,) = result.suspects
        assert suspect.reasons == (f"Used {LEAKED_KEY}, under suspicion before this was asked",)
        assert suspect.score == 40
        assert rows(result) == ["R2", "R1"]

    def test_where_signs_tell_the_thief_from_the_owner_the_owner_stays_one(self) -> None:
        log = Log()
        home = user("ci-deploy", LEAKED_KEY, CI_IP, LINUX)
        log.object(home, "GetObject", "a")
        stories.read_all(log.wait(minutes=5), home.at(ATTACKER_IP, MAC))
        (suspect,) = ask(log, keys=frozenset({LEAKED_KEY})).suspects
        assert {one.source_ip: one.suspicious for one in suspect.origins} == {CI_IP: False, ATTACKER_IP: True}
