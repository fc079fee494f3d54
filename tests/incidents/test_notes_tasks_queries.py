from __future__ import annotations

from bot.incidents import jobs, sentences
from bot.incidents.channel import channel_ready
from bot.incidents.headline import headline
from bot.incidents.notes import add_note
from bot.incidents.phases import Phase, before
from bot.incidents.queries import listing, status
from bot.incidents.tasks import complete
from bot.store import incidents, outbox
from bot.store.tables.incidents import Task
from tests.incidents import evidence
from tests.incidents.doing import SAM, Desk, later
from tests.reports import shown


def test_a_note_is_an_entry(both: Desk) -> None:
    both.open()
    with both.database.begin() as tx:
        assert add_note(tx, 1, SAM.user_id, "  called the owner ") is None
        assert add_note(tx, 1, SAM.user_id, " \n ") == sentences.EMPTY_NOTE
        assert add_note(tx, 2, SAM.user_id, "x") == sentences.NO_SUCH_INCIDENT
        last = incidents.timeline(tx, 1)[-1]
    assert (last.actor, last.kind, last.text) == (SAM.user_id, "note", "called the owner")


def test_the_channel_starts_the_playbook_once(both: Desk) -> None:
    both.open()
    with both.database.begin() as tx:
        outbox.postpone(tx, outbox.pending(tx)[0], outbox.utcnow().replace(year=2027), "no channel yet")
        assert channel_ready(tx, 1, "C0INC")
        assert not channel_ready(tx, 1, "C0OTHER")
        incident = incidents.get(tx, 1)
        assert incident is not None
        assert incident.channel_id == "C0INC"
        assert outbox.pending(tx)[0].due_at == outbox.utcnow()
    assert both.queued(jobs.PLAYBOOK_ADVANCE) == [{"incident_id": 1}]


def test_a_task_is_done_once(both: Desk) -> None:
    both.open()
    with both.database.begin() as tx:
        task = incidents.add_task(tx, Task(incident_id=1, title="Ask the owner", state="open"))
        assert complete(tx, task.id, SAM.user_id) == "Done: Ask the owner"
    with both.database.begin() as tx:
        assert "marked this done before you" in complete(tx, task.id, "U0ANA")
        assert complete(tx, 99, "U0ANA") == sentences.NO_SUCH_TASK
    assert both.queued(jobs.PLAYBOOK_ADVANCE) == [{"incident_id": 1}]


def test_the_status_is_the_present_truth(both: Desk) -> None:
    plan = both.propose(both.open())
    with both.database.begin() as tx:
        evidence.record(tx, 1, evidence.investigation("R2"))
        seen = status(tx, 1)
        assert status(tx, 2) is None
        assert [one.id for one in listing(tx)] == [1]
    assert seen is not None
    assert [one.id for one in seen.plans] == [plan.id]
    assert seen.evidence == "1 suspect · at least 2 objects read by them · 1 finding"
    assert seen.tail[-1].kind == "plan.proposed"
    assert (seen.steps, seen.tasks) == ((), ())


def test_a_headline_without_suspects() -> None:
    quiet = evidence.investigation(actors=[], findings=[])
    assert headline(quiet) == "no suspects · no findings"


def test_a_headline_counts_people_and_says_how_many_principals_they_are() -> None:
    found = shown.complete()
    (first,) = found.actors
    role = first.model_copy(update={"principal": "arn:aws:sts::111122223333:assumed-role/export/s"})
    assert headline(found).startswith("1 suspect · ")
    joined = found.model_copy(update={"actors": (first, role)})
    assert headline(joined).startswith("1 suspect with 2 principals · ")
    apart = found.model_copy(update={"actors": (first, role.model_copy(update={"person": None}))})
    assert headline(apart).startswith("2 suspects · ")


def test_phases_only_go_forward() -> None:
    assert before(Phase.TRIAGE) == ()
    assert before(Phase.CONTAINMENT) == (Phase.TRIAGE, Phase.EVIDENCE)
    assert Phase.CLOSED not in before(Phase.CLOSED)
    assert all(phase.csf for phase in Phase)


def test_the_tail_is_the_newest_entries_in_order(desk: Desk) -> None:
    desk.open()
    for minute in range(1, 20):
        with later(minutes=minute), desk.database.begin() as tx:
            add_note(tx, 1, SAM.user_id, f"note {minute}")
    with desk.database.read() as tx:
        seen = status(tx, 1)
    assert seen is not None
    assert [entry.text for entry in seen.tail] == [f"note {minute}" for minute in range(12, 20)]
