"""Opening an incident through Slack: the command, the form, the shortcut, the second time."""

from __future__ import annotations

from bot.slack import names
from bot.store import incidents
from tests.slack.house import ACCOUNT, BUCKET, account

CHANNEL = "inc-0001-acme-payroll"


def open_incidents(house):
    with house.database.read() as tx:
        return incidents.listing(tx)


def test_the_command_with_a_bucket_opens_at_once(listening):
    reply = listening.dana.command("security", f"/s3incident open {BUCKET} sev1 someone reads our payroll")
    assert "*inc-0001* is open" in reply.text
    listening.settle()
    card = listening.dana.wait_for(CHANNEL, "Next:")
    assert "SEV1" in card.text
    assert "someone reads our payroll" in card.text
    assert listening.slack.workspace.channel_named(CHANNEL).pinned == [card.ts]


def test_the_form_opens_the_incident(listening):
    listening.dana.command("general", "/s3incident open")
    modal = listening.dana.modal()
    assert modal.title == "Open an S3 incident"
    filled = listening.dana.fill(modal, bucket="s3://acme-payroll/", severity="3", suspicion="odd reads")
    assert listening.dana.submit(filled) is None
    incident = open_incidents(listening)[0]
    assert (incident.bucket, incident.severity, incident.suspicion) == (BUCKET, 3, "odd reads")
    assert incident.opened_by == "U0DANA"
    assert "inc-0001* is open" in listening.dana.modal(containing="is open").text


def test_a_wrong_bucket_name_is_said_under_its_field(listening):
    listening.dana.command("general", "/s3incident open")
    errors = listening.dana.submit(listening.dana.fill(listening.dana.modal(), bucket="No Bucket!"))
    assert errors is not None
    assert "cannot be the name of an S3 bucket" in errors[names.BUCKET]
    assert open_incidents(listening) == []


def test_a_form_can_be_sent_again_after_an_error(listening):
    listening.dana.command("general", "/s3incident open")
    modal = listening.dana.modal()
    assert listening.dana.submit(listening.dana.fill(modal, bucket="!"))
    assert listening.dana.submit(listening.dana.fill(modal, bucket=BUCKET)) is None
    assert len(open_incidents(listening)) == 1


def test_a_second_open_points_to_the_first(listening):
    listening.open()
    reply = listening.sam.command("general", f"/s3incident open {BUCKET}")
    assert "already open" in reply.text
    assert "No second one was opened" in reply.text
    assert len(open_incidents(listening)) == 1


def test_the_form_names_the_channel_of_the_first_under_the_bucket(listening):
    listening.open()
    listening.sam.command("general", "/s3incident open")
    errors = listening.sam.submit(listening.sam.fill(listening.sam.modal(), bucket=BUCKET))
    assert errors == {names.BUCKET: f"inc-0001 is already open for this bucket: see #{CHANNEL}."}


def test_the_global_shortcut_opens_the_form(listening):
    listening.dana.shortcut(names.OPEN_SHORTCUT)
    assert listening.dana.modal().title == "Open an S3 incident"


def test_with_several_accounts_the_command_asks_which_one(listening, monkeypatch):
    two = (account(), account("444455556666", "acme-dev"))
    monkeypatch.setitem(listening.settings.__dict__, "accounts", two)
    listening.dana.command("general", f"/s3incident open {BUCKET} sev2 odd")
    modal = listening.dana.modal()
    filled = listening.dana.fill(modal, bucket=BUCKET, account="444455556666")
    assert listening.dana.submit(filled) is None
    assert [one.account_id for one in open_incidents(listening)] == ["444455556666"]


def test_without_any_account_it_says_what_to_set(listening, monkeypatch):
    monkeypatch.setitem(listening.settings.__dict__, "accounts", ())
    reply = listening.dana.command("general", f"/s3incident open {BUCKET}")
    assert "S3INCIDENT_ACCOUNTS" in reply.text


def test_the_account_is_checked_and_not_believed(listening, monkeypatch):
    listening.dana.command("general", "/s3incident open")
    modal = listening.dana.modal()
    monkeypatch.setitem(listening.settings.__dict__, "accounts", (account("999999999999"),))
    errors = listening.dana.submit(listening.dana.fill(modal, bucket=BUCKET, account=ACCOUNT))
    assert errors is not None
    assert names.ACCOUNT in errors
