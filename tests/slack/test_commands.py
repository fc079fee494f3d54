"""Every subcommand is answered, in the right place, in the wrong place, and when it does not exist."""

from __future__ import annotations

import pytest

from bot.incidents.jobs import AUDIT_RUN
from bot.store import incidents
from tests.slack.house import ACCOUNT, BUCKET, account

CHANNEL = "inc-0001-acme-payroll"


@pytest.mark.parametrize("text", ["/s3incident", "/s3incident help", "/s3incident HELP me"])
def test_help_names_every_subcommand(listening, text):
    reply = listening.dana.command("general", text)
    for word in ("open", "status", "list", "approvals", "propose", "note", "close", "audit"):
        assert f"/s3incident {word}" in reply.text


def test_an_unknown_word_is_answered_and_harmless(listening):
    reply = listening.dana.command("general", "/s3incident <!channel>`*boom*")
    assert "There is no command" in reply.text
    assert "<!channel>" not in reply.text


@pytest.mark.parametrize("word", ["status", "note something", "close"])
def test_outside_an_incident_channel_it_says_where_to_go(listening, word):
    reply = listening.dana.command("general", f"/s3incident {word}")
    assert "belongs to no incident" in reply.text


def test_status_shows_the_control_card(listening):
    listening.open()
    reply = listening.dana.command(CHANNEL, "/s3incident status")
    assert "inc-0001: acme-payroll" in reply.text
    assert "Contained" in reply.text


def test_status_by_number_is_for_those_who_take_part(listening):
    listening.open()
    assert "acme-payroll" in listening.dana.command("general", "/s3incident status 1").text
    assert "acme-payroll" in listening.sam.command("general", "/s3incident status inc-0001").text
    gil = listening.slack.person("gil").command("general", "/s3incident status 1")
    assert "acme-payroll" not in gil.text
    assert "Ask somebody in its channel" in gil.text


def test_the_list_hides_the_bucket_from_others(listening):
    assert "No incident is open" in listening.dana.command("general", "/s3incident list").text
    listening.open()
    assert BUCKET in listening.dana.command("general", "/s3incident list").text
    gil = listening.slack.person("gil").command("general", "/s3incident list")
    assert "inc-0001" in gil.text
    assert BUCKET not in gil.text


def test_a_note_stands_in_the_timeline(listening):
    incident = listening.open()
    assert "Noted" in listening.sam.command(CHANNEL, "/s3incident note They called *us* <!here>").text
    with listening.database.read() as tx:
        entry = incidents.timeline(tx, incident.id)[-1]
    assert (entry.actor, entry.text) == ("U0SAM", "They called *us* <!here>")


def test_an_empty_note_is_explained(listening):
    listening.open()
    assert "note TEXT" in listening.sam.command(CHANNEL, "/s3incident note").text


def test_closing_asks_once_more(listening):
    incident = listening.open()
    listening.dana.command(CHANNEL, "/s3incident close false alarm")
    modal = listening.dana.modal()
    assert "not contained yet" in modal.text
    listening.dana.submit(listening.dana.fill(modal, note="false alarm, a colleague"))
    with listening.database.read() as tx:
        closed = incidents.get(tx, incident.id)
    assert (closed.phase, closed.closed_by) == ("closed", "U0DANA")
    assert "ledger ends at" in listening.dana.modal(containing="ledger").text
    listening.settle()
    listening.sam.wait_for(CHANNEL, "false alarm, a colleague")


def test_the_audit_is_queued_once_for_this_channel(listening):
    reply = listening.dana.command("security", "/s3incident audit")
    assert ACCOUNT in reply.text
    [job] = listening.jobs(AUDIT_RUN)
    security = listening.slack.workspace.channel_named("security").id
    assert (job["account_id"], job["channel_id"], job["cadence"]) == (ACCOUNT, security, "asked")
    assert job["requested_by"] == "U0DANA"


def test_the_audit_asks_which_account(listening, monkeypatch):
    two = (account(), account("444455556666", "acme-dev"))
    monkeypatch.setitem(listening.settings.__dict__, "accounts", two)
    assert "444455556666" in listening.dana.command("security", "/s3incident audit").text
    assert listening.jobs(AUDIT_RUN) == []
    listening.dana.command("security", "/s3incident audit acme-dev")
    assert [job["account_id"] for job in listening.jobs(AUDIT_RUN)] == ["444455556666"]


def test_approvals_lists_what_waits_for_me(listening):
    row = listening.propose(listening.open())
    for person in (listening.dana, listening.sam):
        person.command("general", "/s3incident approvals")
    listening.settle()
    assert "Nothing waits" in listening.dana.wait_for("general", "Waiting for your approval").text
    mine = listening.sam.wait_for("general", str(row.body["title"]))
    assert mine.only_for == "U0SAM"
