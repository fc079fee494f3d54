"""The cards drawn from a real database, with hostile values everywhere: Slack takes them, none is fooled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.incidents.plan_states import PlanState
from bot.remediation.sentences import verified
from bot.slack import glass_form, modals
from bot.slack.cards import control, deck, details, home
from bot.slack.cards.gone import CardGoneError
from bot.slack.cards.plan import approve_button
from bot.store import incidents, outbox, plans, playbooks
from bot.store.tables.incidents import Task
from bot.store.types import utcnow
from tests.examples import some_of
from tests.slack.house import BUCKET, House, account, deny_all_plan, plan_row
from tests.slack.validated import taken, taken_view

HOSTILE = st.text(
    st.characters(codec="utf-8") | st.sampled_from("<>&`*_\u202e\n"), min_size=1, max_size=600
) | st.sampled_from(
    ["<!channel> *approve* `this`", "<https://evil.example|Approve>", "x" * 5000, "`" * 300, "&" * 2000]
)
slow_fixture = settings(
    max_examples=some_of(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
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
        taken_view(details.draw(tx, row, house.settings))
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
        "*Account*\n`111122223333`, `us-east-1`",
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
        ("held", "and held since", "Undo…, Details"),
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


def test_after_the_decision_the_card_is_short(house, incident):
    row = stored(house, incident, deny_all_plan(), state="proposed", reason="It is a suspect.")
    before = draw(house, "plan", plan_id=row.id)
    with house.database.begin() as tx:
        plans.move(tx, row.id, {"proposed"}, "verified")
        execution = plans.start_execution(tx, row.id, "inc-0001.p1", "slack-T-U")
        done = {"sentence": verified(str(row.body["title"]))}
        plans.end_execution(tx, execution.id, "verified", done)
    after = draw(house, "plan", plan_id=row.id)
    assert len(after.blocks) == 4
    assert len(after.text) < len(before.text) / 2
    assert after.text.count("verified") == 1
    assert "AWS shows it" not in after.text
    for words in ("`user/ci-deploy` in account `111122223333`", "`iam:attach_user_policy`", row.digest[:16]):
        assert words in after.text


def test_who_feels_it_is_said_in_the_readers_time_and_without_the_cards_own_account(house, incident):
    other = "arn:aws:iam::999988887777:user/them"
    calls = f"Calls by arn:aws:iam::111122223333:user/ci-deploy and {other} stop, last 2026-11-23 13:54 UTC."
    text = draw(house, "plan", plan_id=house.propose(incident, deny_all_plan(affected=(calls,))).id).text
    assert f"• Calls by user/ci-deploy and {other} stop, last <!date^" in text
    assert "|2026-11-23 13:54 UTC>." in text


def test_a_rejected_plan_gives_the_reason_once(house, incident):
    row = stored(house, incident, deny_all_plan(), state="rejected", decided_by="U0SAM", decided_at=utcnow())
    said = f"Rejected: {row.body['title']}. Ask Maria first."
    with house.database.begin() as tx:
        incidents.add_timeline(tx, incident.id, "U0SAM", "plan.rejected", said, plan_id=row.id)
    sentence = draw(house, "plan", plan_id=row.id).text.splitlines()[1]
    assert sentence.endswith("Nothing was called. Ask Maria first.")
    assert sentence.count("ejected") == 1


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
        assert "req-42" in str(details.draw(tx, row, house.settings).to_dict())


def test_a_change_that_no_longer_holds_says_so_first(house, incident):
    row = stored(house, incident, deny_all_plan(), state="held")
    with house.database.begin() as tx:
        execution = plans.start_execution(tx, row.id, "inc-0001.p1", "slack-T-U")
        plans.end_execution(
            tx, execution.id, "verified", {"sentence": "Fine.", "broken": "Calls still succeeded."}
        )
    text = draw(house, "plan", plan_id=row.id).text
    assert "*No longer holds.* Calls still succeeded." in text
    assert "held since" not in text


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
    assert f"decide on plans {first.number} and {second.number}" in next_thing(house, incident)
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
    assert "0 of 1 step done. *Now:* Collect evidence." in card.text
    assert "wait for the evidence" in card.text
    assert "*Contained*\n*Not yet*" in card.text
    assert "*Phase*\nTriage (1 of 6)" in card.text


STATES = ("done", "done", "skipped", "running", "waiting", "waiting", "waiting", "failed")


def with_steps(house, incident, states):
    keys = [f"step-{number}" for number in range(len(states))]
    steps = [{"key": key, "title": f"Do {key}", "phase": "triage"} for key in keys]
    with house.database.begin() as tx:
        run = playbooks.start_run(tx, incident.id, "p", {"steps": steps}, [(key, "manual") for key in keys])
        for step, state in zip(playbooks.steps(tx, run.id), states, strict=True):
            sentence = f"Step not done: Do {step.key}. Nobody came."
            playbooks.move_step(tx, step.id, ["waiting"], state, {"sentence": sentence})


def test_the_control_card_condenses_the_playbook(house, incident):
    with_steps(house, incident, STATES)
    text = draw(house, "control", incident_id=incident.id).text
    assert "2 of 8 steps done, 1 not needed. *Now:* Do step-3.\n" in text
    assert "*Next:* Do step-4; Do step-5; 1 more.\n" in text
    assert "*Failed:* Do step-7. Nobody came.\n" in text
    assert "see to what failed: Do step-7." in text.splitlines()[1]


def test_a_closed_incident_has_nothing_under_way(house, incident):
    with_steps(house, incident, STATES)
    with house.database.begin() as tx:
        incidents.move(tx, incident.id, ["triage"], "closed", closed_by="U0DANA", closed_at=utcnow())
    text = draw(house, "control", incident_id=incident.id).text
    assert "2 of 8 steps done, 1 not needed.\n" in text
    assert "Do step-3" not in text
    assert "*Phase*\nClosed (6 of 6)" in text


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("phase.moved", "The incident is now in the phase triage (NIST SP).", "The phase is now triage."),
        ("plan.proposed", "Plan 1 proposed: Deny it. Why: because.", "Plan 1 proposed: Deny it."),
        ("note", "It began 2026-11-23 13:54 UTC.", "2026-11-23 13:54 UTC>."),
        ("note", f"Short. {'long ' * 40}", "Short."),
        ("note", "word " * 40, f"{'word ' * 21}word…"),
    ],
)
def test_the_latest_entries_are_short_and_complete(house, incident, kind, text, shown):
    with house.database.begin() as tx:
        incidents.add_timeline(tx, incident.id, "s3incident", kind, text, phase="triage")
    last = draw(house, "control", incident_id=incident.id).text.splitlines()[-1]
    assert last.endswith(shown)
    assert "s3incident" not in last


def test_the_control_card_shows_the_last_three_entries_and_who_made_them(house, incident):
    with house.database.begin() as tx:
        for number in range(5):
            incidents.add_timeline(tx, incident.id, "U0ANA", "note", f"Note {number}")
    latest = draw(house, "control", incident_id=incident.id).text.partition("*Latest*\n")[2].splitlines()
    assert [line[-6:] for line in latest] == ["Note 2", "Note 3", "Note 4"]
    assert all("<@U0ANA>: " in line for line in latest)


@pytest.mark.parametrize("state", [state for state in PlanState if state != PlanState.REPLACED])
def test_the_control_card_says_where_each_plan_stands(house, incident, state):
    decided = {"decided_by": "U0SAM", "decided_at": utcnow()} if state == "rejected" else {}
    row = stored(house, incident, deny_all_plan(), state=state.value, **decided)
    with house.database.begin() as tx:
        plans.add_approval(tx, row.id, "U0SAM", row.digest)
    [line] = [
        line
        for line in draw(house, "control", incident_id=incident.id).text.splitlines()
        if line.startswith("• *1* Deny everything to the user ci-deploy: ")
    ]
    told = line.removeprefix("• *1* Deny everything to the user ci-deploy: ")
    words = {
        "proposed": "until <!date",
        "expired": "paused",
        "stale": "out of date",
        "stopped": "half way",
        "halted": "half way",
    }
    assert words.get(state, "by <@U0SAM>") in told


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
        mine = taken(home.draw(tx, house.settings, {"user_id": "U0ANA", "decide": [row.id]})).text
        requester = home.draw(tx, house.settings, {"user_id": "U0DANA"}).text
        guest = home.draw(tx, house.settings, {"user_id": "U0GIL"}).text
    assert str(row.body["title"]) in mine
    assert "Nothing waits for you" in requester
    assert BUCKET in requester
    assert BUCKET not in guest


def test_the_soonest_to_expire_comes_first(house, incident):
    late = house.propose(incident, deny_all_plan("late"), expires_at=utcnow() + timedelta(hours=2))
    soon = house.propose(incident, deny_all_plan("soon"), expires_at=utcnow() + timedelta(minutes=5))
    text = draw(house, "home", user_id="U0SAM", decide=[late.id, soon.id]).text
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


def test_what_a_person_does_by_hand_is_not_called_an_aws_call(house):
    by_hand = deny_all_plan().model_copy(update={"calls": (), "undo": (), "guide": ("Do it.", "Look.")})
    button = approve_button(by_hand, "value").to_dict()
    said = button["confirm"]["text"]["text"]
    assert "a person does it, as the card says. It cannot be undone by the bot." in said
    assert "right away" not in said
    with house.database.read() as tx:
        row = plans.get(tx, house.propose(house.open(), by_hand).id)
    form = str(glass_form.draw(row, row.digest, "C1", house.settings).to_dict())
    assert "2 steps by hand. *It cannot be undone by the bot.*" in form
