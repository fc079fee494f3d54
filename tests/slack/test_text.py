"""Text that an attacker wrote stays text, whatever it is."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.slack.cards import text

ANY = st.text(st.characters() | st.sampled_from("<>&`*_~\u202e\x00 \n"), max_size=400)
MARKUP = re.compile(r"<[^>]*>")


@given(ANY)
@example("<!channel>")
@example("&lt;!channel&gt;")
@example("`</`")
def test_nothing_untrusted_becomes_markup(value):
    for made in (text.escape(value), text.code(value), text.inline(value), text.quote(value)):
        assert "<" not in made
        assert not re.search(r"&(?!amp;|lt;|gt;)", made)
        assert ">" not in made.replace("\n> ", "").removeprefix("> ")


@given(ANY)
def test_inline_code_cannot_be_left(value):
    made = text.code(value)
    assert made[0] == made[-1] == "`"
    assert "`" not in made[1:-1]
    assert "\n" not in made
    assert made.strip("` ")


@given(ANY)
def test_no_character_that_hides_or_turns_survives(value):
    for one in text.clean(value):
        assert one in "\n\t" or unicodedata.category(one)[0] != "C"


@pytest.mark.parametrize("value", ["attach_user_policy", "a*b", "x~y", "payroll_2026_q1.csv"])
def test_names_stay_as_they_are(value):
    assert text.inline(value) == value


@pytest.mark.parametrize("value", ["*bold*", "_it_", "~gone~", "`code`", "see *this*!", "*_a_*"])
def test_style_means_nothing(value):
    made = text.inline(value)
    assert made.replace("\N{WORD JOINER}", "") == value
    assert not re.search(r"(^|\s)[*_~`]", made)


@given(ANY, st.integers(1, 50))
def test_cut_says_that_something_is_missing(value, limit):
    made = text.cut(value, limit)
    assert len(made) <= limit
    assert made == value or made.endswith("…")


@given(
    st.lists(st.sampled_from(["<@U0SAM>", "&amp;", "`code`", "word ", "<!date^1^{time}|x>"])),
    st.integers(2, 80),
)
def test_mrkdwn_is_never_cut_within_a_token(parts, limit):
    made = text.cut_mrkdwn("".join(parts), limit)
    assert len(made) <= limit
    assert "<" not in MARKUP.sub("", made)
    assert "&" not in made.replace("&amp;", "")
    assert made.count("`") % 2 == 0


@given(st.lists(st.text("abc", max_size=30)), st.integers(20, 200))
def test_fitting_counts_what_it_leaves_out(lines, limit):
    made = text.fitting(lines, limit, "… {} more".format)
    assert len(made) <= limit
    if made != "\n".join(lines):
        *kept, last = made.split("\n")
        assert kept == lines[: len(kept)]
        assert last == f"… {len(lines) - len(kept)} more"


def test_a_person_is_mentioned_and_nothing_else_is():
    assert text.person("U0SAM") == "<@U0SAM>"
    assert text.person("s3incident") == "s3incident"
    assert "<" not in text.person("U0|<!here>")
    assert text.group_or_person("S0APPROVE") == "<!subteam^S0APPROVE>"
    assert "<" not in text.channel("C0<!here>")


def test_a_moment_is_in_the_readers_own_timezone_and_says_utc_elsewhere():
    made = text.moment(datetime(2026, 3, 4, 5, 6, tzinfo=UTC))
    assert made == "<!date^1772600760^{date_short_pretty} at {time}|2026-03-04 05:06 UTC>"


def test_counting():
    assert text.count(1, "call") == "1 call"
    assert text.count(1234, "byte") == "1,234 bytes"
    assert text.count(2, "entry", "entries") == "2 entries"
    assert text.listed(["a", "b", "c"], 2, "and {} more".format) == ["a", "b", "and 1 more"]


@given(ANY)
@example("2026-11-23 13:54 UTC <!channel> `x`")
def test_moments_in_a_text_add_no_other_markup(value):
    made = text.told(f"{value} 2026-11-23 13:54 UTC", 1000)
    rest = re.sub(r"<!date\^\d+\^[^|<>]*\|[\d :-]{16} UTC>", "", made)
    assert "<" not in rest
    assert ">" not in rest


@pytest.mark.parametrize(
    ("said", "made"),
    [
        (
            "last 2026-11-23 13:54 UTC.",
            "last <!date^1795442040^{date_short_pretty} at {time}|2026-11-23 13:54 UTC>.",
        ),
        (
            "2026-11-23 13:54:30 UTC",
            "<!date^1795442070^{date_short_pretty} at {time_secs}|2026-11-23 13:54 UTC>",
        ),
        (
            "called at 2026-11-23 13:54 UTC.",
            "called <!date^1795442040^{date_short_pretty} at {time}|2026-11-23 13:54 UTC>.",
        ),
        ("2026-02-30 13:54 UTC", "2026-02-30 13:54 UTC"),
        ("2026-11-23 13:54", "2026-11-23 13:54"),
    ],
)
def test_moments_in_a_text_are_shown_in_the_readers_time(said, made):
    assert text.told(said) == made


def test_moments_within_code_stay():
    assert text.own_time("`2026-11-23 13:54 UTC`") == "`2026-11-23 13:54 UTC`"


@pytest.mark.parametrize(("hours", "days"), [(1, 1), (11, 1), (12, 2), (40, 2)])
def test_a_span_says_the_day_again_where_the_time_could_be_mistaken(hours, days):
    start = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    made = text.span(start, start + timedelta(hours=hours))
    assert made.count("date_short_pretty") == days
    assert made.count(" UTC>") == 2


@pytest.mark.parametrize(
    ("items", "made"),
    [((), ""), (("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c", "d"), "a, b and 2 more")],
)
def test_a_list_within_a_sentence(items, made):
    assert text.and_more(items, 2) == made


@pytest.mark.parametrize("name", ["U", "W", "Usér", "U²", "U0<x>"])
def test_what_is_no_user_id_mentions_nobody(name: str) -> None:
    assert "<@" not in text.person(name)
