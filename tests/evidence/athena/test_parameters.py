"""Values on their way to Athena: quoted, packed, and never longer than it takes."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.athena.parameters import MOST_CHARACTERS, Parameters, plain_run, quoted


@given(st.sets(st.text(max_size=40) | st.text(alphabet="'\"\\é", min_size=300, max_size=600), max_size=60))
def test_all_values_arrive_whole_or_as_a_beginning(values: set[str]) -> None:
    parameters = Parameters()
    conditions = list(parameters.is_one_of("x", values))
    assert all(1 <= len(one) <= MOST_CHARACTERS for one in parameters.values)
    assert len(conditions) == len(parameters.values)
    whole: set[str] = set()
    beginnings: list[str] = []
    for condition, literal in zip(conditions, parameters.values, strict=True):
        text = literal[1:-1].replace("''", "'")
        assert quoted(text) == literal
        if condition.startswith("contains"):
            whole |= set(json.loads(text))
        else:
            beginnings.append(text)
    assert whole <= values
    assert all(any(one.startswith(text) for text in beginnings) for one in values - whole)


def test_thousands_of_keys_are_some_parameters() -> None:
    parameters = Parameters()
    keys = {f"ASIA{number:016}" for number in range(2_000)}
    assert len(list(parameters.is_one_of("useridentity.accesskeyid", keys))) == 46


def test_a_quote_is_doubled_and_nothing_else_changes() -> None:
    assert quoted("it's \\ % _ ? \"") == "'it''s \\ % _ ? \"'"


def test_what_json_never_escapes() -> None:
    assert plain_run("acme-pay.roll_1") == "acme-pay.roll_1"
    assert plain_run('a"bcd\\ef') == "bcd"
    assert plain_run("'\"") == ""
