"""Running a playbook. All state is in the database; `advance` may be called at any time, by anybody, again.

1. What is under way is looked at: a change verified, a task done. 2. Every waiting step whose needs have
ended is started or skipped, until nothing more can be. 3. The incident's phase follows, never back.
4. Containment is computed anew. 5. When every step has ended, so has the run.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.incidents import containment
from bot.incidents.phases import Phase, before
from bot.incidents.recording import BOT, record
from bot.playbooks import sentences
from bot.playbooks.context import context_of
from bot.playbooks.format import Playbook
from bot.playbooks.settling import Standing, standing_of_remediation, standing_of_task
from bot.playbooks.starting import Starter
from bot.store import incidents, playbooks
from bot.store.tables.incidents import Incident
from bot.store.tables.playbooks import PlaybookRun, Step
from bot.store.types import Tx

ENDED = frozenset({"done", "skipped", "failed"})


def start(tx: Tx, incident_id: int, playbook: Playbook) -> PlaybookRun:
    """Starts a run with the definition as it is now: later edits of the file do not change it."""
    definition = playbook.model_dump(mode="json")
    steps = [(step.key, step.kind) for step in playbook.steps]
    run = playbooks.start_run(tx, incident_id, playbook.name, definition, steps)
    record(
        tx, incident_id, BOT, "playbook.started", sentences.started(playbook.title), playbook=playbook.name
    )
    return run


def advance(tx: Tx, incident_id: int) -> None:
    """Does whatever can be done now. Does nothing for an incident that is closed or has no run."""
    incident = incidents.hold(tx, incident_id)
    run = playbooks.run_of(tx, incident_id)
    if incident is None or incident.phase == Phase.CLOSED or run is None:
        return
    turn = _Turn(tx, incident, run, Playbook.model_validate(run.definition))
    turn.settle()
    turn.start_ready()
    turn.move_phase()
    containment.recompute(tx, incident_id)
    turn.finish()


@dataclass(frozen=True)
class _Turn:
    tx: Tx
    incident: Incident
    run: PlaybookRun
    playbook: Playbook

    def steps(self) -> list[Step]:
        return playbooks.steps(self.tx, self.run.id)

    def settle(self) -> None:
        """Also ended steps of changes: a fresh plan opens them again."""
        for step in self.steps():
            if step.kind == "manual" and step.state == "running":
                self._settle(step, standing_of_task(self.tx, self.incident.id, step))
            elif step.kind == "remediation" and step.result.get("orders"):
                self._settle(step, standing_of_remediation(self.tx, self.incident.id, step))

    def _settle(self, step: Step, standing: Standing) -> None:
        title = self.playbook.step(step.key).title
        texts = {
            "done": sentences.step_done(title),
            "failed": sentences.step_failed(title, sentences.SOME_FAILED),
            "running": "",
        }
        result = {**step.result, "sentence": texts[standing]}
        if standing == step.state or not playbooks.move_step(
            self.tx, step.id, {step.state}, standing, result
        ):
            return
        if standing in ENDED:
            action = f"step.{standing}"
            record(self.tx, self.incident.id, BOT, action, texts[standing], step=step.key)

    def start_ready(self) -> None:
        starter = Starter(self.tx, self.incident, self.playbook, context_of(self.tx, self.incident))
        progress = True
        while progress:
            steps = self.steps()
            ended = {step.key for step in steps if step.state in ENDED}
            ready = [step for step in steps if step.state == "waiting" and self._may_start(step, ended)]
            progress = sum(starter.start(step, self.playbook.step(step.key)) for step in ready) > 0

    def _may_start(self, step: Step, ended: set[str]) -> bool:
        return ended.issuperset(self.playbook.step(step.key).needs)

    def move_phase(self) -> None:
        """The phase is that of the earliest step that has not ended; after the last one it stays."""
        order = list(Phase)
        waiting = [
            Phase(self.playbook.step(step.key).phase) for step in self.steps() if step.state not in ENDED
        ]
        if not waiting:
            return
        phase = min(waiting, key=order.index)
        if incidents.move(self.tx, self.incident.id, before(phase), phase):
            text = sentences.phase_moved(phase, phase.csf)
            record(self.tx, self.incident.id, BOT, "phase.moved", text, phase=phase.value)

    def finish(self) -> None:
        if any(step.state not in ENDED for step in self.steps()):
            return
        if playbooks.finish_run(self.tx, self.run.id):
            text = sentences.finished(self.playbook.title)
            record(self.tx, self.incident.id, BOT, "playbook.finished", text)
