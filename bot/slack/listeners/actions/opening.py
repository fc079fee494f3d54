"""Buttons that open an incident: from App Home, and from a row of the audit digest."""

from __future__ import annotations

from bot.config import Settings
from bot.slack import names
from bot.slack.answers import Answer
from bot.slack.listeners import opening
from bot.slack.registry import Registry
from bot.slack.requests import Click
from bot.store.types import Tx


def register(registry: Registry) -> None:
    registry.action(names.OPEN, from_home)
    registry.action(names.OPEN_FROM_AUDIT, from_audit)


def from_home(tx: Tx, settings: Settings, click: Click) -> Answer:  # noqa: ARG001
    return opening.form(settings)


def from_audit(tx: Tx, settings: Settings, click: Click) -> Answer:  # noqa: ARG001
    """The form with the bucket of that row filled in; the value is `ACCOUNT:BUCKET`."""
    account_id, _, bucket = click.value.partition(":")
    return opening.form(settings, bucket=bucket, account_id=account_id, suspicion=FROM_AUDIT)


FROM_AUDIT = "Found by the audit."
