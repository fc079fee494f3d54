"""Records in files like CloudTrail's own: every byte as received, and readable again."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.vault.records import RecordFiles, count_in, files_in, kept_in

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.lists(
    st.tuples(st.dictionaries(st.text(), JSON, max_size=4), st.sampled_from([None, 2]), st.booleans()),
    max_size=12,
).map(lambda made: [json.dumps(one, indent=by, ensure_ascii=short).encode() for one, by, short in made])


@given(records=RECORDS, most=st.integers(1, 400))
def test_every_record_is_there_byte_for_byte_in_order(tmp_path_factory, records, most) -> None:
    folder = tmp_path_factory.mktemp("kept")
    with RecordFiles(folder, most) as files:
        for raw in records:
            files.keep(raw)
    written = files_in(folder)
    read = [one for path in written for one in json.loads(path.read_bytes())["Records"]]
    assert read == [json.loads(raw) for raw in records]
    assert b"".join(records) == b"".join(map(_without_frame, written))
    assert [count_in(path) for path in written] == [
        len(json.loads(path.read_bytes())["Records"]) for path in written
    ]
    assert all(path.stat().st_size <= most + 400 or count_in(path) == 1 for path in written)


def _without_frame(path: Path) -> bytes:
    records = path.read_bytes().removeprefix(b'{"Records":[\n').removesuffix(b"\n]}\n")
    # Two records meet at a line break that no JSON text has between these three bytes.
    return records.replace(b"},\n{", b"}{")


def test_access_log_lines_have_files_of_their_own(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with kept_in(folder) as keep:
        keep(b'79a5 acme [23/Nov/2026:03:10:00 +0000] 198.51.100.7 - 3E57 REST.GET.OBJECT k "GET /k" 200')
        keep(b'{"eventName":"GetObject"}')
        keep(b"79a5 acme [23/Nov/2026:03:10:01 +0000] \xff\xfe")
    cloudtrail, access = files_in(folder)
    assert (cloudtrail.name, access.name) == ("0001.json", "0001.log")
    assert access.read_bytes().splitlines()[1].endswith(b"\xff\xfe")
    assert (count_in(cloudtrail), count_in(access)) == (1, 2)


def test_a_record_that_is_not_quite_json_is_kept_and_not_counted(tmp_path: Path) -> None:
    raw = b'{"eventName":"GetObject","bytes":NaN}'
    with kept_in(tmp_path) as keep:
        keep(raw)
    (path,) = files_in(tmp_path)
    assert raw in path.read_bytes()
    assert count_in(path) is None


def test_nothing_kept_makes_no_file(tmp_path: Path) -> None:
    with kept_in(tmp_path / "kept"):
        pass
    assert files_in(tmp_path / "kept") == []
    assert files_in(tmp_path / "never") == []
