"""A change asked for by hand: chosen, named, queued; nothing is changed by asking."""

from __future__ import annotations

from bot.incidents.closing import close
from bot.incidents.jobs import PLAN_ORDER
from bot.remediation.catalogue import listing, remediation
from bot.slack.proposing import choose, target_form
from bot.store import jobs
from tests.slack.house import ACCOUNT, BUCKET
from tests.slack.validated import taken_view

CHANNEL = "inc-0001-acme-payroll"
THIEF = f"arn:aws:iam::{ACCOUNT}:user/thief"


def orders(listening):
    with listening.database.read() as tx:
        return [job.payload for job in jobs.open_jobs(tx, PLAN_ORDER)]


def test_slack_takes_the_choice_and_the_form_of_every_row(listening):
    incident = listening.open()
    taken_view(choose(incident))
    for row in listing():
        taken_view(target_form(incident, row))


def test_a_field_says_what_it_means_in_this_change(listening):
    incident = listening.open()
    label = str(target_form(incident, remediation("R9")).to_dict())
    assert "Identity Center user" in label
    assert "IAM user" not in label


def test_a_change_is_chosen_named_and_ordered(listening):
    listening.open()
    listening.dana.command(CHANNEL, "/s3incident propose")
    listening.dana.submit(listening.dana.fill(listening.dana.modal(), row="R14"))
    form = listening.dana.modal(containing="Deny one principal")
    assert BUCKET in str(form.view)
    named = {"target.principal": THIEF, "reason": "it reads what it should not"}
    listening.dana.submit(listening.dana.fill(form, **named))
    assert "R14 is being planned" in listening.dana.modal(containing="being planned").text
    (order,) = orders(listening)
    assert order["target"] == {"bucket": BUCKET, "principal": THIEF}
    assert (order["remediation"], order["requested_by"]) == ("R14", "U0DANA")
    assert order["why"] == "it reads what it should not"


def test_the_row_can_be_named_at_once(listening):
    listening.open()
    listening.dana.command(CHANNEL, "/s3incident propose r33")
    assert "Switch versioning on" in listening.dana.modal().text


def test_the_control_card_asks_the_same_until_the_incident_is_closed(listening):
    incident = listening.open()
    listening.settle()
    card = listening.dana.wait_for(CHANNEL, "Propose a change")
    listening.dana.click(card, "Propose a change")
    listening.dana.submit(listening.dana.fill(listening.dana.modal(), row="R33"))
    assert "Switch versioning on" in listening.dana.modal(containing="Switch versioning on").text
    assert orders(listening) == []
    with listening.database.begin() as tx:
        close(tx, incident.id, "U0DANA", "")
    listening.dana.click(card, "Propose a change")
    listening.settle()
    assert "is closed" in listening.dana.wait_for(CHANNEL, "is closed").text


def test_what_is_no_target_is_said_under_its_field(listening):
    listening.open()
    listening.dana.command(CHANNEL, "/s3incident propose R14")
    wrong = {"target.principal": "somebody", "reason": "a guess"}
    reply = listening.dana.submit(listening.dana.fill(listening.dana.modal(), **wrong))
    assert "somebody" in reply["target.principal"]
    assert orders(listening) == []


def test_a_row_that_does_not_exist_a_channel_without_incident_and_a_closed_one(listening):
    incident = listening.open()
    assert "R99" in listening.dana.command(CHANNEL, "/s3incident propose R99").text
    assert "belongs to no incident" in listening.dana.command("general", "/s3incident propose").text
    with listening.database.begin() as tx:
        close(tx, incident.id, "U0DANA", "")
    assert "is closed" in listening.dana.command(CHANNEL, "/s3incident propose R14").text
