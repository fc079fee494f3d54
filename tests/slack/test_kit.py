"""Whatever goes into the kit, Slack takes what comes out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import ActionsBlock

from bot.slack.cards import kit
from bot.slack.cards.text import escape
from tests.slack.validated import taken

ANY = st.text(max_size=5000)
SAFE = ANY.map(escape)


def a_button(text: str) -> kit.ButtonElement:
    return kit.button(text, "a.b", "v", confirm=kit.confirm(text, text, text, text), label=text)


BLOCKS = st.one_of(
    ANY.map(kit.header),
    SAFE.map(kit.section),
    ANY.map(kit.preformatted),
    st.lists(SAFE, min_size=1, max_size=12).map(lambda texts: kit.context(*texts)),
    st.lists(SAFE, min_size=1, max_size=40).map(lambda lines: kit.paragraph("Title", lines)),
    st.lists(SAFE.filter(bool), min_size=1, max_size=12).map(
        lambda texts: kit.fields(**{f"name_{number}": text for number, text in enumerate(texts)})
    ),
    ANY.map(lambda text: kit.actions(a_button(text))),
)


@given(st.lists(BLOCKS, min_size=1, max_size=70))
def test_every_card_is_taken(blocks):
    taken(kit.card(*blocks))


@given(st.lists(BLOCKS, min_size=1, max_size=70))
def test_what_does_not_fit_is_counted_and_buttons_stay(blocks):
    card = kit.card(*blocks)
    left_out = len(blocks) - len(card.blocks)
    if left_out > 0:
        assert f"… {left_out + 1} more parts" in str(card.payload())
    kept = [one for one in card.blocks if isinstance(one, ActionsBlock)]
    assert len(kept) >= min(len([one for one in blocks if isinstance(one, ActionsBlock)]), 10)


@given(st.text(max_size=20_000))
def test_pages_leave_nothing_out(text):
    shown = "".join(part.elements[0].elements[0].text for part in kit.pages(text))
    assert "".join(shown.split()) == "".join(kit.clean(text).split())


def test_the_text_says_all_that_the_blocks_say():
    card = kit.card(
        kit.header("A & B"),
        kit.fields(opened_by="<@U0SAM>"),
        kit.preformatted("- <old>\n+ new"),
        kit.context("small print"),
        kit.actions(a_button("Approve")),
        None,
    )
    assert card.text.splitlines() == [
        "A &amp; B",
        "*Opened by*",
        "<@U0SAM>",
        "- &lt;old&gt;",
        "+ new",
        "small print",
        "Buttons: Approve",
    ]


def test_what_is_plain_in_the_blocks_has_no_style_in_the_text():
    made = kit.card(kit.header("*not bold*"), kit.preformatted('"Principal": "*", "Action": "*"')).text
    assert made.replace("\N{WORD JOINER}", "") == '*not bold*\n"Principal": "*", "Action": "*"'
    assert '"*"' not in made


def test_a_long_list_says_where_the_rest_is():
    block = kit.paragraph("Findings", ["x" * 100] * 100)
    assert "more: the full list is attached." in block.text.text
    assert kit.paragraph("Findings", []) is None
