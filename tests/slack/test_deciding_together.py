"""One form for several changes; Details as the form that approves; breaking the glass; over signed HTTP."""

from __future__ import annotations

import json

import pytest

from bot.incidents import planning
from bot.incidents.jobs import APPROVAL_TOGETHER, PLAN_EXECUTE
from bot.incidents.opening import control_key
from bot.remediation.plan import Call
from bot.slack.cards import details
from bot.store import ledger, outbox, plans
from tests.slack.house import deny_all_plan, plan_row
from tests.slack.test_approving import CHANNEL, card, let_in

REASON = "Nobody answers and payroll data leaves the bucket."
ALONE = {"break_glass": ["approvers", "U0DANA"]}


@pytest.fixture
def three(listening):
    incident = listening.open()
    users = ("ci-deploy", "backup", "intern")
    return [
        listening.propose(incident, deny_all_plan(user), batch_id="b", batch_position=place)
        for place, user in enumerate(users)
    ]


def control(house, person):
    with house.database.begin() as tx:
        outbox.refresh(tx, control_key(1))
    house.deliver()
    return person.wait_for(CHANNEL, "Decide on")


def states(house, rows):
    return [house.plan(row.id).state for row in rows]


def test_one_click_approves_each_under_its_own_hash(listening, three):
    listening.sam.click(control(listening, listening.sam), "Decide on 3 together")
    modal = listening.sam.modal()
    for row in three:
        assert str(row.body["title"]) in modal.text
    assert listening.sam.submit(modal) is None
    [job] = listening.jobs(APPROVAL_TOGETHER)
    assert job["plans"] == [[row.id, row.digest] for row in three]
    listening.settle()
    assert states(listening, three) == ["approved"] * 3
    assert [one["plan_id"] for one in listening.jobs(PLAN_EXECUTE)] == [row.id for row in three]
    with listening.database.read() as tx:
        for row in three:
            [yes] = plans.approvals(tx, row.id)
            assert (yes.user_id, yes.digest) == ("U0SAM", row.digest)
    told = listening.sam.wait_for(CHANNEL, "Your approval counts for 3 of 3 changes")
    assert told.only_for == "U0SAM"


def test_the_form_names_the_change_that_must_run_first_until_it_has_ended(listening, three):
    first, *_, last = three
    with listening.database.begin() as tx:
        row = plans.get(tx, last.id)
        row.must_wait_for = [first.id]
    listening.sam.click(control(listening, listening.sam), "Decide on 3 together")
    assert (
        listening.sam.modal().text.count(f"It waits for plan 1, which must run first: {first.body['title']}")
        == 1
    )
    with listening.database.begin() as tx:
        plans.move(tx, first.id, {"proposed"}, "rejected")
    listening.sam.click(control(listening, listening.sam), "Decide on 2 together")
    assert "It waits for" not in listening.sam.modal().text


def test_what_is_not_ticked_goes_on_waiting(listening, three):
    listening.sam.click(control(listening, listening.sam), "Decide on 3 together")
    modal = listening.sam.modal()
    listening.sam.submit(listening.sam.fill(modal, **{"chosen.01": []}))
    listening.settle()
    assert states(listening, three) == ["approved", "proposed", "approved"]


def test_nothing_ticked_is_said_under_the_form(listening, three):
    listening.sam.click(control(listening, listening.sam), "Decide on 3 together")
    modal = listening.sam.fill(listening.sam.modal(), **{f"chosen.0{place}": [] for place in range(3)})
    assert "at least one" in str(listening.sam.submit(modal))
    assert listening.jobs(APPROVAL_TOGETHER) == []


def test_what_cannot_be_undone_is_not_ticked_beforehand(listening):
    incident = listening.open()
    safe = listening.propose(incident, deny_all_plan("one"))
    final = listening.propose(incident, deny_all_plan("two", irreversible=("The key is gone.",)))
    listening.sam.click(control(listening, listening.sam), "Decide on 2 together")
    assert "Its undo restores only a part" in listening.sam.modal().text
    listening.sam.submit(listening.sam.modal())
    listening.settle()
    assert states(listening, [safe, final]) == ["approved", "proposed"]


def test_refused_ones_are_named_and_the_rest_counts(listening, three):
    listening.sam.click(control(listening, listening.sam), "Decide on 3 together")
    modal = listening.sam.modal()
    with listening.database.begin() as tx:
        plans.move(tx, three[0].id, {"proposed"}, "rejected")
        row = plans.get(tx, three[1].id)
        row.body = {**row.body, "calls": []}
    listening.sam.submit(modal)
    listening.settle()
    assert states(listening, three) == ["rejected", "proposed", "approved"]
    told = listening.sam.wait_for(CHANNEL, "Your approval counts for 1 of 3 changes").text
    assert "Plan 1: Too late" in told
    assert "Plan 2: The stored plan is no longer the one that was shown" in told


@pytest.mark.parametrize("who", ["dana", "gil", "stella"])
def test_a_form_sent_in_by_others_changes_nothing(listening, three, who):
    """What counts is who sends it in, looked up for each plan."""
    person = listening.dana if who == "dana" else let_in(listening, who)
    listening.handlers[APPROVAL_TOGETHER](
        {
            "plans": [[row.id, row.digest] for row in three],
            "user_id": person.id,
            "team_id": "T0SANDBOX",
            "channel_id": listening.channel(CHANNEL),
        }
    )
    assert states(listening, three) == ["proposed"] * 3


def test_the_requester_has_nothing_to_decide(listening):
    incident = listening.open()
    row = [listening.propose(incident, deny_all_plan(one)) for one in ("a", "b")]
    listening.dana.click(control(listening, listening.dana), "Decide on 2 together")
    listening.settle()
    assert not listening.dana.has_modal()
    listening.dana.wait_for(CHANNEL, "Nothing in this incident waits for your decision")
    assert states(listening, row) == ["proposed"] * 2


def test_the_same_job_twice_counts_once(listening, three):
    job = {
        "plans": [[row.id, row.digest] for row in three],
        "user_id": "U0SAM",
        "team_id": "T0SANDBOX",
        "channel_id": listening.channel(CHANNEL),
    }
    listening.handlers[APPROVAL_TOGETHER](job)
    listening.handlers[APPROVAL_TOGETHER](job)
    assert len(listening.jobs(PLAN_EXECUTE)) == 3
    with listening.database.read() as tx:
        assert all(len(plans.approvals(tx, row.id)) == 1 for row in three)
        assert ledger.first_broken(tx) is None


def test_details_approve_what_they_show(listening):
    row = listening.propose(listening.open())
    listening.sam.click(card(listening, listening.sam), "Details")
    modal = listening.sam.modal()
    for words in ("Session policy", "Calls that undo it", "its deployments stop", "Who decides"):
        assert words in modal.text
    listening.sam.submit(modal)
    listening.settle()
    assert listening.plan(row.id).state == "approved"
    listening.sam.wait_for(CHANNEL, "You approved")


def long_plan(calls):
    made = deny_all_plan()
    call = made.calls[0].model_copy(update={"params": {"UserName": "x" * 40, "Document": "y" * 6000}})
    return made.model_copy(update={"calls": tuple(numbered(call, number) for number in range(calls))})


def numbered(call: Call, number: int) -> Call:
    return call.model_copy(update={"params": {**call.params, "Number": f"call-number-{number:03}"}})


def test_a_long_plan_goes_over_pages_and_nothing_is_lost(listening):
    row = listening.propose(listening.open(), long_plan(60))
    listening.sam.click(card(listening, listening.sam), "Details")
    seen, pages = "", 0
    while True:
        modal = listening.sam.modal()
        seen, pages = seen + modal.text, pages + 1
        assert f"({pages} of " in modal.title
        if "Next page" not in modal.text:
            break
        assert modal.view.definition.get("submit") is None
        listening.sam.click_in(modal, "Next page")
    assert pages > 2
    assert all(f"call-number-{number:03}" in seen for number in range(60))
    assert seen.count("y" * 2000) >= 60 * 2
    listening.sam.click_in(modal, "Back")
    assert f"({pages - 1} of " in listening.sam.modal().title
    listening.sam.click_in(listening.sam.modal(), "Next page")
    listening.sam.submit(listening.sam.modal())
    listening.settle()
    assert listening.plan(row.id).state == "approved"


def test_a_decided_plan_has_no_approve_button(listening):
    row = listening.propose(listening.open(), state="expired")
    with listening.database.read() as tx:
        view = details.draw(tx, plans.get(tx, row.id), listening.settings)
    assert view.submit is None


def test_breaking_the_glass(listening):
    row = listening.propose(listening.open(), policy=ALONE)
    listening.dana.click(card(listening, listening.dana), "Break glass")
    modal = listening.dana.modal()
    assert "every approver is told at once" in modal.text
    wrong = listening.dana.submit(listening.dana.fill(modal, reason="now!", number="7"))
    assert wrong is not None
    assert wrong.keys() == {"reason", "number"}
    listening.dana.submit(listening.dana.fill(modal, reason=f"{REASON} <!channel>", number="1"))
    listening.settle()
    listening.settle()
    assert listening.plan(row.id).state == "approved"
    loud = listening.sam.wait_for(CHANNEL, "BREAK-GLASS")
    assert "<!subteam^S0APPROVE>" in loud.text
    assert REASON in loud.text
    assert "<!channel>" not in loud.text
    listening.sam.wait_for(CHANNEL, "(break-glass)")
    for name in ("sam", "ana"):
        direct = listening.slack.workspace.seen_by(f"U0{name.upper()}", dm(listening, name))
        assert any("BREAK-GLASS" in message.text for message in direct)


def dm(house, name):
    return next(
        one
        for one in house.slack.workspace.channels.values()
        if one.is_im and f"U0{name.upper()}" in one.members
    )


def test_only_the_requester_sees_the_form(listening):
    row = listening.propose(listening.open(), policy=ALONE)
    listening.sam.click(card(listening, listening.sam), "Break glass")
    listening.settle()
    assert not listening.sam.has_modal()
    listening.sam.wait_for(CHANNEL, "for the person who asked")
    assert listening.plan(row.id).state == "proposed"


def test_a_requester_whom_the_policy_does_not_let(listening):
    row = listening.propose(listening.open(), policy={"break_glass": ["approvers"]})
    listening.dana.click(card(listening, listening.dana), "Break glass")
    form = listening.dana.modal()
    assert "its policy lets <!subteam^S0APPROVE> approve it alone, and nobody else" in form.text
    listening.dana.submit(listening.dana.fill(form, reason=REASON, number="1"))
    listening.settle()
    assert listening.plan(row.id).state == "proposed"
    listening.dana.wait_for(CHANNEL, "not among those who may approve alone")


def test_no_button_where_nobody_may(listening):
    listening.propose(listening.open())
    with pytest.raises(AssertionError, match="Break glass"):
        listening.dana.click(card(listening, listening.dana), "Break glass")


def test_a_plan_too_long_to_page_through_is_attached_in_full(house):
    incident = house.open()
    plan = long_plan(30)
    with house.database.begin() as tx:
        planning.publish(tx, plan_row(incident, plan, 1))
    house.deliver()
    [shared] = [one for one in house.slack.person("sam").see(CHANNEL) if one.files]
    assert shared.thread_ts == house.row("plan:plan-1-1").slack_ts
    told = json.loads(house.slack.workspace.files[shared.files[0]].content)
    assert told["digest"] == plan.digest
    assert told["calls"] == plan.model_dump(mode="json")["calls"]
