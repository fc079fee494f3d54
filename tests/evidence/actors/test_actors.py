"""What is told of a suspect who shares a principal with its owner."""

from tests.evidence.records import ATTACKER_IP, Log, session
from tests.evidence.stories import LINUX, read_all
from tests.evidence.story import ask

INSIDE = "Boto3/1.43.0 os/linux exec-env/AWS_Lambda_python3.13"


def function_robbed() -> Log:
    """A function at its work with many sessions; the credentials of one of them turn up elsewhere."""
    log = Log()
    for number in range(20):
        own = session("render", "render", f"ASIARENDER{number:010d}", f"198.51.100.{number}", INSIDE)
        log.wait(minutes=20).object(own, "GetObject", f"work/{number}.pdf", size=70.0)
    read_all(log, own.at(ATTACKER_IP, LINUX), 25)
    return log


def test_a_thief_took_only_what_was_read_from_the_thiefs_places() -> None:
    (thief,) = ask(function_robbed()).suspects
    assert (thief.distinct_objects, thief.get_object_calls, thief.bytes_out) == (25, 25, 25_000)
    assert all(key.startswith("payroll/") for key in thief.objects_read)
    assert thief.events == 45


def test_the_stolen_key_comes_first() -> None:
    result = ask(function_robbed())
    (thief,) = result.suspects
    person = next(one for one in result.people if one.label == "suspect")
    assert thief.access_key_ids[0] == person.access_key_ids[0] == "ASIARENDER0000000019"
    assert thief.source_ips[0] == person.source_ips[0] == ATTACKER_IP
