"""The cards drawn from a real database, with hostile values everywhere: Slack takes them, none is fooled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.incidents.plan_states import PlanState
from bot.slack import modals
from bot.slack.cards import control, deck, details, home
from bot.slack.cards.gone import CardGoneError
from bot.store import incidents, outbox, plans, playbooks
from bot.store.tables.incidents import Task
from bot.store.types import utcnow
from tests.slack.house import BUCKET, House, account, deny_all_plan, plan_row
from tests.slack.validated import taken, taken_view

HOSTILE = st.text(
    st.characters(codec="utf-8") | st.sampled_from("<>&`*_\u202e\n"), min_size=1, max_size=600
) | st.sampled_from(
    ["<!channel> *approve* `this`", "<https://evil.example|Approve>", "x" * 5000, "`" * 300, "&" * 2000]
)
slow_fixture = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def incident(house):
    return house.open()


def draw(house: House, name: str, **args):
    with house.database.read() as tx:
        return taken(deck.draw(tx, house.settings, name, args))


@slow_fixture
@given(HOSTILE, st.sampled_from(list(PlanState)))
def test_a_hostile_plan_never_breaks_or_fools(house, incident, hostile, state):
    plan = deny_all_plan(
        "ci",
        title=f"Deny {hostile}",
        verb=f"deny {hostile}",
        before={"User": hostile, "Attached": False},
        after={"User": hostile, "Attached": True},
        affected=(hostile,) * 30,
        warnings=(hostile,),
        irreversible=(hostile,),
    )
    target = plan.target.model_copy(update={"label": hostile, "id": hostile, "params": {"bucket": hostile}})
    call = plan.calls[0].model_copy(
        update={"params": {"UserName": hostile, "Policy": hostile, "Bad": [hostile]}}
    )
    plan = plan.model_copy(update={"target": target, "calls": (call,) * 12})
    row = stored(house, incident, plan, state=state.value, reason=hostile)
    draw(house, "plan", plan_id=row.id)
    with house.database.read() as tx:
        taken_view(details.draw(tx, row))
    taken_view(modals.reject_form(row, row.digest, "C1"))


def stored(house, incident, plan, **columns):
    with house.database.begin() as tx:
        return plans.insert(tx, plan_row(incident, plan, plans.next_number(tx, incident.id), **columns))


@slow_fixture
@given(HOSTILE)
def test_a_hostile_incident_never_breaks_or_fools(house, incident, hostile):
    with house.database.begin() as tx:
        row = incidents.get(tx, incident.id)
        row.suspicion = hostile
        incidents.add_timeline(tx, incident.id, hostile, "note", hostile)
        task = incidents.add_task(
            tx, Task(incident_id=incident.id, title=hostile, text="Do it.", state="open")
        )
    draw(house, "control", incident_id=incident.id)
    draw(house, "task", task_id=task.id)
    draw(house, "notice", text=hostile)
    draw(house, "reply", text=hostile)
    draw(house, "home", user_id="U0DANA")
    taken_view(modals.close_form(incident, hostile))
    taken_view(modals.open_form((account(name=hostile),), bucket=hostile, suspicion=hostile))


def test_the_plan_card_says_everything_before_anybody_approves(house, incident):
    row = house.propose(incident)
    card = draw(house, "plan", plan_id=row.id)
    for words in (
        "Change: deny everything to user ci-deploy",
        "Waiting for approval",
        '-  "DenyAllAttached": false',
        '+  "DenyAllAttached": true',
        "iam:attach_user_policy",
        "UserName ci-deploy",
        "The CI pipeline uses this user",
        "<@U0DANA>",
        "Yes, by 1 call",
        "<!subteam^S0APPROVE>",
        row.digest[:16],
        "Buttons: Approve, Reject…, Details",
    ):
        assert words in card.text
    approve = card.payload()[-1]["elements"][0]
    assert approve["style"] == "primary"
    assert approve["value"] == f"{row.id}:{row.digest}"
    assert "user ci-deploy in account 111122223333: 1 AWS call" in approve["confirm"]["text"]["text"]


def test_what_cannot_be_undone_says_so(house, incident):
    plan = deny_all_plan(irreversible=("Sessions that were cut off do not come back.",))
    card = draw(house, "plan", plan_id=house.propose(incident, plan).id)
    assert "Cannot be undone" in card.text
    assert "Sessions that were cut off" in card.text
    gone = draw(house, "plan", plan_id=house.propose(incident, deny_all_plan("x", undo=())).id)
    assert "*Reversible*\n*No*" in gone.text


@pytest.mark.parametrize(
    ("state", "words", "buttons"),
    [
        ("approved", "It starts in a moment", "Details"),
        ("running", "Call 1 of 1", "Details"),
        ("verified", "Done and verified", "Undo…, Details"),
        ("held", "verified and held", "Undo…, Details"),
        ("failed", "Failed", "Plan again, Details"),
        ("stopped", "a person must look at AWS", "Plan again, Details"),
        ("stale", "AWS changed", "Plan again, Details"),
        ("rejected", "Rejected", "Plan again, Details"),
        ("expired", "it is not refused", "Plan again, Details"),
        ("replaced", "newer plan", "Details"),
        ("undone", "Undone", "Details"),
    ],
)
def test_each_state_has_its_sentence_and_its_next_button(house, incident, state, words, buttons):
    row = stored(house, incident, deny_all_plan(), state=state)
    with house.database.begin() as tx:
        plans.add_approval(tx, row.id, "U0SAM", row.digest)
        execution = plans.start_execution(tx, row.id, "inc-0001.p1", "slack-T-U")
        plans.write_intent(tx, execution.id, 0, "iam", "attach_user_policy", {})
    card = draw(house, "plan", plan_id=row.id)
    assert words in card.text
    assert card.text.endswith(f"Buttons: {buttons}")


def test_an_undo_is_offered_once_and_not_of_an_undo(house, incident):
    row = stored(house, incident, deny_all_plan(), state="verified")
    undo = stored(house, incident, deny_all_plan("undo"), undoes=row.id)
    assert draw(house, "plan", plan_id=row.id).text.endswith("Buttons: Details")
    with house.database.begin() as tx:
        plans.move(tx, undo.id, {"proposed"}, "verified")
    assert "Undo" not in draw(house, "plan", plan_id=undo.id).payload()[-1]["elements"][0]["text"]["text"]
    assert draw(house, "plan", plan_id=undo.id).text.startswith("Undo: ")


def test_the_result_of_a_run_stands_on_the_card(house, incident):
    row = stored(house, incident, deny_all_plan(), state="verified")
    with house.database.begin() as tx:
        execution = plans.start_execution(tx, row.id, "inc-0001.p1", "slack-T-U")
        plans.write_intent(tx, execution.id, 0, "iam", "attach_user_policy", {})
        plans.write_outcome(tx, execution.id, 0, "done", "req-42")
        plans.end_execution(tx, execution.id, "verified", {"sentence": "AWS shows the planned state."})
    assert "AWS shows the planned state." in draw(house, "plan", plan_id=row.id).text
    with house.database.read() as tx:
        assert "req-42" in str(details.draw(tx, row).to_dict())


def test_a_change_that_no_longer_holds_says_so_first(house, incident):
    row = stored(house, incident, deny_all_plan(), state="held")
    with house.database.begin() as tx:
        execution = plans.start_execution(tx, row.id, "inc-0001.p1", "slack-T-U")
        plans.end_execution(
            tx, execution.id, "verified", {"sentence": "Fine.", "broken": "Calls still succeeded."}
        )
    text = draw(house, "plan", plan_id=row.id).text
    assert "*No longer holds.* Calls still succeeded." in text
    assert "verified and held" not in text


def next_thing(house, incident):
    with house.database.read() as tx:
        return control.draw(tx, house.settings, {"incident_id": incident.id}).text.splitlines()[1]


def test_the_control_card_names_the_next_thing_to_do(house, incident):
    assert "nothing is asked of you" in next_thing(house, incident)
    with house.database.begin() as tx:
        task = incidents.add_task(
            tx, Task(incident_id=incident.id, title="Ask the owner", text="", state="open")
        )
    assert "Ask the owner (1 open task)" in next_thing(house, incident)
    failed = stored(house, incident, deny_all_plan("a"), state="failed")
    assert f"look at plan {failed.number}" in next_thing(house, incident)
    first, second = (stored(house, incident, deny_all_plan(user)) for user in ("b", "c"))
    assert f"decide on plans {first.number}, {second.number}" in next_thing(house, incident)
    with house.database.begin() as tx:
        for row in (failed, first, second):
            plans.move(tx, row.id, {row.state}, "replaced")
        incidents.finish_task(tx, task.id, "U0ANA")
        incidents.mark_contained(tx, incident.id, contained=True)
    assert "/s3incident close" in next_thing(house, incident)
    with house.database.begin() as tx:
        incidents.move(tx, incident.id, ["triage"], "closed", closed_by="U0DANA", closed_at=utcnow())
    assert "it is closed" in next_thing(house, incident)


def test_the_control_card_shows_steps_and_containment_in_words(house, incident):
    steps = [{"key": "look", "title": "Collect evidence", "phase": "evidence"}]
    with house.database.begin() as tx:
        run = playbooks.start_run(tx, incident.id, "p", {"steps": steps}, [("look", "evidence")])
        [step] = playbooks.steps(tx, run.id)
        playbooks.move_step(tx, step.id, ["waiting"], "running")
    card = draw(house, "control", incident_id=incident.id)
    assert "Collect evidence (evidence) *under way*" in card.text
    assert "wait for the evidence" in card.text
    assert "*Contained*\n*Not yet*" in card.text
    assert "*Phase: triage*" in card.text


def test_a_done_task_has_no_button(house, incident):
    with house.database.begin() as tx:
        task = incidents.add_task(tx, Task(incident_id=incident.id, title="Ask", text="", state="open"))
    assert "Buttons: Done" in draw(house, "task", task_id=task.id).text
    with house.database.begin() as tx:
        incidents.finish_task(tx, task.id, "U0ANA")
    done = draw(house, "task", task_id=task.id).text
    assert "Buttons" not in done
    assert "<@U0ANA>" in done


def test_app_home_shows_what_waits_for_this_person(house, incident):
    row = house.propose(incident)
    with house.database.read() as tx:
        mine = taken(home.draw(tx, house.settings, {"user_id": "U0ANA"})).text
        requester = home.draw(tx, house.settings, {"user_id": "U0DANA"}).text
        guest = home.draw(tx, house.settings, {"user_id": "U0GIL"}).text
    assert str(row.body["title"]) in mine
    assert "Nothing waits for you" in requester
    assert BUCKET in requester
    assert BUCKET not in guest


def test_the_soonest_to_expire_comes_first(house, incident):
    late = house.propose(incident, deny_all_plan("late"), expires_at=utcnow() + timedelta(hours=2))
    soon = house.propose(incident, deny_all_plan("soon"), expires_at=utcnow() + timedelta(minutes=5))
    text = draw(house, "home", user_id="U0SAM").text
    assert text.index(str(soon.body["title"])) < text.index(str(late.body["title"]))


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("control", {"incident_id": 99}),
        ("plan", {"plan_id": "none"}),
        ("task", {"task_id": 99}),
        ("evidence", {"run_id": 99}),
        ("evidence_detail", {"run_id": 99, "part": "actors"}),
        ("digest", {"audit_id": 99}),
        ("no such card", {}),
    ],
)
def test_what_is_not_there_is_named(house, name, args):
    with house.database.read() as tx, pytest.raises(CardGoneError, match=r"99|none|no such card"):
        deck.draw(tx, house.settings, name, args)


def test_dry_run_is_said_on_the_card(house, incident, monkeypatch):
    monkeypatch.setitem(house.settings.__dict__, "dry_run", True)
    assert "Dry run" in draw(house, "plan", plan_id=house.propose(incident).id).text


def test_a_message_of_the_playbook_keeps_its_markup(house):
    assert draw(house, "message", mrkdwn="Ask <@U0SAM> about *it*").text == "Ask <@U0SAM> about *it*"


def test_a_card_is_edited_where_it_is(house, incident):
    row = house.propose(incident)
    before = house.row(f"plan:{row.id}").slack_ts
    with house.database.begin() as tx:
        plans.move(tx, row.id, {"proposed"}, "expired")
        outbox.refresh(tx, f"plan:{row.id}")
    house.deliver()
    assert house.row(f"plan:{row.id}").slack_ts == before
    assert "Paused" in house.texts("inc-0001-acme-payroll")[-1]
