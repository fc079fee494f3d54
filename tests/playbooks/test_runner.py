from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.incidents import approvals, jobs
from bot.incidents.closing import close
from bot.incidents.evidence_runs import end_step
from bot.incidents.tasks import complete
from bot.playbooks import context, runner
from bot.playbooks.format import Playbook
from bot.playbooks.handlers import handlers
from bot.playbooks.load import load
from bot.playbooks.problems import PlaybookError
from bot.remediation.catalogue import listing
from bot.resources import data_folder
from bot.store import incidents, ledger, outbox, playbooks
from bot.store import jobs as queue
from bot.store.tables.incidents import Incident
from tests.incidents import evidence
from tests.incidents.cloud import DENY_ALL
from tests.incidents.conftest import both, desk, no_patience, three_in_the_morning
from tests.incidents.doing import ANA, DANA, SAM, Desk, later

__all__ = ["both", "desk", "no_patience", "three_in_the_morning"]

SHIPPED = load(data_folder("playbooks") / "unauthorized-s3-access.yml").playbook


def playbook(*steps: dict[str, Any]) -> Playbook:
    made = [{"title": step["key"].title(), "phase": "containment", **step} for step in steps]
    return Playbook.model_validate({"name": "test", "title": "Test", "steps": made})


class Play:
    """A playbook running on a desk."""

    def __init__(self, desk: Desk, running: Playbook) -> None:
        self.desk = desk
        desk.open()
        with desk.database.begin() as tx:
            runner.start(tx, 1, running)
        self.advance()

    def advance(self, times: int = 1) -> None:
        for _ in range(times):
            with self.desk.database.begin() as tx:
                runner.advance(tx, 1)

    def work(self) -> None:
        """The room's jobs, each followed by a turn of the playbook, until nothing is due."""
        kinds = frozenset({jobs.PLAN_PREPARE, jobs.PLAN_EXECUTE, jobs.PLAN_UNDO, jobs.PLAN_EXPIRE})
        while self.desk.work(kinds):
            self.advance()

    def found(self, *rows: str, **more: Any) -> None:
        """The evidence ends with these proposals."""
        with self.desk.database.begin() as tx:
            evidence.record(tx, 1, evidence.investigation(*rows, **more))
            end_step(tx, 1, self.step("collect-evidence"), "done", "done")
        self.advance()
        self.work()

    def step(self, key: str) -> int:
        with self.desk.database.read() as tx:
            run = playbooks.run_of(tx, 1)
            assert run is not None
            return next(step.id for step in playbooks.steps(tx, run.id) if step.key == key)

    @property
    def states(self) -> dict[str, str]:
        with self.desk.database.read() as tx:
            run = playbooks.run_of(tx, 1)
            assert run is not None
            return {step.key: step.state for step in playbooks.steps(tx, run.id)}

    @property
    def incident(self) -> Incident:
        with self.desk.database.read() as tx:
            found = incidents.get(tx, 1)
        assert found is not None
        return found

    def said(self) -> list[str]:
        with self.desk.database.read() as tx:
            return [m.args["mrkdwn"] for m in outbox.pending(tx) if m.card == "message"]


def test_the_leaked_key_is_contained_in_the_right_order(both: Desk) -> None:
    play = Play(both, SHIPPED)
    assert play.states["collect-evidence"] == "running"
    assert both.queued(jobs.EVIDENCE_COLLECT) == [
        {"incident_id": 1, "step_id": play.step("collect-evidence")}
    ]
    assert play.incident.phase == "evidence"

    play.found("R2", "R1")
    assert play.incident.phase == "containment"
    assert play.states["contain-now"] == "running"
    assert (play.states["close-the-way"], play.states["decide-containment"]) == ("waiting", "skipped")
    deny, key = both.plans()
    assert (deny.remediation, deny.requested_by, deny.reason) == ("R2", DANA.user_id, "R2 is needed")
    assert (key.remediation, key.batch_id, key.must_wait_for) == ("R1", deny.batch_id, [deny.id])
    assert (deny.batch_position, key.batch_position) == (0, 1)
    assert "*Under suspicion in `acme-payroll`:* `user/ci-deploy`." in play.said()[0]

    assert both.approve(deny).kind == "approved"
    play.work()
    assert play.states["contain-now"] == "running"
    assert play.incident.contained_at is None

    both.approve(key, ANA)
    play.work()
    assert both.cloud.users["ci-deploy"].keys == {"AKIAEXAMPLE000000001": "Inactive"}
    assert play.incident.contained_at is not None
    assert play.incident.phase == "eradication"
    assert play.states["remove-footholds"] == "running"
    assert [text for text in both.said() if text.startswith("Contained")]

    for _ in range(3):
        with both.database.begin() as tx:
            for task in [one for one in incidents.tasks(tx, 1) if one.state == "open"]:
                complete(tx, task.id, SAM.user_id)
        play.advance()
    assert set(play.states.values()) <= {"done", "skipped"}
    assert "The incident is contained." in play.said()[-1]
    with both.database.read() as tx:
        run = playbooks.run_of(tx, 1)
        assert run is not None
        assert run.state == "done"
        assert ledger.first_broken(tx) is None


def test_advancing_again_changes_nothing(both: Desk) -> None:
    play = Play(both, SHIPPED)
    play.found("R2", "R1")
    before = (play.states, both.timeline(), len(both.plans()), len(both.queued(jobs.PLAN_PREPARE)))
    play.advance(times=3)
    assert (play.states, both.timeline(), len(both.plans()), len(both.queued(jobs.PLAN_PREPARE))) == before


def test_without_proposals_people_decide(desk: Desk) -> None:
    play = Play(desk, SHIPPED)
    play.found(actors=[], findings=[])
    assert play.states["decide-containment"] == "running"
    assert play.states["contain-now"] == "skipped"
    assert "No suspect was found" in play.said()[0]
    assert play.incident.contained_at is None


def test_failed_evidence_leaves_the_decision_to_people(desk: Desk) -> None:
    play = Play(desk, SHIPPED)
    with desk.database.begin() as tx:
        end_step(tx, 1, play.step("collect-evidence"), "failed", "no access")
    play.advance()
    assert play.states["decide-containment"] == "running"


def test_undoing_a_containment_lifts_contained(desk: Desk) -> None:
    play = Play(desk, SHIPPED)
    play.found("R2")
    desk.approve(desk.plans()[0])
    play.work()
    assert play.incident.contained_at is not None
    with desk.database.begin() as tx:
        approvals.request_undo(tx, desk.plans()[0].id, ANA.user_id)
    play.work()
    desk.approve(desk.plans()[1], SAM)
    play.work()
    assert desk.cloud.users["ci-deploy"].policies == set()
    assert play.incident.contained_at is None
    assert play.states["contain-now"] == "done"
    assert desk.said()[-1].startswith("No longer contained")


def test_renewed_use_lifts_contained(desk: Desk) -> None:
    play = Play(desk, SHIPPED)
    play.found("R2")
    desk.approve(desk.plans()[0])
    play.work()
    desk.cloud.users["ci-deploy"].policies.clear()
    with later(seconds=60):
        desk.work(frozenset({jobs.PLAN_WATCH}))
    assert play.incident.contained_at is None
    desk.cloud.users["ci-deploy"].policies.add(DENY_ALL)
    with later(minutes=10):
        desk.work(frozenset({jobs.PLAN_WATCH}))
    assert play.incident.contained_at is not None


def test_a_rejected_change_lets_the_others_go_on_and_is_not_contained(desk: Desk) -> None:
    play = Play(desk, SHIPPED)
    play.found("R2", "R1")
    deny, key = desk.plans()
    desk.reject(deny)
    desk.approve(key)
    play.work()
    assert play.states["contain-now"] == "failed"
    assert desk.plan(key.id).state == "verified"
    assert play.incident.contained_at is None

    with desk.database.begin() as tx:
        approvals.ask_again(tx, deny.id, SAM.user_id)
    play.advance()
    assert play.states["contain-now"] == "running"
    play.work()
    fresh = desk.plans()[2]
    assert (fresh.batch_id, fresh.batch_position, fresh.policy) == (deny.batch_id, 0, deny.policy)
    desk.approve(fresh)
    play.work()
    assert play.states["contain-now"] == "done"
    assert play.incident.contained_at is not None


def test_an_expired_plan_keeps_its_step_open(desk: Desk) -> None:
    play = Play(desk, SHIPPED)
    play.found("R2", "R1")
    with later(minutes=61):
        play.work()
        play.advance()
    assert [plan.state for plan in desk.plans()] == ["expired", "expired"]
    assert play.states["contain-now"] == "running"


def test_a_row_the_catalogue_does_not_have_is_left_to_people(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tuple(one for one in listing() if one.row != "R1")
    monkeypatch.setattr(context, "listing", lambda: kept)
    play = Play(desk, SHIPPED)
    play.found("R2", "R1")
    assert [plan.remediation for plan in desk.plans()] == ["R2"]
    assert (play.states["contain-now"], play.states["by-hand"]) == ("running", "running")


def test_too_little_to_plan_with_is_left_to_people(desk: Desk) -> None:
    play = Play(desk, SHIPPED)
    play.found(proposals=[{**evidence.proposal("R1"), "target": {"user": "ci-deploy"}}])
    assert desk.plans() == []
    assert (play.states["contain-now"], play.states["by-hand"]) == ("skipped", "running")


@pytest.mark.parametrize(("already", "state"), [(True, "done"), (False, "failed")])
def test_a_change_that_needs_or_finds_no_plan_ends_its_step(desk: Desk, already: bool, state: str) -> None:
    play = Play(desk, SHIPPED)
    if already:
        desk.cloud.users["ci-deploy"].policies.add(DENY_ALL)
    else:
        desk.cloud.users.clear()
    play.found("R2")
    play.advance()
    assert play.states["contain-now"] == state
    assert desk.plans() == []
    assert play.incident.contained_at is None


def test_a_fresh_plan_that_is_not_needed_any_more_ends_its_step(desk: Desk) -> None:
    play = Play(desk, SHIPPED)
    play.found("R2")
    desk.reject(desk.plans()[0])
    desk.cloud.users["ci-deploy"].policies.add(DENY_ALL)
    with desk.database.begin() as tx:
        approvals.ask_again(tx, desk.plans()[0].id, SAM.user_id)
    play.work()
    play.advance()
    assert play.states["contain-now"] == "done"


def test_a_step_waits_for_every_proposal(desk: Desk) -> None:
    desk.cloud.users["ci-deploy"].keys["AKIAEXAMPLE000000002"] = "Active"
    second = {
        **evidence.proposal("R1"),
        "target": {"user": "ci-deploy", "access_key_id": "AKIAEXAMPLE000000002"},
    }
    both_keys = [evidence.proposal("R1"), second, evidence.proposal("R1")]
    play = Play(desk, SHIPPED)
    play.found(proposals=both_keys)
    first, other = desk.plans()
    desk.approve(first)
    play.work()
    assert play.states["contain-now"] == "running"
    desk.approve(other)
    play.work()
    assert play.states["contain-now"] == "done"


def test_conditions_and_texts_that_break_at_run_time_are_said(desk: Desk) -> None:
    play = Play(
        desk,
        playbook(
            {"key": "one", "kind": "notify", "text": "x", "when": "answers.E99"},
            {"key": "two", "kind": "notify", "text": "{{ suspects[3].principal }}"},
            {"key": "three", "kind": "notify", "text": "fine", "needs": ["one", "two"]},
        ),
    )
    assert play.states == {"one": "failed", "two": "failed", "three": "done"}
    assert len(desk.said()) == 2
    assert play.said() == ["fine"]


def test_a_notice_can_go_elsewhere(desk: Desk) -> None:
    Play(
        desk,
        playbook({"key": "tell", "kind": "notify", "text": "SEV{{ incident.severity }}", "channel": "C0SEC"}),
    )
    with desk.database.read() as tx:
        (message,) = [m for m in outbox.pending(tx) if m.card == "message"]
    assert (message.destination, message.args) == ("C0SEC", {"mrkdwn": "SEV1"})


def test_a_later_edit_of_the_file_does_not_change_a_running_playbook(desk: Desk) -> None:
    play = Play(desk, playbook({"key": "ask", "kind": "manual", "text": "please", "title": "Ask"}))
    with desk.database.read() as tx:
        run = playbooks.run_of(tx, 1)
        assert run is not None
        assert Playbook.model_validate(run.definition).steps[0].title == "Ask"
    assert play.states == {"ask": "running"}


def test_nothing_starts_in_a_closed_incident(desk: Desk) -> None:
    play = Play(desk, SHIPPED)
    with desk.database.begin() as tx:
        close(tx, 1, SAM.user_id)
        end_step(tx, 1, play.step("collect-evidence"), "done", "done")
    play.advance()
    assert play.states["say-what-was-found"] == "waiting"


def test_hostile_names_are_harmless_in_every_text(desk: Desk) -> None:
    play = Play(desk, SHIPPED)
    hostile = "<!channel>`\n*Approved*"
    seen = evidence.investigation("R2").to_json()
    actor = {**seen["actors"][0], "principal": hostile, "source_ips": [hostile], "objects_read": [hostile]}
    play.found("R2", actors=[actor])
    with desk.database.read() as tx:
        texts = [*play.said(), *(task.text for task in incidents.tasks(tx, 1))]
    assert any("&lt;!channel&gt;" in text for text in texts)
    for text in texts:
        assert "<!channel>" not in text
        assert "\n*Approved*" not in text


def test_the_handler_starts_the_playbook_of_the_settings_once(desk: Desk) -> None:
    desk.open()
    advance = handlers(desk.database, desk.settings)[jobs.PLAYBOOK_ADVANCE]
    for _ in range(2):
        advance({"incident_id": 1, "job_id": 1})
    advance({"incident_id": 99, "job_id": 1})
    assert [kind for _, kind in desk.timeline()].count("playbook.started") == 1
    with desk.database.read() as tx:
        assert len(queue.open_jobs(tx, jobs.EVIDENCE_COLLECT)) == 1


def test_a_playbook_that_cannot_be_loaded_is_said_once_and_tried_again(desk: Desk, tmp_path: Path) -> None:
    desk.open()
    broken = desk.settings.model_copy(update={"playbooks_dir": tmp_path})
    advance = handlers(desk.database, broken)[jobs.PLAYBOOK_ADVANCE]
    for _ in range(2):
        with pytest.raises(PlaybookError, match="cannot be read"):
            advance({"incident_id": 1, "job_id": 1})
    assert len(desk.said()) == 1
    (tmp_path / "unauthorized-s3-access.yml").write_text(
        "name: unauthorized-s3-access\ntitle: T\n"
        "steps: [{key: a, kind: evidence, title: A, phase: evidence}]\n"
    )
    advance({"incident_id": 1, "job_id": 1})
    assert len(desk.queued(jobs.EVIDENCE_COLLECT)) == 1
