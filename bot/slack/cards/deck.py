"""Every card by the name that the outbox knows it under."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.config import Settings
from bot.slack.cards import (
    alerts,
    control,
    digest,
    evidence,
    evidence_detail,
    home,
    inbox,
    plan,
    simple,
)
from bot.slack.cards.gone import CardGoneError
from bot.slack.cards.kit import Card
from bot.store.types import JsonObject, Tx

Draw = Callable[[Tx, Settings, JsonObject], Card]

CARDS: Mapping[str, Draw] = {
    "control": control.draw,
    "plan": plan.draw,
    "evidence": evidence.draw,
    "evidence_detail": evidence_detail.draw,
    "task": simple.task,
    "notice": simple.notice,
    "message": simple.message,
    "reply": simple.reply,
    "digest": digest.draw,
    "home": home.draw,
    "inbox": inbox.draw,
    "reminder": alerts.reminder,
    "break_glass": alerts.broken_glass,
}


def draw(tx: Tx, settings: Settings, name: str, args: JsonObject) -> Card:
    """The card as the database is now. Raises CardGoneError when there is nothing to draw."""
    if name not in CARDS:
        raise CardGoneError(f"a card named {name!r}")
    return CARDS[name](tx, settings, args)
