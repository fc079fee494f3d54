from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents import jobs
from bot.incidents.opening import (
    AlreadyOpen,
    Opened,
    OpenWords,
    check_bucket_name,
    open_incident,
    parse_open,
)
from bot.store import incidents, ledger, outbox
from tests.incidents.doing import DANA, REQUEST, SAM, Desk


def test_opening_makes_everything_in_one_transaction(both: Desk) -> None:
    incident = both.open()

    assert (incident.name, incident.phase, incident.severity) == ("inc-0001", "triage", 1)
    assert both.timeline() == [(DANA.user_id, "opened")]
    assert both.queued(jobs.CHANNEL_CREATE) == [{"incident_id": 1}]
    with both.database.read() as tx:
        card = outbox.find(tx, "incident:1")
        assert card is not None
        assert (card.destination, card.card, card.args) == ("incident:1", "control", {"incident_id": 1})
        assert [entry.action for entry in ledger.entries(tx)] == ["incident.opened"]
        assert [(one.user_id, one.role) for one in incidents.participants(tx, 1)] == [("U0DANA", "opener")]


def test_nothing_stays_of_an_opening_that_fails(desk: Desk) -> None:
    def fail() -> None:
        with desk.database.begin() as tx:
            open_incident(tx, REQUEST)
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        fail()
    with desk.database.read() as tx:
        assert incidents.listing(tx) == []
        assert outbox.pending(tx) == []
        assert ledger.size(tx) == 0


def test_a_second_open_points_to_the_first(both: Desk) -> None:
    first = both.open()
    with both.database.begin() as tx:
        second = open_incident(tx, replace(REQUEST, opened_by=SAM.user_id, severity=3))
    assert isinstance(second, AlreadyOpen)
    assert second.incident.id == first.id
    assert both.timeline() == [(DANA.user_id, "opened")]


def test_two_people_at_once_open_one_incident(both: Desk) -> None:
    def one(_: int) -> Opened | AlreadyOpen:
        with both.database.begin() as tx:
            return open_incident(tx, REQUEST)

    with ThreadPoolExecutor(8) as pool:
        came = list(pool.map(one, range(8)))
    assert [type(each) for each in came].count(Opened) == 1
    assert {each.incident.id for each in came} == {next(e for e in came if isinstance(e, Opened)).incident.id}


def test_the_same_name_in_another_account_is_another_bucket(desk: Desk) -> None:
    desk.open()
    with desk.database.begin() as tx:
        assert isinstance(open_incident(tx, replace(REQUEST, account_id="444455556666")), Opened)


def test_a_closed_incident_does_not_block_a_new_one(desk: Desk) -> None:
    incident = desk.open()
    with desk.database.begin() as tx:
        incidents.move(tx, incident.id, {"triage"}, "closed")
        assert isinstance(open_incident(tx, REQUEST), Opened)


@pytest.mark.parametrize("wrong", [{"bucket": "x"}, {"severity": 0}, {"severity": 5}])
def test_what_the_forms_should_have_refused(desk: Desk, wrong: dict[str, object]) -> None:
    with desk.database.begin() as tx, pytest.raises(ValueError, match=r"bucket|severity"):
        open_incident(tx, replace(REQUEST, **wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    ["abc", "acme-payroll", "my.bucket.example.com", "1bucket2", "a" * 63, "Legacy_Bucket", "acme--double"],
)
def test_names_that_buckets_have(name: str) -> None:
    assert check_bucket_name(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "ab",
        "-acme",
        "acme-",
        "ac me",
        "acme..pay",
        "192.168.5.4",
        "bücket",
        "a/b",
        "<!channel>",
        "a" * 256,
        "abc\n",
    ],
)
def test_names_that_no_bucket_has(name: str) -> None:
    sentence = check_bucket_name(name)
    assert sentence is not None
    assert "cannot be the name of an S3 bucket" in sentence


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("my-ap-abcdef-s3alias", "access point alias"),
        ("orders--use1-az4--x-s3", "directory bucket"),
        ("sales--table-s3", "table bucket"),
        ("mfzwi23gnjvgw.mrap", "Multi-Region Access Point"),
    ],
)
def test_other_kinds_of_bucket_are_named(name: str, kind: str) -> None:
    assert kind in (check_bucket_name(name) or "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("acme-payroll", OpenWords("acme-payroll", 2, "")),
        ("  acme-payroll   sev1   a key leaked ", OpenWords("acme-payroll", 1, "a key leaked")),
        ("acme-payroll SEV-3", OpenWords("acme-payroll", 3, "")),
        ("acme-payroll several reads at night", OpenWords("acme-payroll", 2, "several reads at night")),
        ("s3://acme-payroll/2026/salaries.csv sev2", OpenWords("acme-payroll", 2, "")),
        ("arn:aws:s3:::acme-payroll/*", OpenWords("acme-payroll", 2, "")),
    ],
)
def test_reading_the_command(text: str, words: OpenWords) -> None:
    assert parse_open(text) == words


@pytest.mark.parametrize(
    ("text", "hint"), [("", "/s3incident open BUCKET"), ("x", "3 to 63"), ("acme-payroll sev9", "sev4")]
)
def test_a_command_that_cannot_be_read(text: str, hint: str) -> None:
    sentence = parse_open(text)
    assert isinstance(sentence, str)
    assert hint in sentence


@given(st.text(max_size=80))
def test_whatever_is_typed_gives_words_that_can_be_opened_or_a_sentence(text: str) -> None:
    read = parse_open(text)
    if isinstance(read, OpenWords):
        assert check_bucket_name(read.bucket) is None
        assert 1 <= read.severity <= 4
    else:
        assert read.endswith(".")
