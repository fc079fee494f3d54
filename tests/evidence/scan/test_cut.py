"""Records that are taken at a glance are those that are wanted when they are read whole."""

import json

import pytest

from bot.evidence.wanted import Wanted
from tests.evidence.scan.plain_reader import plainly
from tests.evidence.scan.test_traps import BUCKET, compact, scan, story

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
