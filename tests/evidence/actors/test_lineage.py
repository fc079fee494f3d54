from bot.evidence.actors.lineage import Mints, hops
from bot.evidence.events import event_from
from tests.evidence.records import LEAKED_KEY, SECOND_KEY, START, Log, session, user
from tests.evidence.story import collected

CI = user("ci-deploy", LEAKED_KEY, "198.51.100.10", "aws-cli/2.31.0")


def chain(log: Log, key: str, caller: dict[str, object]) -> list[tuple[str, str, str | None]]:
    who = event_from(
        {"eventTime": "2026-11-23T03:00:00Z", "eventSource": "s3", "eventName": "x", "userIdentity": caller}
    ).who
    return [
        (hop.access_key_id, hop.matched, hop.parent_key_id)
        for hop in hops(key, who, Mints.of(collected(log)))
    ]


def test_a_session_is_walked_to_the_long_term_key() -> None:
    log = Log()
    log.create_key(user("root-admin", "AKIAADMIN00000000001", "1.1.1.1", "x"), "ci-deploy", LEAKED_KEY)
    log.wait(minutes=1).assume(CI, "deploy", "one", "ASIAONE")
    one = session("deploy", "one", "ASIAONE", "1.2.3.4", "x")
    log.wait(minutes=1).assume(one, "admin", "two", "ASIATWO")
    two = session("admin", "two", "ASIATWO", "1.2.3.4", "x")
    assert chain(log, "ASIATWO", dict(two.identity)) == [
        ("ASIATWO", "issued key", "ASIAONE"),
        ("ASIAONE", "issued key", LEAKED_KEY),
        (LEAKED_KEY, "issued key", "AKIAADMIN00000000001"),
        ("AKIAADMIN00000000001", "not found", None),
    ]


def test_without_the_issued_key_the_session_is_found_by_role_name_and_second() -> None:
    log = Log()
    record = log.assume(CI, "deploy", "one", "x")
    record["responseElements"] = None
    caller = dict(session("deploy", "one", "ASIAONE", "1.2.3.4", "x", created=START).identity)
    assert chain(log, "ASIAONE", caller)[0] == ("ASIAONE", "session", LEAKED_KEY)
    log.records[0]["eventTime"] = "2026-11-23T02:00:01Z"
    assert chain(log, "ASIAONE", caller) == [("ASIAONE", "not found", None)]


def test_a_refused_call_issues_nothing() -> None:
    log = Log()
    log.assume(CI, "deploy", "one", "ASIAONE")["errorCode"] = "AccessDenied"
    assert chain(log, "ASIAONE", dict(CI.identity)) == [("ASIAONE", "not found", None)]


def test_a_forged_circle_ends() -> None:
    log = Log()
    log.create_key(user("a", LEAKED_KEY, "1.1.1.1", "x"), "b", SECOND_KEY)
    log.create_key(user("b", SECOND_KEY, "1.1.1.1", "x"), "a", LEAKED_KEY)
    assert [hop[0] for hop in chain(log, LEAKED_KEY, dict(CI.identity))] == [LEAKED_KEY, SECOND_KEY]
