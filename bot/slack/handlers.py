"""The jobs that this room handles."""

from __future__ import annotations

from collections.abc import Callable

from slack_sdk import WebClient

from bot.config import Settings
from bot.incidents.jobs import APPROVAL_DECIDE, CHANNEL_CREATE
from bot.slack.channels import Channels
from bot.slack.deciding import Decider
from bot.slack.identity import Myself, web_client
from bot.slack.people import People
from bot.store.database import Database
from bot.store.types import JsonObject


def handlers(
    database: Database, settings: Settings, client: WebClient | None = None
) -> dict[str, Callable[[JsonObject], None]]:
    """By kind of job. Each bears being run again."""
    client = client or web_client(settings)
    myself = Myself(client)
    people = People(client, settings, myself)
    return {
        CHANNEL_CREATE: Channels(database, client, people, myself).create,
        APPROVAL_DECIDE: Decider(database, people, myself).decide,
    }
