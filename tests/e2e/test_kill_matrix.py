"""The bot killed at many moments of an incident: afterwards every message is there once, every change is made
once, and the incident is contained."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from bot.sandbox.sandbox import Sandbox
from bot.sandbox.slack.reading import words
from bot.store import ledger
from bot.store.database import Database
from tests.e2e.bot_process import BotProcess
from tests.e2e.steps import COMMAND, card, incident_channel, until

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]


@pytest.mark.parametrize("pause", [0.05, 0.4, 0.9, 1.6, 2.5, 4.0, 6.0])
def test_killed_again_and_again_nothing_is_lost_and_nothing_is_doubled(
    sandbox: Sandbox, bot: BotProcess, database: Database, pause: float
) -> None:
    """Kills the bot `pause` seconds after each thing that people do."""
    dana, sam = sandbox.slack.person("dana"), sandbox.slack.person("sam")
    dana.command("security", COMMAND)
    _power_cut(bot, pause)
    channel = incident_channel(dana)
    approved: set[str] = set()

    def contained() -> bool:
        for message in sam.see(channel):
            text = words(message.blocks or [])
            if "Waiting for approval" in text and message.ts not in approved:
                approved.add(message.ts)
                sam.click(message, "Approve")
                _power_cut(bot, pause)
        control = card(sam, channel, "inc-0001: acme-payroll")
        return control is not None and "Contained Yes" in " ".join(
            words(control.blocks).replace("*", "").split()
        )

    until(contained, "containment", 500)
    assert not any(
        turn.allowed for turn in sandbox.players.probe() if turn.actor in sandbox.players.attackers
    )
    keys = Counter(
        str((one.metadata or {}).get("event_payload", {}).get("key"))
        for one in sam.see(channel)
        if one.metadata
    )
    assert [key for key, count in keys.items() if count > 1] == []
    calls = Counter(
        event.record["eventName"]
        for event in sandbox.aws.events
        if "S3IncidentRemediate" in str(event.record.get("userIdentity")) and "errorCode" not in event.record
    )
    assert calls["AttachUserPolicy"] == 1
    assert calls["PutBucketPolicy"] == 1
    assert calls["UpdateAccessKey"] == 2
    with database.read() as tx:
        assert ledger.first_broken(tx) is None


def _power_cut(bot: BotProcess, pause: float) -> None:
    time.sleep(pause)
    bot.kill()
    bot.start()
