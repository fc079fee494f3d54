"""Reading and writing playbook runs and their steps."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select, update

from bot.store.tables.playbooks import PlaybookRun, Step
from bot.store.types import JsonObject, Tx, utcnow


def start_run(
    tx: Tx, incident_id: int, playbook: str, definition: JsonObject, steps: Iterable[tuple[str, str]]
) -> PlaybookRun:
    """Starts a run with its steps as (key, kind), all waiting."""
    run = PlaybookRun(
        incident_id=incident_id,
        playbook=playbook,
        definition=definition,
        state="running",
        started_at=utcnow(),
    )
    tx.add(run)
    tx.flush()
    for position, (key, kind) in enumerate(steps):
        tx.add(
            Step(run_id=run.id, position=position, key=key, kind=kind, state="waiting", updated_at=utcnow())
        )
    tx.flush()
    return run


def run_of(tx: Tx, incident_id: int) -> PlaybookRun | None:
    return tx.scalar(select(PlaybookRun).where(PlaybookRun.incident_id == incident_id))


def finish_run(tx: Tx, run_id: int) -> bool:
    row = tx.execute(
        update(PlaybookRun)
        .where(PlaybookRun.id == run_id, PlaybookRun.state == "running")
        .values(state="done", finished_at=utcnow())
        .returning(PlaybookRun.id)
        .execution_options(synchronize_session="fetch")
    ).first()
    return row is not None


def steps(tx: Tx, run_id: int) -> list[Step]:
    query = select(Step).where(Step.run_id == run_id).order_by(Step.position)
    return list(tx.scalars(query.execution_options(populate_existing=True)))


def get_step(tx: Tx, step_id: int) -> Step | None:
    return tx.get(Step, step_id, populate_existing=True)


def move_step(
    tx: Tx, step_id: int, sources: Collection[str], target: str, result: JsonObject | None = None
) -> bool:
    """Changes a step's state if it is one of `sources`. False: somebody else was first."""
    values = {"state": target, "updated_at": utcnow()} | ({} if result is None else {"result": result})
    row = tx.execute(
        update(Step)
        .where(Step.id == step_id, Step.state.in_(sources))
        .values(**values)
        .returning(Step.id)
        .execution_options(synchronize_session="fetch")
    ).first()
    return row is not None
