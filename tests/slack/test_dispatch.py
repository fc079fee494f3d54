"""Between Slack and the listeners: once, answered, and honest when something breaks."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from bot.config import SettingsError
from bot.incidents.jobs import APPROVAL_DECIDE, INBOX_SHOW
from bot.slack import dispatch, names
from bot.slack.identity import Identity, Myself
from bot.slack.listeners.register import registry
from bot.store import inbox, incidents, outbox
from tests.slack.house import BUCKET, wait_until

CHANNEL = "inc-0001-acme-payroll"


def test_every_listener_has_its_name_once():
    found = registry()
    with pytest.raises(ValueError, match="already has a listener"):
        found.action(names.APPROVE, found.actions[names.APPROVE])


def broken(monkeypatch, error):
    """From now on the note command fails inside."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("bot.slack.listeners.commands.acting.add_note", fail)


def test_an_unknown_error_gives_a_reference_that_is_in_the_log(listening, monkeypatch, capsys):
    listening.open()
    broken(monkeypatch, RuntimeError("no such luck"))
    reply = listening.dana.command(CHANNEL, "/s3incident note hello")
    assert reply.error is None
    [reference] = re.findall(r"under `([0-9a-f]{8})`", reply.text)
    assert reference in capsys.readouterr().out


def test_a_known_error_gives_its_sentence(listening, monkeypatch):
    listening.open()
    broken(monkeypatch, SettingsError("S3INCIDENT_ACCOUNTS is wrong."))
    reply = listening.dana.command(CHANNEL, "/s3incident note hello")
    assert "S3INCIDENT_ACCOUNTS is wrong." in reply.text


def test_what_failed_is_not_taken_for_done(listening, monkeypatch):
    incident = listening.open()
    with monkeypatch.context() as patch:
        broken(patch, RuntimeError("no"))
        listening.dana.command(CHANNEL, "/s3incident note hello")
    listening.dana.command(CHANNEL, "/s3incident note hello")
    with listening.database.read() as tx:
        notes = [one.text for one in incidents.timeline(tx, incident.id) if one.kind == "note"]
    assert notes == ["hello"]


def test_a_click_is_answered_even_when_the_database_fails(listening):
    listening.propose(listening.open())
    shown = listening.sam.wait_for(CHANNEL, "Waiting for approval")
    with listening.database.begin() as tx:
        tx.execute(text("ALTER TABLE inbox RENAME TO inbox_away"))
    listening.sam.click(shown, "Approve")
    assert "Something went wrong" in listening.sam.wait_for(CHANNEL, "inside the bot").text
    with listening.database.begin() as tx:
        tx.execute(text("ALTER TABLE inbox_away RENAME TO inbox"))
    assert listening.jobs(APPROVAL_DECIDE) == []


def test_a_failed_form_says_so_in_the_form(listening, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError("no")

    listening.dana.command("general", "/s3incident open")
    filled = listening.dana.fill(listening.dana.modal(), bucket=BUCKET)
    monkeypatch.setattr("bot.slack.listeners.opening.open_incident", fail)
    assert listening.dana.submit(filled) is None
    assert "Something went wrong" in listening.dana.modal(containing="went wrong").text


def test_a_form_that_cannot_open_is_explained(listening):
    listening.slack.faults.fail("views.open", times=2)
    reply = listening.dana.command("general", "/s3incident open")
    assert "Slack refused what was needed" in reply.text


def test_buttons_of_other_versions_are_answered(listening):
    listening.open()
    with listening.database.begin() as tx:
        outbox.say(tx, "old", outbox.incident_place(1), "message", {"mrkdwn": "An old card"})
    listening.deliver()
    shown = listening.dana.wait_for(CHANNEL, "An old card")
    message = listening.slack.workspace.message(shown.channel, shown.ts)
    message.blocks = [
        {
            "type": "actions",
            "block_id": "b",
            "elements": [
                {
                    "type": "button",
                    "action_id": "gone.long.ago",
                    "text": {"type": "plain_text", "text": "Old"},
                    "value": "1",
                }
            ],
        }
    ]
    listening.dana.click(listening.dana.wait_for(CHANNEL, "An old card"), "Old")
    listening.settle()
    assert "another version" in listening.dana.wait_for(CHANNEL, "another version").text


def homes_brought(house):
    """How often Slack told the bot that App Home was opened."""
    parcels = [one.parcel for one in house.slack.deliveries]
    return sum(one.payload.get("event", {}).get("type") == "app_home_opened" for one in parcels)


def test_a_redelivered_event_changes_nothing(listening):
    listening.slack.faults.redeliver(1)
    listening.dana._do({"kind": "open_home"})
    wait_until(lambda: homes_brought(listening) == 2)
    assert len(listening.jobs(INBOX_SHOW)) == 1


def test_app_home_is_drawn_when_it_is_opened(listening):
    listening.open()
    listening.dana._do({"kind": "open_home"})
    wait_until(lambda: homes_brought(listening) == 1)
    listening.settle()
    home = listening.dana.home(containing="inc-0001")
    assert "Open an incident" in str(home.blocks)


@pytest.mark.parametrize("listening", [1.0], indirect=True, ids=["one second"])
def test_a_lost_ack_of_a_command_does_not_open_twice(listening):
    listening.slack.faults.lose_ack(1)
    reply = listening.dana.command("security", f"/s3incident open {BUCKET}")
    assert reply.error
    again = listening.dana.command("security", f"/s3incident open {BUCKET}")
    assert "already open" in again.text


def test_somebody_of_another_workspace_can_do_nothing(listening, monkeypatch):
    here = listening.slack.workspace.team_id
    other = Identity("T0OTHER", "U0BOT", "B0BOT", None, ())
    monkeypatch.setattr(Myself, "identity", lambda _self: other)
    reply = listening.dana.command("security", f"/s3incident open {BUCKET}")
    assert here != "T0OTHER"
    assert "another workspace" in reply.text
    with listening.database.read() as tx:
        assert incidents.listing(tx) == []


def test_a_stranger_cannot_press_undo(listening):
    """Undo has no look-up behind it, so it ends at the door."""
    row = listening.propose(listening.open(), state="verified")
    stella = listening.slack.person("stella")
    listening.slack.workspace.channel_named(CHANNEL).members.append(stella.id)
    stella.click(stella.wait_for(CHANNEL, "Done and verified"), "Undo…")
    stella.wait_for(CHANNEL, "another workspace")
    assert listening.plan(row.id).state == "verified"
    assert listening.jobs("plan.undo") == []


def test_a_message_goes_into_the_timeline_by_its_shortcut(listening):
    incident = listening.open()
    said = listening.sam.say(CHANNEL, "The owner says it was not them")
    listening.dana.shortcut(names.NOTE_SHORTCUT, said)
    with listening.database.read() as tx:
        entry = incidents.timeline(tx, incident.id)[-1]
    assert entry.actor == "U0DANA"
    assert entry.text == "U0SAM wrote: The owner says it was not them"
    assert "Noted" in listening.dana.modal().text


def test_the_shortcut_elsewhere_is_explained(listening):
    said = listening.sam.say("general", "hello")
    listening.dana.shortcut(names.NOTE_SHORTCUT, said)
    assert "belongs to no incident" in listening.dana.modal().text


def test_a_delivery_is_known_by_its_kind_and_id(listening):
    listening.dana.command("general", "/s3incident list")
    with listening.database.begin() as tx:
        assert inbox.first_time(tx, "command:never-seen", "command")


def test_what_fails_before_any_listener_has_an_answer(capsys):
    body = dispatch.error_body(KeyError("trigger_id"))
    assert "Something went wrong" in body
    assert "dispatch.failed" in capsys.readouterr().out
