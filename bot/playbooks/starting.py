"""Starting a step: one conditional UPDATE, and whatever its kind sets in motion in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from bot.incidents import jobs
from bot.incidents.batches import must_wait_for
from bot.incidents.planning import Order
from bot.incidents.recording import BOT, notice, record
from bot.incidents.tasks import task_key
from bot.playbooks import sentences
from bot.playbooks.conditions import holds
from bot.playbooks.context import Context
from bot.playbooks.format import EvidenceStep, ManualStep, NotifyStep, Playbook, RemediationStep
from bot.playbooks.format import Step as Definition
from bot.playbooks.policies import asked
from bot.playbooks.render import RenderError, render
from bot.store import incidents, outbox, playbooks
from bot.store.jobs import enqueue
from bot.store.tables.incidents import Incident, Task
from bot.store.tables.playbooks import Step
from bot.store.types import JsonObject, Tx


@dataclass(frozen=True)
class Starter:
    """Starts steps of one incident; `context` is what their conditions and texts speak of."""

    tx: Tx
    incident: Incident
    playbook: Playbook
    context: Context

    def start(self, step: Step, definition: Definition) -> bool:
        """Starts a waiting step, or skips it when its condition fails. False: somebody else was first."""
        try:
            if not holds(definition.when, self.context):
                return self._skip(step, definition, sentences.NOT_NEEDED)
            return self._begin(step, definition)
        except RenderError as error:
            return self._fail(step, definition, sentences.text_broken(str(error)))

    def _begin(self, step: Step, definition: Definition) -> bool:
        match definition:
            case EvidenceStep():
                return self._investigate(step)
            case RemediationStep():
                return self._propose(step, definition)
            case ManualStep():
                return self._ask(step, definition)
            case NotifyStep():
                return self._notify(step, definition)
            case _:
                assert_never(definition)

    def _investigate(self, step: Step) -> bool:
        if not self._move(step, "running", {}):
            return False
        key = f"evidence:{step.id}"
        enqueue(self.tx, jobs.EVIDENCE_COLLECT, dedupe_key=key, incident_id=self.incident.id, step_id=step.id)
        return True

    def _propose(self, step: Step, definition: RemediationStep) -> bool:
        orders = self._orders(step, definition)
        if not orders:
            return self._skip(step, definition, sentences.NO_PROPOSAL)
        if not self._move(step, "running", {"orders": [order.id for order in orders]}):
            return False
        for order in orders:
            payload = order.model_dump(mode="json") | {"order": order.id}
            enqueue(self.tx, jobs.PLAN_PREPARE, dedupe_key=f"prepare:{order.id}", priority=5, **payload)
        return True

    def _orders(self, step: Step, definition: RemediationStep) -> list[Order]:
        """One for each proposal, in the order of the step's rows; each knows what it must not overtake."""
        found: dict[str, Order] = {}
        for row in definition.remediation:
            for proposal in self.context["proposals"]:
                if proposal["remediation"] == row and not proposal["by_hand"]:
                    order = self._order(step, definition, proposal, found)
                    found.setdefault(order.id, order)
        return list(found.values())

    def _order(
        self, step: Step, definition: RemediationStep, proposal: Context, earlier: Mapping[str, Order]
    ) -> Order:
        row = proposal["remediation"]
        wanted = asked(self.playbook, definition, row, self.incident.severity)
        return Order(
            incident_id=self.incident.id,
            step_id=step.id,
            remediation=row,
            target=proposal["target"],
            why=proposal["why"],
            requested_by=self.incident.opened_by,
            required=wanted.required,
            expires_minutes=wanted.expires_minutes,
            policy=wanted.policy,
            batch_id=f"step-{step.id}",
            batch_position=len(earlier),
            must_wait_for=tuple(must_wait_for(row, ((one.remediation, one.id) for one in earlier.values()))),
        )

    def _ask(self, step: Step, definition: ManualStep) -> bool:
        text = render(definition.text, self.context)
        if not self._move(step, "running", {}):
            return False
        task = incidents.add_task(
            self.tx,
            Task(
                incident_id=self.incident.id,
                step_id=step.id,
                title=definition.title,
                text=text,
                state="open",
            ),
        )
        record(self.tx, self.incident.id, BOT, "task.opened", sentences.asked(task.title), task_id=task.id)
        place = outbox.incident_place(self.incident.id)
        outbox.show(self.tx, task_key(task.id), place, "task", {"task_id": task.id})
        return True

    def _notify(self, step: Step, definition: NotifyStep) -> bool:
        text = render(definition.text, self.context)
        if not self._move(step, "done", {"sentence": definition.title}):
            return False
        elsewhere = outbox.Place(definition.channel) if definition.channel else None
        place = elsewhere or outbox.incident_place(self.incident.id)
        outbox.say(self.tx, f"notify:{step.id}", place, "message", {"mrkdwn": text})
        return True

    def _skip(self, step: Step, definition: Definition, why: str) -> bool:
        text = sentences.skipped(definition.title, why)
        return self._end(step, "skipped", text)

    def _fail(self, step: Step, definition: Definition, why: str) -> bool:
        text = sentences.step_failed(definition.title, why)
        if not self._end(step, "failed", text):
            return False
        notice(self.tx, self.incident.id, f"step-failed:{step.id}", text)
        return True

    def _end(self, step: Step, state: str, text: str) -> bool:
        if not self._move(step, state, {"sentence": text}):
            return False
        record(self.tx, self.incident.id, BOT, f"step.{state}", text, step=step.key)
        return True

    def _move(self, step: Step, target: str, result: JsonObject) -> bool:
        return playbooks.move_step(self.tx, step.id, {"waiting"}, target, result)
