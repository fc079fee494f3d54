"""Whom the verdict names, and by what."""

from tests.evidence.records import ATTACKER_IP, LEAKED_KEY, SECOND_KEY, Caller, Log, session, user
from tests.evidence.stories import BROWSER, LINUX, MAC, read_all
from tests.evidence.story import ask

SIGNED = {"X-Amz-Date": "20261123T020000Z", "X-Amz-Expires": "604800"}


def test_services_that_read_for_somebody_are_not_whom_to_look_at_first() -> None:
    log = Log()
    read_all(
        log, session("backup", "b", "ASIABACKUP0000000001", "backup.amazonaws.com", "backup.amazonaws.com")
    )
    result = ask(log)
    assert [actor.label for actor in result.actors] == ["unclear"]
    assert "Look first" not in result.verdict
    read_all(log, session("job", "j", "ASIAJOB0000000000001", "192.0.2.1", LINUX))
    assert ask(log).verdict.endswith(
        "Look first at session j of role job (read 30 different objects within 10 minutes)."
    )


def test_several_actors_of_one_person_are_named_once_and_by_the_gravest_act() -> None:
    log = Log()
    admin = user("admin", LEAKED_KEY, ATTACKER_IP, MAC)
    log.call(admin, "iam", "CreateUser", requestParameters={"userName": "helper"})
    log.create_key(admin, "helper", SECOND_KEY)
    log.wait(minutes=9).object(
        user("helper", SECOND_KEY, "192.0.2.77", LINUX), "PutObject", "HOW_TO_RECOVER.txt"
    )
    assert ask(log).verdict.startswith(
        "User admin (a ransom note was written (acme-payroll)) is under suspicion"
    )


def handed_round(addresses: int) -> Log:
    log = Log()
    for number in range(addresses):
        reader: Caller = user("web", LEAKED_KEY, f"192.0.2.{number}", BROWSER)
        event = log.wait(minutes=9).object(
            reader, "GetObject", "export.zip", additionalEventData={"AuthenticationMethod": "QueryString"}
        )
        event["requestParameters"] |= SIGNED
    return log


def test_a_presigned_url_that_many_had() -> None:
    result = ask(handed_round(5))
    assert (
        "presigned URLs of user web leaked, or were passed on: one presigned URL was used from 5 addresses "
        "(export.zip)" in result.verdict
    )
    assert not result.suspects
    assert "presigned URL was" not in ask(handed_round(4)).verdict
