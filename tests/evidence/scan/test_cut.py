"""Records that are taken at a glance, or beside a stretch that nobody looks at, are those that are wanted
when the file is read whole.
"""

import json
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.scan import cut
from bot.evidence.wanted import Wanted
from tests.evidence.records import Record
from tests.evidence.scan.plain_reader import plainly
from tests.evidence.scan.test_reader import NESTING, WANTS, trail_records
from tests.evidence.scan.test_traps import BUCKET, FORGED, compact, scan, story

WANTED = Wanted(BUCKET)
FIRST = compact(story())
PARAMETERS = json.dumps(story()[0]["requestParameters"], separators=(",", ":")).encode()
OTHER = PARAMETERS.replace(BUCKET.encode(), b"acme-lake")


@pytest.mark.parametrize(
    "data",
    [
        FIRST.replace(PARAMETERS, OTHER + b',"requestParameters":' + PARAMETERS, 1),
        FIRST.replace(PARAMETERS, PARAMETERS + b',"requestParameters":' + OTHER, 1),
        FIRST.replace(PARAMETERS, PARAMETERS + b',"requestParameters":null', 1),
        FIRST.replace(b'"bucketName":', b'"bucketName":"acme-lake","bucketName":', 1),
        FIRST.replace(b'"key":"a.csv"', b'"key":"a.csv","bucketName":"acme-lake"', 1),
        FIRST.replace(b'"eventCategory":"Data"', b'"eventCategory":"Data","eventCategory":7', 1),
        FIRST.replace(b'"eventName":"GetObject"', b'"eventName":""', 1),
        FIRST.replace(b'"eventName":"GetObject"', b'"eventName":"GetObject","eventName":""', 1),
        FIRST.replace(b'"eventTime":"2026', b'"eventTime":"1826', 1),
        FIRST.replace(b'"eventTime":"2026', b'"eventTime":"x', 1),
    ],
)
def test_as_the_standard_library_reads_it(data: bytes) -> None:
    assert data != FIRST
    assert [json.loads(raw) for raw in scan(data).found] == plainly(data, WANTED)


@pytest.mark.parametrize("bad", [b'"\\q"', b"01", b"tru", b'"x', b"[1,]"])
def test_a_record_that_is_no_json_is_not_taken(bad: bytes) -> None:
    data = FIRST.replace(b'"key":"a.csv"', b'"key":' + bad, 1)
    assert data != FIRST
    assert scan(data).found == []
    assert scan(data).problems


#: Records about other buckets, many enough for a stretch that is taken unseen.
MANY = [story()[1]] * (2 * cut._UNSEEN // len(json.dumps(story()[1])))

#: Wide stretches with a forged record at either end, on both sides of what is wanted, and nothing before it.
HIT, *_ = story()
ENDS_IN_A_HIT = story()[1] | {"requestParameters": {"items": [{}, *MANY, FORGED]}}
BEGINS_WITH_A_HIT = story()[1] | {"requestParameters": {"items": [{}, FORGED, *MANY, {}]}}


@pytest.mark.parametrize(
    "records",
    [
        [HIT, *MANY, HIT],
        [*MANY, HIT],
        [HIT, *MANY],
        [*MANY, *MANY, HIT, *MANY],
        [HIT, *MANY, NESTING, HIT],
        [NESTING, *MANY, HIT],
        [HIT, *MANY, NESTING],
        [*MANY, NESTING, *MANY],
        [HIT, ENDS_IN_A_HIT, HIT],
        [HIT, BEGINS_WITH_A_HIT, HIT],
        [ENDS_IN_A_HIT],
        [BEGINS_WITH_A_HIT],
        [ENDS_IN_A_HIT, BEGINS_WITH_A_HIT],
    ],
)
def test_beside_a_wide_stretch(records: list[Record]) -> None:
    read = scan(compact(records))
    assert [json.loads(raw) for raw in read.found] == [one for one in records if one == HIT]
    assert (read.records, read.problems) == (len(records), [])


def test_another_list_of_records_is_not_in_a_stretch_that_nobody_looks_at() -> None:
    read = scan(compact([HIT, *MANY], other=[*MANY, HIT]))
    assert len(read.found) == 1


def test_what_is_no_json_beside_what_is_wanted_hides_nothing() -> None:
    """As in files without anything that is wanted: who finds it need not know that."""
    broken = compact([HIT, *MANY, HIT]).replace(b'"bucketName":"acme-lake"', b'"bucketName":acme-lake')
    read = scan(broken)
    assert [json.loads(raw) for raw in read.found] == [HIT, HIT]
    assert scan(compact([HIT, story()[1], HIT]).replace(b'"acme-lake"', b"acme-lake")).found == []


@settings(max_examples=150, deadline=None)
@given(st.lists(trail_records(), min_size=1, max_size=6), WANTS)
def test_agrees_with_the_standard_library_where_the_widest_stretch_is_unseen(
    records: list[Record], wanted: Wanted
) -> None:
    data = compact(records)
    with mock.patch.object(cut, "_UNSEEN", 1):
        assert [json.loads(raw) for raw in scan(data, wanted).found] == plainly(data, wanted)
