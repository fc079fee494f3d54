"""A key in a second place: what is one, and what everyday use looks like."""

import pytest

from tests.evidence.records import CI_IP, LEAKED_KEY, Log, user
from tests.evidence.stories import BROWSER, LINUX, MAC, OFFICE
from tests.evidence.story import ask

BOTO = "Boto3/1.43.0 os/linux"


def titles(*uses: tuple[str, str], presigned: bool = False) -> list[str]:
    log = Log()
    for address, agent in uses:
        extra = {"additionalEventData": {"AuthenticationMethod": "QueryString"}} if presigned else {}
        log.wait(minutes=1).object(user("ci", LEAKED_KEY, address, agent), "GetObject", "a", **extra)
    return [finding.title for finding in ask(log).findings if finding.rule == "D20"]


@pytest.mark.parametrize(
    "uses",
    [
        [(CI_IP, LINUX), (OFFICE, LINUX)],
        [(CI_IP, LINUX), (CI_IP, MAC)],
        [(CI_IP, LINUX), (CI_IP, BOTO), (OFFICE, BOTO)],
        [(CI_IP, LINUX), (OFFICE, LINUX), (OFFICE, BOTO)],
        [(CI_IP, LINUX), (OFFICE, BROWSER)],
    ],
    ids=["moved", "two tools", "second tool moved", "moved, then a second tool", "a browser"],
)
def test_everyday_use(uses: list[tuple[str, str]]) -> None:
    assert titles(*uses) == []


def test_elsewhere_with_another_client() -> None:
    (title,) = titles((CI_IP, LINUX), (OFFICE, MAC))
    assert title.endswith(f"used from {OFFICE} with aws-cli on macOS, after {CI_IP} with aws-cli on Linux")


def test_elsewhere_while_home_goes_on() -> None:
    (title,) = titles((CI_IP, LINUX), (OFFICE, MAC), (CI_IP, LINUX))
    assert title.endswith(f"while {CI_IP} with aws-cli on Linux went on using it")


def test_a_thief_that_moves_on_stays_one() -> None:
    assert len(titles((CI_IP, LINUX), (OFFICE, MAC), ("192.0.2.9", MAC))) == 2


def test_presigned_urls_tell_nothing_about_the_key() -> None:
    assert titles((CI_IP, LINUX), (OFFICE, MAC), ("192.0.2.9", BROWSER), presigned=True) == []
