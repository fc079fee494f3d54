"""The list of events as CSV: what is in it, and that no cell of it is ever calculated."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.events import Event, event_from
from bot.reports.event_list import COLUMNS, MOST, cell, write_events
from tests.evidence.records import BUCKET, leaked_key
from tests.incidents.evidence import investigation
from tests.reports.shown import complete

ANY = st.text(st.characters(codec="utf-8") | st.sampled_from("=+-@\t\r\n;, \"'"), max_size=60)


def events() -> list[Event]:
    return [event_from(record) for record in leaked_key().records]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_event_about_the_bucket_has_a_row_with_its_reason() -> None:
    text = io.StringIO(newline="")
    number = write_events(investigation(bucket=BUCKET), events(), text)
    rows = rows_of(text.getvalue())
    assert tuple(rows[0]) == COLUMNS
    assert number == len(rows) == 92
    assert {row["bucket"] for row in rows} == {BUCKET}
    assert all("about the bucket" in row["why"] for row in rows)
    reads = [row for row in rows if row["action"] == "s3:GetObject" and row["outcome"] == "ok"]
    assert all(row["bytes_out"].isdigit() for row in reads)
    assert {row["outcome"] for row in rows} == {"ok", "denied"}


def test_what_a_suspect_did_elsewhere_is_in_it_with_the_finding() -> None:
    (one,) = [event for event in events() if event.name == "PutUserPolicy"]
    found = complete(bucket=BUCKET)
    origin = (
        found.actors[0]
        .origins[0]
        .model_copy(
            update={
                "access_key_id": one.who.access_key,
                "source_ip": one.source_ip,
                "user_agent": one.user_agent,
            }
        )
    )
    changed = {"principal": one.who.principal, "origins": (origin,), "source_ips": (one.source_ip,)}
    actor = found.actors[0].model_copy(update=changed)
    finding = found.findings[0].model_copy(update={"event_ids": (one.event_id,), "rule": "E14"})
    text = io.StringIO(newline="")
    write_events(found.model_copy(update={"actors": (actor,), "findings": (finding,)}), [one], text)
    (row,) = rows_of(text.getvalue())
    assert row["why"] == "E14 Bucket policy opened to everybody; from a place held against a suspect"
    assert row["label"] == "suspect"


def test_what_has_nothing_to_do_with_it_is_not_listed() -> None:
    text = io.StringIO(newline="")
    assert write_events(investigation(bucket="another-bucket"), events(), text) == 0


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\uff1d1", "'\uff1d1"),
        ("curl;=1+1", "curl;'=1+1"),
        ("aws-cli/2", "aws-cli/2"),
        ("\t=1", "\N{REPLACEMENT CHARACTER}=1"),
        (4096, "4096"),
    ],
)
def test_a_formula_becomes_text(given: object, made: str) -> None:
    assert cell(given) == made


@given(ANY)
def test_no_cell_begins_like_a_formula_wherever_it_is_split(text: str) -> None:
    made = cell(text)
    assert all(part.lstrip()[:1] not in tuple("=+-@\t\r") for part in made.split(";") if part.strip())
    assert made.isprintable()


@given(st.lists(ANY, min_size=1, max_size=5))
def test_a_cell_never_becomes_two(values: list[str]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow([cell(value) for value in values])
    assert next(csv.reader(io.StringIO(text.getvalue(), newline=""))) == [cell(value) for value in values]


def test_secrets_are_taken_out_and_long_cells_cut() -> None:
    assert "f" * 64 not in cell(f"https://b.s3.amazonaws.com/k?X-Amz-Signature={'f' * 64}")
    assert len(cell("x" * 100_000)) == MOST
