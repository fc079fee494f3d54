"""mrkdwn by Slack's rules, and hostile text that stays text."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import some_of

pytestmark = pytest.mark.browser
RunJs = Callable[..., Any]


def draw(run_js: RunJs, text: str, **options: Any) -> str:
    found: str = run_js(
        "(m, text, options) => html(m.drawMrkdwn(text, names, options))", "mrkdwn", text, options
    )
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*bold* _italic_ ~gone~", "<strong>bold</strong> <em>italic</em> <s>gone</s>"),
        ("*bold _and italic_*", "<strong>bold <em>and italic</em></strong>"),
        ("(*bold*), *bold*.", "(<strong>bold</strong>), <strong>bold</strong>."),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("* not bold * and ** nor this **", "* not bold * and ** nor this **"),
        ("*no\nbreaks*", "*no\nbreaks*"),
        ("*`a*b` c*", "<strong><code>a*b</code> c</strong>"),
        ("**not markdown**", "**not markdown**"),
        ("- a\n- b", "- a\n- b"),
        ("# no heading [no](http)", "# no heading [no](http)"),
    ],
)
def test_emphasis_needs_word_boundaries_and_one_line(run_js: RunJs, text: str, expected: str) -> None:
    assert draw(run_js, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`*plain* :tada:`", "<code>*plain* :tada:</code>"),
        ("a ```x *y*\nz``` b", "a <pre><code>x *y*\nz</code></pre> b"),
        ("```\nline\n```\nafter", "<pre><code>line</code></pre>after"),
        ("``` ```", "<pre><code> </code></pre>"),
        ("``", "``"),
        ("`unfinished", "`unfinished"),
    ],
)
def test_code_keeps_its_characters(run_js: RunJs, text: str, expected: str) -> None:
    assert draw(run_js, text) == expected


def test_quotes_are_lines_and_three_signs_quote_the_rest(run_js: RunJs) -> None:
    assert draw(run_js, "said:\n&gt; one\n&gt; *two*\nend") == (
        "said:<blockquote>one\n<strong>two</strong></blockquote>end"
    )
    assert draw(run_js, "&gt;&gt;&gt;one\n\ntwo") == "<blockquote>one\n\ntwo</blockquote>"
    assert draw(run_js, "a &gt; b") == "a &gt; b"


def test_a_link_opens_beside_the_page_and_shows_where_it_leads(run_js: RunJs) -> None:
    assert draw(run_js, "<https://a.example/?x=1&amp;y=2|the *runbook*>") == (
        '<a href="https://a.example/?x=1&amp;y=2" title="https://a.example/?x=1&amp;y=2" target="_blank" '
        'rel="noopener noreferrer">the *runbook*</a>'
    )
    assert ">sec@example.com</a>" in draw(run_js, "<mailto:sec@example.com>")


def test_bare_addresses_become_links_unless_verbatim(run_js: RunJs) -> None:
    assert 'href="https://a.example/x"' in draw(run_js, "see https://a.example/x.")
    assert draw(run_js, "see https://a.example/x.").endswith("</a>.")
    assert draw(run_js, "see https://a.example/x.", verbatim=True) == "see https://a.example/x."


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:x",
    ],
)
def test_only_http_and_mail_are_followed(run_js: RunJs, address: str) -> None:
    assert draw(run_js, f"<{address}|click me>") == '<span class="no-link">click me</span>'


def test_mentions_carry_names_and_mine_stands_out(run_js: RunJs) -> None:
    assert draw(run_js, "<@U0SAM>") == '<span class="mention">@Sam Lindqvist</span>'
    assert draw(run_js, "<@U0ME>") == '<span class="mention mine">@Dana Okafor</span>'
    assert draw(run_js, "<@U0NOBODY|eve>") == '<span class="mention">@eve</span>'
    assert draw(run_js, "<!subteam^S0APPROVE>") == '<span class="mention">@s3-approvers</span>'
    assert draw(run_js, "<!here>") == '<span class="mention mine">@here</span>'


def test_a_channel_is_a_way_in_only_where_the_person_may_go(run_js: RunJs) -> None:
    assert draw(run_js, "<#C0SEC>") == '<a class="mention" href="#C0SEC">#security</a>'
    assert draw(run_js, "<#C0OTHER|inc-7>") == '<span class="mention">#inc-7</span>'
    assert draw(run_js, "<#C0OTHER>") == '<span class="mention">#private channel</span>'


def test_a_date_is_local_and_falls_back(run_js: RunJs) -> None:
    drawn = draw(run_js, "<!date^1392734382^Posted {date_num} {time_secs}|2014-02-18>")
    assert ">Posted 2014-02-18 15:39:42</time>" in drawn  # 14:39:42 UTC, drawn in Berlin
    assert draw(run_js, "<!date^soon^{date}|a day>") == "<span>a day</span>"
    assert 'href="https://a.example/"' in draw(run_js, "<!date^1392734382^{date}^https://a.example/|then>")


def test_known_short_codes_are_drawn_and_others_stay(run_js: RunJs) -> None:
    assert ">🎉</span>" in draw(run_js, "done :tada:")
    assert draw(run_js, ":not_an_emoji: 10:30:00") == ":not_an_emoji: 10:30:00"
    assert draw(run_js, ":constructor:") == ":constructor:"


def test_escapes_are_undone_exactly_once(run_js: RunJs) -> None:
    assert draw(run_js, "&lt;b&gt; &amp;lt; &quot; &#39;") == "&lt;b&gt; &amp;lt; &amp;quot; &amp;#39;"


def test_plain_text_has_no_formatting(run_js: RunJs) -> None:
    drawn = run_js(
        "(m, o) => html(m.drawText(o, names))", "mrkdwn", {"type": "plain_text", "text": "*a* &amp; <@U0SAM>"}
    )
    assert drawn == "*a* &amp; &lt;@U0SAM&gt;"


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "*<b onmouseover=alert(1)>x</b>*",
    "`<iframe src=javascript:alert(1)>`",
    "```<style>*{display:none}</style>```",
    '<https://a.example/"onmouseover="alert(1)|x>',
    "<https://a.example|<script>alert(1)</script>>",
    "<@U0SAM|<img src=x>>",
    "<!date^0^<b>{date}</b>|<i>x</i>>",
    "\u202egpj.exe",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(run_js: RunJs, text: str) -> None:
    drawn = draw(run_js, text)
    assert re.findall(r"<(?:script|img|iframe|style|b|i)\b", drawn) == []
    assert re.findall(r"<[^>]*\son\w+=", re.sub(r'"[^"]*"', "", drawn)) == []


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [*HOSTILE, "*", "_", "~", "`", "```", "<", ">", "|", "&lt;", "&gt;", "\n", " ", ":tada:", "a"]
        ),
        st.text(max_size=6),
    ),
    max_size=14,
).map("".join)
ALLOWED = {"STRONG", "EM", "S", "CODE", "PRE", "BLOCKQUOTE", "A", "SPAN", "TIME"}


@settings(
    max_examples=some_of(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(texts=st.lists(PIECES, min_size=1, max_size=25))
def test_no_text_ever_becomes_another_element(run_js: RunJs, texts: list[str]) -> None:
    """Whatever is written, only mrkdwn's own elements come out and links lead only where links may lead."""
    drawn = run_js(
        """(m, texts) => texts.map((text) => {
            const root = document.createElement("div");
            root.append(m.drawMrkdwn(text, names));
            const all = [...root.querySelectorAll("*")];
            return { tags: all.map((one) => one.tagName), links: all.flatMap((one) => one.protocol ?? []),
                     handlers: all.some((one) => [...one.attributes].some((a) => a.name.startsWith("on"))) };
        })""",
        "mrkdwn",
        texts,
    )
    for one in drawn:
        assert set(one["tags"]) <= ALLOWED
        assert set(one["links"]) <= {"http:", "https:", "mailto:"}
        assert not one["handlers"]


@settings(
    max_examples=some_of(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(texts=st.lists(st.text(alphabet="ab<>&;lt gmp\"'\n", max_size=30), min_size=1, max_size=25))
def test_escaped_text_is_shown_as_it_was_before_escaping(run_js: RunJs, texts: list[str]) -> None:
    """The bot escapes & < >; a person then reads exactly the attacker's characters."""
    escaped = [escape(text, quote=False) for text in texts]
    shown = run_js(
        "(m, texts) => texts.map((text) => m.drawInline(text, { names }).map((n) => n.textContent).join(''))",
        "mrkdwn",
        escaped,
    )
    assert shown == texts


def test_a_hostile_length_is_drawn_in_time(run_js: RunJs) -> None:
    took = run_js(
        """(m) => { const start = performance.now();
            for (const piece of ["*_~", "*", "<", "`", ":", "&gt;\\n", "h", "http://", "_a "]) {
              m.drawMrkdwn(piece.repeat(4000 / piece.length), names);
            }
            return performance.now() - start; }""",
        "mrkdwn",
    )
    assert took < 2000
