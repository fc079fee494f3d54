"""Whether Slack would take a card: judged by the fake Slack's own validation, which knows all its limits."""

from __future__ import annotations

import re

from slack_sdk.models.views import View

from bot.sandbox.slack.content import UPDATE_CHARACTERS
from bot.sandbox.slack.validation import surfaces
from bot.slack.cards.kit import Card

# All that a card of ours may put between angle brackets: people, groups, channels, moments.
_OURS = re.compile(r"<(@[UW]\w+|!subteam\^S\w+|#C\w+|!date\^\d+\^[^|<>]+\|[^<>]+ UTC)>")
_ENTITY = re.compile(r"&(amp|lt|gt);")


def taken(card: Card) -> Card:
    """The card, if Slack takes it and nothing in its texts is markup that is not ours."""
    blocks = card.payload()
    assert surfaces.blocks_issues(blocks) == []
    assert not surfaces.too_long(blocks)
    assert 0 < len(card.text) <= UPDATE_CHARACTERS
    harmless(card.text)
    for text in _mrkdwn(blocks):
        harmless(text)
    return card


def taken_view(view: View) -> View:
    definition = view.to_dict()
    assert surfaces.view_issues(definition) == []
    assert not surfaces.view_too_large(definition)
    for text in _mrkdwn(definition["blocks"]):
        harmless(text)
    return view


def harmless(text: str) -> None:
    rest = _OURS.sub("", text)
    assert "<" not in rest, rest
    assert "&" not in _ENTITY.sub("", rest), rest


def _mrkdwn(value: object) -> list[str]:
    """Every mrkdwn text anywhere in it."""
    if isinstance(value, list):
        return [text for one in value for text in _mrkdwn(one)]
    if isinstance(value, dict):
        own = [value["text"]] if value.get("type") == "mrkdwn" else []
        return own + [text for one in value.values() for text in _mrkdwn(one)]
    return []
