"""Damage, size, and the reader beside the standard library's on whatever hypothesis thinks up."""

import gzip
import json
import re
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.scan import elements, reader, unpack
from bot.evidence.scan.reader import FileScan, Reader
from bot.evidence.wanted import Wanted
from tests.evidence.records import Record
from tests.evidence.scan.plain_reader import plainly
from tests.evidence.scan.test_traps import BUCKET, FORGED, compact, story

WANTED = Wanted(BUCKET)
STORY = compact(story())

#: A record about another bucket, with forged records about this one inside.
NESTING = story()[1] | {"requestParameters": {"items": [{}, FORGED, FORGED, {}]}}


def scans(data: bytes, wanted: Wanted = WANTED) -> list[FileScan]:
    return list(Reader(wanted).content(data))


def said(data: bytes) -> str:
    [problem] = [one for scan in scans(data) for one in scan.problems]
    return problem.reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (gzip.compress(b""), "the file is empty"),
        (gzip.compress(STORY)[:-1], "the gzip data is cut short"),
        (gzip.compress(STORY)[:-20], "the gzip data is cut short"),
        (gzip.compress(STORY, mtime=0)[:5], "the gzip data is cut short"),
        (b"\x1f\x8b\x08\0\0", "the gzip data is cut short"),  # its last four bytes could be a length
        (gzip.compress(STORY)[:-8] + b"\1" * 8, "the gzip data is damaged"),
        (gzip.compress(STORY)[:-8] + b"\1\2\3\4" + gzip.compress(STORY)[-4:], "the gzip data is damaged"),
        (gzip.compress(STORY)[:200] + b"\0" * 50, "the gzip data is (damaged|cut short)"),
        (b"\x1f\x8bnot gzip at all", "the gzip data is damaged"),
        (gzip.compress(STORY) + b"and more that is no gzip", "the gzip data is damaged"),
        (zlib.compress(STORY), "not JSON at byte 0"),
        (b"<html>AccessDenied</html>", "not JSON at byte 0"),
        (STORY[:-30], "not JSON at byte"),
        (STORY.replace(b'"eventName":"PutUser', b'"eventName""PutUser'), "not JSON at byte"),
        (b'{"Records":{"a":1}}', '"Records" is not a list'),
        (b'{"answer":42}', 'no "Records"'),
        (b'{"digestS3Object":"x"}', "digest"),
        (b"[1,2]", "not CloudTrail"),
        (b'{"Records":' + b"[" * 5000 + b"]" * 5000 + b"}", "not JSON|not CloudTrail"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(data: bytes, reason: str) -> None:
    sentence = said(data)
    assert sentence.endswith("; the file was skipped")
    assert "\n" not in sentence
    assert re.search(reason, sentence)


def test_two_members_padding_and_a_name_in_the_header() -> None:
    named = BytesIO()
    with gzip.GzipFile("a long name.json", "wb", fileobj=named) as file:
        file.write(STORY)
    for data in (
        gzip.compress(STORY[:100]) + gzip.compress(STORY[100:]),
        gzip.compress(STORY[: len(STORY) // 2]) + gzip.compress(STORY[len(STORY) // 2 :]),
        gzip.compress(b"") + gzip.compress(STORY),
        gzip.compress(STORY) + gzip.compress(b""),
        gzip.compress(STORY) + b"\0" * 512,
        named.getvalue(),
    ):
        assert sum(len(scan.found) for scan in scans(data)) == 2


def test_two_members_of_one_size_are_two() -> None:
    """The length at the end says nothing here: only the second member's beginning shows that there is one."""
    half = compact([story()[0]])
    lines = half[len('{"Records":[') : -2] + b"\n"
    assert len(scans(gzip.compress(lines) + gzip.compress(lines))[0].found) == 2


def test_bad_records_are_counted_and_the_others_read() -> None:
    [scan] = scans(json.dumps({"Records": [*story(), {"eventName": "GetObject"}, 7]}).encode())
    assert (len(scan.found), scan.records) == (2, 8)
    [problem] = scan.problems
    assert problem.reason == "2 of 8 records were left out (record 7: no eventTime and no eventSource)"


def test_a_hit_in_what_is_no_record_sends_the_file_the_whole_way() -> None:
    [scan] = scans(compact([*story(), {"eventVersion": "1.11", "eventName": BUCKET}]))
    assert (len(scan.found), len(scan.problems)) == (2, 1)


@pytest.mark.parametrize("bad", [b'"\\ud800"', b'"\xff\xfe"', b'"\x01"', b"NaN", b"[Infinity]"])
def test_what_json_may_not_hold_hides_no_record(bad: bytes) -> None:
    [scan] = scans(STORY.replace(b'"key":"a.csv"', b'"key":' + bad))
    assert len(scan.found) == 2
    assert b'"key":' + bad in scan.found[0]


class TestLargeFiles:
    """Read piece by piece: here with pieces of a few records."""

    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unpack, "MOST_AT_ONCE", 2000)
        monkeypatch.setattr(reader, "MOST_AT_ONCE", 2000)
        monkeypatch.setattr(unpack, "_CHUNK", 1500)
        monkeypatch.setattr(reader, "_HANDFUL", 1500)

    @pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
    @pytest.mark.parametrize(
        "data",
        [
            compact(story() * 5),
            compact(story() * 5) + b"\n",
            json.dumps({"Records": story() * 5}, indent=2).encode(),
            b"\xef\xbb\xbf" + compact(story() * 5),
            json.dumps(story() * 5).encode(),
            b"\n".join(json.dumps(record).encode() for record in story() * 5),
            b"\n".join(json.dumps(record).encode() for record in story() * 5) + b"\n\n",
            compact(story() * 5, after=[1, {"x": []}]),
            compact(story()) * 5,
            (compact(story()) + b"\n") * 5,
            compact([*story() * 4, NESTING, *story()]),
            compact([*story() * 2, story()[1] | {"errorMessage": "\u002d" * 6000}, *story() * 3]),
            compact(story() * 5).replace(b"acme-payroll", b"acme\\u002dpayroll"),
            json.dumps({"Events": [{"CloudTrailEvent": json.dumps(one)} for one in story() * 5]}).encode(),
        ],
    )
    def test_in_every_layout(self, data: bytes, pack: Any, tmp_path: Path) -> None:
        path = tmp_path / "x"
        path.write_bytes(pack(data))
        pieces = list(Reader(WANTED).file(path))
        raws = [json.loads(raw) for piece in pieces for raw in piece.found]
        assert [one["requestParameters"]["key"] for one in raws] == ["a.csv", "d.csv"] * 5
        assert len(pieces) > 2
        assert [problem for piece in pieces for problem in piece.problems] == []
        assert max(len(piece.found) for piece in pieces) < 5

    def test_what_comes_before_the_damage_is_read(self) -> None:
        pieces = scans(gzip.compress(compact(story() * 50), 0)[:-20_000])
        assert sum(len(piece.found) for piece in pieces) > 20
        assert pieces[-1].problems[0].reason == (
            "the gzip data is cut short; what comes before that was read, what comes after was not"
        )

    def test_a_broken_line_costs_one_record(self) -> None:
        lines = [json.dumps(record) for record in story() * 5]
        lines[7] = lines[7][:-20]
        pieces = scans("\n".join(lines).encode())
        assert sum(len(piece.found) for piece in pieces) == 10
        assert pieces[-1].problems[0].reason.startswith("1 of 30 records were left out (record 8: not JSON")

    def test_a_value_without_end_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(elements, "MOST_VALUE", 4000)
        assert said(b'[{"a":"' + b"x" * 20_000).startswith("a single JSON value of more than")
        assert said(b'{"a":1}\n{"a":"' + b"x" * 20_000).startswith("a single line of more than")

    def test_a_small_file_that_unpacks_without_end_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unpack, "MOST_UNPACKED", 1 << 20)
        assert "it unpacks to more than 1 MB" in said(gzip.compress(b" " * (3 << 20)))


def _members() -> st.SearchStrategy[Any]:
    text = st.sampled_from(
        [
            "",
            BUCKET,
            "x",
            "\\",
            '"',
            '},{"eventVersion":',
            "]}",
            "[{",
            "\u212a",
            "é",
            "\U0001f600",
            "a/b",
            "\n",
        ]
    )
    leaf = text | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.none()
    names = st.sampled_from(
        ["eventVersion", "eventName", "eventID", "bucketName", "bucket", "key", "Records"]
    )
    return st.recursive(
        leaf | st.just(FORGED),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=8,
    )


@st.composite
def trail_records(draw: st.DrawFn) -> Record:
    record = dict(draw(st.sampled_from(story())))
    for name in draw(
        st.lists(
            st.sampled_from(["requestParameters", "errorMessage", "userAgent", "x", "eventName"]), max_size=2
        )
    ):
        record[name] = draw(_members())
    if draw(st.integers(0, 9)) == 0:
        record = dict(sorted(record.items()))
    return record


WANTS = st.sampled_from(
    [
        WANTED,
        Wanted(BUCKET, names=frozenset({"DeleteBucket", "PutUserPolicy", "A", "B"})),
        Wanted(names=frozenset({"GetObject"}), agents=frozenset({"x"})),
        Wanted(
            keys=frozenset({"AKIALEAKEDKEY0000001", "1", "2", "3", "4"}), kinds=frozenset({"AssumedRole"})
        ),
    ]
)
DUMPS = st.sampled_from(
    [
        {"separators": (",", ":")},
        {"separators": (",", ":"), "ensure_ascii": False},
        {"separators": (",", ": ")},
        {"separators": (", ", ":"), "ensure_ascii": False},
        {"indent": 1},
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(trail_records(), max_size=6), WANTS, DUMPS, st.booleans(), st.binary(max_size=3))
def test_agrees_with_the_standard_library(
    records: list[Record], wanted: Wanted, form: dict[str, Any], packed: bool, padding: bytes
) -> None:
    text = json.dumps({"Records": records}, **form).encode() + b"\n" * len(padding)
    data = gzip.compress(text) + b"\0" * len(padding) if packed else text
    [scan] = scans(data, wanted)
    assert [json.loads(raw) for raw in scan.found] == plainly(data, wanted)
    assert all(raw in text for raw in scan.found)


@settings(max_examples=200, deadline=None)
@given(st.lists(trail_records(), min_size=1, max_size=5), WANTS, st.booleans(), st.data())
def test_agrees_on_mutated_files(
    records: list[Record], wanted: Wanted, packed: bool, data: st.DataObject
) -> None:
    """Where the standard library reads a file, so do we, and the same; where it does not, we say so, unless
    nothing that is wanted is in it at all.
    """
    text = bytearray(gzip.compress(compact(records)) if packed else compact(records))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, max(0, len(text) - 1)))
        length = data.draw(st.integers(0, 40))
        text[at : at + length] = data.draw(
            st.sampled_from(
                [b"", b"{", b"}", b"]", b'"', b",", b" ", b'},{"eventVersion":', b"\\", b"\\u0061", b"\0"]
            )
        )
    content = bytes(text)
    pieces = scans(content, wanted)
    try:
        expected = plainly(content, wanted)
    except (ValueError, EOFError, OSError, KeyError, TypeError, zlib.error):
        found = [raw for piece in pieces for raw in piece.found]
        assert any(piece.problems for piece in pieces) or not found or _lenient(content)
    else:
        assert [json.loads(raw) for piece in pieces for raw in piece.found] == expected


def _lenient(content: bytes) -> bool:
    """Whether the text is read on purpose where the standard library gives up: as other layouts than a trail
    file's, or with characters in it that JSON may not hold.
    """
    try:
        text = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    except (OSError, EOFError, zlib.error):
        return False
    return not text.startswith(b'{"Records":[{"eventVersion":') or b"\0" in text
