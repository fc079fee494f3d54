from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine

from bot.store import outbox
from bot.store.database import Database
from bot.store.outbox import Place

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def _show(database: Database, key: str = "plan:1", text: str = "proposed") -> None:
    with database.begin() as tx:
        outbox.show(tx, key, Place("incident:1"), "plan", {"text": text})


def _claim(database: Database) -> outbox.OutboxMessage | None:
    with database.begin() as tx:
        return outbox.claim(tx)


def test_many_changes_before_delivery_are_one_message(database: Database) -> None:
    for text in ("proposed", "approved", "running"):
        _show(database, text=text)
    message = _claim(database)
    assert message is not None
    assert message.args == {"text": "running"}
    assert _claim(database) is None
    with database.begin() as tx:
        outbox.delivered(tx, message, message.wanted, "C1", "1.2")
    with database.read() as tx:
        assert outbox.pending(tx) == []


def test_a_change_during_delivery_is_delivered_too(database: Database) -> None:
    _show(database)
    message = _claim(database)
    assert message is not None
    _show(database, text="verified")
    with database.begin() as tx:
        outbox.delivered(tx, message, message.wanted, "C1", "1.2")
    again = _claim(database)
    assert again is not None
    assert (again.slack_ts, again.args["text"]) == ("1.2", "verified")


def test_a_dead_delivery_is_repeated_and_says_it_was_attempted(database: Database) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        _show(database)
        message = _claim(database)
        assert message is not None
        with database.begin() as tx:
            outbox.attempting(tx, message)
        clock.shift(outbox.LEASE + timedelta(seconds=1))
        again = _claim(database)
        assert again is not None
        assert again.attempted_at == NOW
        assert again.slack_ts is None


def test_waiting_does_not_use_up_the_attempts_but_failing_does(database: Database) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        _show(database)
        for _ in range(outbox.MAX_ATTEMPTS * 2):
            message = _claim(database)
            assert message is not None
            with database.begin() as tx:
                outbox.postpone(tx, message, datetime.now(UTC) + timedelta(seconds=5), "ratelimited")
            assert _claim(database) is None
            clock.shift(5)
        for _ in range(outbox.MAX_ATTEMPTS):
            message = _claim(database)
            assert message is not None
            with database.begin() as tx:
                outbox.refuse(tx, message, "fatal_error")
            clock.shift(301)
        assert _claim(database) is None
        with database.read() as tx:
            kept = outbox.find(tx, "plan:1")
            assert kept is not None
            assert (kept.state, kept.last_error) == ("failed", "fatal_error")


def test_say_posts_once(database: Database) -> None:
    for text in ("one", "two"):
        with database.begin() as tx:
            outbox.say(tx, "notice:1", Place("C1"), "notice", {"text": text})
    message = _claim(database)
    assert message is not None
    assert (message.wanted, message.args["text"]) == (1, "one")


def test_messages_of_an_incident_without_a_channel_are_freed_when_it_has_one(database: Database) -> None:
    with time_machine.travel(NOW, tick=False):
        _show(database)
        message = _claim(database)
        assert message is not None
        with database.begin() as tx:
            outbox.postpone(tx, message, NOW + timedelta(minutes=1), "no channel yet")
        assert _claim(database) is None
        with database.begin() as tx:
            outbox.release_waiting(tx, 1)
        assert _claim(database) is not None
