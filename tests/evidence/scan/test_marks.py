"""Marks have no gaps: whatever a search finds in a file, its marks did not rule out."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.scan.marks import marks_in, needles_of, rule_out
from bot.evidence.scan.reader import Reader
from bot.evidence.sources.base import Part
from bot.evidence.sources.folder import LocalFolder
from bot.evidence.wanted import Wanted
from tests.evidence.records import LEAKED_KEY, Log, Record, session, write
from tests.evidence.scan.test_reader import trail_records
from tests.evidence.scan.test_traps import ABOUT_IT, BUCKET, CI, LAYOUTS, ODD, compact, story

MARKING = Wanted(BUCKET, marks=True)
USER = "arn:aws:iam::111122223333:user/ci-deploy"
LOOKED_FOR = [
    Wanted(keys=frozenset({LEAKED_KEY})),
    Wanted(keys=frozenset({LEAKED_KEY + "AND-MORE", "AKIA"})),
    Wanted(principals=frozenset({USER})),
    Wanted(addresses=frozenset({"203.0.113.66", "2001:db8::1"})),
    Wanted(keys=frozenset({"AKIANOBODY0000000001"}), addresses=frozenset({"192.0.2.1"})),
]


def marks_of(data: bytes) -> bytes | None:
    [scan] = Reader(MARKING).content(data)
    return scan.marks


def ruled_out(data: bytes, wanted: Wanted) -> bool:
    marks, needles = marks_of(data), needles_of(wanted)
    assert needles is not None
    return marks is not None and rule_out(marks, needles)


def found(data: bytes, wanted: Wanted) -> list[bytes]:
    return [raw for scan in Reader(wanted).content(data) for raw in scan.found]


@pytest.mark.parametrize("data", LAYOUTS.values(), ids=LAYOUTS)
def test_in_every_layout(data: bytes) -> None:
    for wanted in LOOKED_FOR:
        assert not (ruled_out(data, wanted) and found(data, wanted))


@pytest.mark.parametrize("records", [*ODD.values(), *ABOUT_IT.values()], ids=[*ODD, *ABOUT_IT])
def test_of_all_that_is_odd(records: list[Record]) -> None:
    for wanted in LOOKED_FOR:
        assert not (ruled_out(compact(records), wanted) and found(compact(records), wanted))


def test_they_spare_what_is_certain_not_to_be_there() -> None:
    for wanted in LOOKED_FOR[:4]:
        assert not ruled_out(compact(story()), wanted)
        assert ruled_out(compact([story()[1], story()[5]]), wanted)
    assert ruled_out(compact(story()), LOOKED_FOR[4])


def test_keys_that_a_call_issued_are_noted() -> None:
    log = Log()
    log.create_key(
        session("app", "i-1", "ASIAAPP0000000000001", "10.0.0.1", "x"), "eve", "AKIAEVE0000000000001"
    )
    data = compact(log.records)
    assert len(found(data, Wanted(keys=frozenset({"AKIAEVE0000000000001"})))) == 1
    assert not ruled_out(data, Wanted(keys=frozenset({"AKIAEVE0000000000001"})))
    assert ruled_out(data, Wanted(keys=frozenset({"AKIAEVE0000000000002"})))


@pytest.mark.parametrize(
    "odd",
    [
        {"sourceIPAddress": None},
        {"sourceIPAddress": "a\\b"},
        {"sourceIPAddress": "x" * 60},
        {"userAgent": "arn:aws:iam::1:user/" + "x" * 200},
        {"userAgent": "arn:aws:iam::1:user:user/x"},
        {"userAgent": 'arn:aws:iam::1:user\\"'},
    ],
)
def test_what_is_spelled_oddly_has_none(odd: Record) -> None:
    assert marks_in(bytearray(compact([story()[0] | odd]))) is None
    assert marks_in(bytearray(compact(story()))) is not None


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(BUCKET),
        Wanted(names=frozenset({"CreateUser"})),
        Wanted(agents=frozenset({"kali"})),
        Wanted(kinds=frozenset({"Root"})),
        Wanted(keys=frozenset({LEAKED_KEY, "ASIAAPP0000000000001"})),
        Wanted(principals=frozenset({"arn:aws:sts::111122223333:assumed-role/app/i-1"})),
        Wanted(principals=frozenset({"anonymous"})),
        Wanted(addresses=frozenset({"10.0.0.1"})),
        Wanted(addresses=frozenset({'1"2'})),
        Wanted(keys=frozenset({"AKIA\u212a"})),
    ],
)
def test_of_what_is_not_noted_they_tell_nothing(wanted: Wanted) -> None:
    assert needles_of(wanted) is None


@settings(max_examples=150, deadline=None)
@given(st.lists(trail_records(), min_size=1, max_size=5), st.sampled_from(LOOKED_FOR), st.data())
def test_they_have_no_gaps(records: list[Record], wanted: Wanted, data: st.DataObject) -> None:
    who = [
        CI.identity,
        {**CI.identity, "arn": USER + "/x"},
        {"sessionContext": {"sessionIssuer": {"arn": USER}}},
    ]
    records = [
        one
        | {"userIdentity": data.draw(st.sampled_from([one["userIdentity"], *who]))}
        | {"sourceIPAddress": data.draw(st.sampled_from(["10.1.1.1", "203.0.113.66", "2001:db8::1"]))}
        for one in records
    ]
    text = bytearray(compact(records))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(text) - 1))
        spelled = data.draw(st.sampled_from([b" ", b"\\/", b"\\u0041", b"\n", b'"', b""]))
        text[at : at + len(spelled)] = spelled
    content = bytes(text)
    assert not (ruled_out(content, wanted) and found(content, wanted))


def test_a_file_read_in_pieces_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.evidence.scan.reader.MOST_AT_ONCE", 2000)
    monkeypatch.setattr("bot.evidence.scan.unpack.MOST_AT_ONCE", 2000)
    write(tmp_path, story() * 20, name="20261123T0300Z_x")
    parts: list[Part] = list(LocalFolder(tmp_path).search(MARKING, lambda _: False))
    assert {part.marks for part in parts} == {None}


def test_they_are_of_no_interest_unless_asked_for() -> None:
    [scan] = Reader(Wanted(BUCKET)).content(compact(story()))
    assert scan.marks is None
    assert json.loads(MARKING.to_json())["marks"] is True
    assert (MARKING | Wanted()).marks
    assert not (MARKING - MARKING).marks
