"""Dates, diffs, the markdown block and rich_text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
RunJs = Callable[..., Any]
AT = 1_762_770_000  # 2025-11-10 10:20:00 UTC, 11:20 in Berlin


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("{date_num}", "2025-11-10"),
        ("{date}", "November 10th, 2025"),
        ("{date_short}", "Nov 10, 2025"),
        ("{date_long}", "Monday, November 10th, 2025"),
        ("{time}", "11:20"),
        ("{time_secs}", "11:20:00"),
        ("{date_pretty} at {time}", "yesterday at 11:20"),
        ("{ago}", "1 day ago"),
        ("{nonsense} {toString}", "{nonsense} {toString}"),
    ],
)
def test_date_tokens_are_slacks(run_js: RunJs, token: str, expected: str) -> None:
    day_later = (AT + 86_400) * 1000
    call = "(m, at, token, now) => m.formatToken(at, token, new Date(now))"
    assert run_js(call, "dates", AT, token, day_later) == expected


@pytest.mark.parametrize(
    ("day", "suffix"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd")]
)
def test_the_days_of_a_month_have_their_endings(run_js: RunJs, day: int, suffix: str) -> None:
    seconds = AT + (day - 10) * 86_400
    assert run_js("(m, at) => m.formatToken(at, '{date}')", "dates", seconds) == f"November {suffix}, 2025"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('  "a": 1,\n- "b": 2\n+ "b": 3', True),
        ('-{"Sid": "Everyone"}', True),
        ("@@ Statement @@\n same", True),
        ("- one\n- two", False),
        ("-5\n-6", False),
        ("--flag\n+x", False),
        ("plain", False),
    ],
)
def test_a_diff_is_told_from_a_list(run_js: RunJs, text: str, expected: bool) -> None:
    assert run_js("(m, text) => m.isDiff(text)", "diff", text) is expected


def test_a_diff_keeps_its_signs_and_says_them_in_words(run_js: RunJs) -> None:
    drawn = run_js("(m, text) => html(m.drawDiff(text))", "diff", "  a\n- b\n+ <i>c</i>")
    assert drawn == (
        '<pre class="diff"><span class="same">  a\n</span><span class="removed" title="removed">- b\n</span>'
        '<span class="added" title="added">+ &lt;i&gt;c&lt;/i&gt;\n</span></pre>'
    )


def markdown(run_js: RunJs, text: str) -> str:
    found: str = run_js("(m, text) => html(...m.drawMarkdown(text).childNodes)", "markdown", text)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Open", "<h4>Open</h4>"),
        ("**bold** and *it*", "<p><strong>bold</strong> and <em>it</em></p>"),
        ("~~no~~ and `x*y*`", "<p><s>no</s> and <code>x*y*</code></p>"),
        ("snake_case_name \\*kept\\*", "<p>snake_case_name *kept*</p>"),
        ("a\n\n---\nb", "<p>a</p><hr><p>b</p>"),
        ("- a\n- b\n  - c", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("> q\n> r", "<blockquote><p>q\nr</p></blockquote>"),
        ("```json\n{}\n```", "<pre><code>{}</code></pre>"),
        ("<b>raw</b>", "<p>&lt;b&gt;raw&lt;/b&gt;</p>"),
        ("[x](javascript:alert)", '<p><span class="no-link">x</span></p>'),
    ],
)  # fmt: skip
def test_markdown_is_the_standard_one(run_js: RunJs, text: str, expected: str) -> None:
    assert markdown(run_js, text) == expected


def test_a_markdown_table_and_tasks(run_js: RunJs) -> None:
    table = markdown(run_js, "| bucket | public |\n|---|:-:|\n| a\\|b | **yes** |")
    assert "<th>bucket</th><th>public</th>" in table
    assert "<td>a|b</td><td><strong>yes</strong></td>" in table
    tasks = markdown(run_js, "- [ ] rotate\n- [x] block")
    assert tasks.count('type="checkbox"') == 2
    assert 'aria-label="done"' in tasks


def test_rich_text_is_text_through_and_through(run_js: RunJs) -> None:
    block = {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_section", "elements": [
                {"type": "text", "text": "<b>&amp;", "style": {"bold": True, "code": True}},
                {"type": "link", "url": "javascript:alert(1)", "text": "x"},
                {"type": "user", "user_id": "U0SAM"}, {"type": "channel", "channel_id": "C0SEC"},
                {"type": "emoji", "name": "eyes"},
                {"type": "date", "timestamp": AT, "format": "{date_num}", "fallback": "?"},
                {"type": "hologram"}]},
            {"type": "rich_text_list", "style": "ordered", "indent": 1, "offset": 2, "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "three"}]}]},
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "- old\n+ new\n same"}]},
            {"type": "rich_text_video"},
        ],
    }  # fmt: skip
    drawn = run_js("(m, block) => html(m.drawRichText(block, names))", "richtext", block)
    assert "<strong><code>&lt;b&gt;&amp;amp;</code></strong>" in drawn
    assert '<span class="no-link">x</span>' in drawn
    assert "@Sam Lindqvist" in drawn
    assert ">2025-11-10</time>" in drawn
    assert "[unsupported: hologram]" in drawn
    assert '<ol class="indent-1" start="3"><li>three</li></ol>' in drawn
    assert "<blockquote>said</blockquote>" in drawn
    assert '<span class="added" title="added">+ new\n</span>' in drawn
    assert "Unsupported rich text: rich_text_video" in drawn
