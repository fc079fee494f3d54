"""Records that were kept as received are read again, whatever their layout was."""

import json
from pathlib import Path

import pytest

from bot.evidence.vault.records import files_in, kept_in
from bot.reports.recorded import events_in


def record(number: int, **members: object) -> dict[str, object]:
    return {
        "eventID": f"id-{number}",
        "eventTime": f"2026-11-20T03:00:{number:02}Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "requestParameters": {"bucketName": "victim", "key": "a"},
        **members,
    }


def read_again(folder: Path, *raws: bytes) -> list[str]:
    with kept_in(folder) as keep:
        for raw in raws:
            keep(raw)
    return [one.event_id for file in files_in(folder) for one in events_in(file.read_bytes(), file.name)]


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_records_spread_over_several_lines_are_not_lost(tmp_path: Path, indent: int | str | None) -> None:
    raws = [json.dumps(record(number), indent=indent).encode() for number in range(3)]

    assert read_again(tmp_path, *raws) == ["id-0", "id-1", "id-2"]


def test_a_record_that_is_not_quite_json_costs_no_other_record(tmp_path: Path) -> None:
    odd = json.dumps(record(1, additionalEventData={"x": float("nan")}), indent=2).encode()
    good = [json.dumps(record(number), indent=2).encode() for number in (0, 2)]

    assert read_again(tmp_path, good[0], odd, good[1]) == ["id-0", "id-1", "id-2"]


def test_only_a_line_feed_ends_a_line_of_an_access_log(tmp_path: Path) -> None:
    line = (
        b"79a5 victim [20/Nov/2026:03:00:00 +0000] 203.0.113.5 - R1 REST.GET.OBJECT k "
        b'"GET /victim/k HTTP/1.1" 200 - 5 5 1 1 "-" "an\ragent" -'
    )

    assert len(read_again(tmp_path, line, line.replace(b"R1", b"R2"))) == 2


def test_a_file_that_is_damaged_ends_with_what_was_whole() -> None:
    whole = json.dumps({"Records": [record(0), record(1)]}, indent=1).encode()

    assert [one.event_id for one in events_in(whole[:-90], "0001.json")] == ["id-0"]
