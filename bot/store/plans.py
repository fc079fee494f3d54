"""Reading and writing plans, approvals, executions and the journal of calls."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.tables.plans import Approval, Execution, JournalEntry, PlanRow
from bot.store.types import JsonObject, Tx, utcnow


def insert(tx: Tx, plan: PlanRow) -> PlanRow:
    tx.add(plan)
    tx.flush()
    return plan


def get(tx: Tx, plan_id: str) -> PlanRow | None:
    return tx.get(PlanRow, plan_id, populate_existing=True)


def of_incident(tx: Tx, incident_id: int) -> list[PlanRow]:
    return list(
        tx.scalars(select(PlanRow).where(PlanRow.incident_id == incident_id).order_by(PlanRow.number))
    )


def of_step(tx: Tx, step_id: int) -> list[PlanRow]:
    return list(tx.scalars(select(PlanRow).where(PlanRow.step_id == step_id).order_by(PlanRow.number)))


def undo_of(tx: Tx, plan_id: str) -> list[PlanRow]:
    return list(tx.scalars(select(PlanRow).where(PlanRow.undoes == plan_id).order_by(PlanRow.number)))


def of_batch(tx: Tx, batch_id: str) -> list[PlanRow]:
    """The changes proposed together, in the order in which they are to run."""
    query = select(PlanRow).where(PlanRow.batch_id == batch_id)
    return list(tx.scalars(query.order_by(PlanRow.batch_position, PlanRow.number)))


def successor_of(tx: Tx, plan_id: str) -> PlanRow | None:
    """The fresh plan that stands for a replaced one."""
    query = select(PlanRow).where(PlanRow.replaces == plan_id)
    return tx.scalar(query.order_by(PlanRow.number.desc()).limit(1))


def in_state(tx: Tx, state: str) -> list[PlanRow]:
    """Every plan in this state, of all incidents."""
    return list(tx.scalars(select(PlanRow).where(PlanRow.state == state).order_by(PlanRow.expires_at)))


def next_number(tx: Tx, incident_id: int) -> int:
    return (tx.scalar(select(func.max(PlanRow.number)).where(PlanRow.incident_id == incident_id)) or 0) + 1


def move(tx: Tx, plan_id: str, sources: Collection[str], target: str, **values: Any) -> bool:
    """Changes the state if it is one of `sources`. False: somebody else was first."""
    row = tx.execute(
        update(PlanRow)
        .where(PlanRow.id == plan_id, PlanRow.state.in_(sources))
        .values(state=target, **values)
        .returning(PlanRow.id)
        .execution_options(synchronize_session="fetch")
    ).first()
    return row is not None


def add_approval(tx: Tx, plan_id: str, user_id: str, digest: str, break_glass: str | None = None) -> bool:
    """Records one person's yes. False when this person had already said yes.

    `break_glass`: why the requester had to say it alone; None for everybody else.
    """
    insert_ = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = tx.execute(
        insert_(Approval)
        .values(plan_id=plan_id, user_id=user_id, digest=digest, at=utcnow(), break_glass=break_glass)
        .on_conflict_do_nothing(index_elements=["plan_id", "user_id"])
        .returning(Approval.id)
    ).first()
    return row is not None


def approvals(tx: Tx, plan_id: str) -> list[Approval]:
    return list(tx.scalars(select(Approval).where(Approval.plan_id == plan_id).order_by(Approval.id)))


def forget_approvals(tx: Tx, plan_id: str) -> None:
    """Takes approvals back whose time is over; the ledger keeps who had given them."""
    tx.execute(delete(Approval).where(Approval.plan_id == plan_id))


def start_execution(tx: Tx, plan_id: str, session_name: str, source_identity: str) -> Execution:
    execution = Execution(
        plan_id=plan_id,
        state="running",
        session_name=session_name,
        source_identity=source_identity,
        started_at=utcnow(),
    )
    tx.add(execution)
    tx.flush()
    return execution


def execution_of(tx: Tx, plan_id: str) -> Execution | None:
    return tx.scalar(select(Execution).where(Execution.plan_id == plan_id))


def take_up(tx: Tx, execution_id: int) -> int:
    """Makes the caller the one process that carries it out, and returns the number by which it is known."""
    return tx.execute(
        update(Execution)
        .where(Execution.id == execution_id)
        .values(taken_up=Execution.taken_up + 1)
        .returning(Execution.taken_up)
        .execution_options(synchronize_session="fetch")
    ).scalar_one()


def is_mine(tx: Tx, execution_id: int, taken_up: int) -> bool:
    """Whether no other process took it up since, nor ended it. Nobody can until this transaction ends."""
    mine = (Execution.id == execution_id, Execution.taken_up == taken_up, Execution.state == "running")
    return tx.scalar(select(Execution.id).where(*mine).with_for_update()) is not None


def end_execution(tx: Tx, execution_id: int, state: str, result: JsonObject) -> bool:
    """Ends a running execution; its result goes on top of what was noted while it ran."""
    noted = tx.get(Execution, execution_id, populate_existing=True)
    result = {**(noted.result if noted else {}), **result}
    row = tx.execute(
        update(Execution)
        .where(Execution.id == execution_id, Execution.state == "running")
        .values(state=state, result=result, finished_at=utcnow())
        .returning(Execution.id)
        .execution_options(synchronize_session="fetch")
    ).first()
    return row is not None


def reopen_execution(tx: Tx, execution_id: int) -> None:
    """Lets an ended execution go on. The call it failed in is open again: reading AWS settles it."""
    failed = (JournalEntry.execution_id == execution_id, JournalEntry.state == "failed")
    tx.execute(update(JournalEntry).where(*failed).values(state="intent"))
    again = update(Execution).where(Execution.id == execution_id, Execution.state != "running")
    tx.execute(again.values(state="running", finished_at=None))


def note_execution(tx: Tx, execution_id: int, **notes: Any) -> None:
    """Adds to the result of an execution, also after it ended (what the watch saw)."""
    execution = tx.get(Execution, execution_id, populate_existing=True, with_for_update=True)
    if execution is not None:
        execution.result = {**execution.result, **notes}
        tx.flush()


def journal(tx: Tx, execution_id: int) -> list[JournalEntry]:
    query = select(JournalEntry).where(JournalEntry.execution_id == execution_id)
    return list(tx.scalars(query.order_by(JournalEntry.position)))


def write_intent(
    tx: Tx, execution_id: int, position: int, service: str, operation: str, params: JsonObject
) -> None:
    """Writes, before the call is made, that it will be made. Again for the same position: a new attempt."""
    insert_ = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {
        "execution_id": execution_id,
        "position": position,
        "service": service,
        "operation": operation,
        "params": params,
        "state": "intent",
        "attempts": 1,
        "intent_at": utcnow(),
    }
    again = {"attempts": JournalEntry.attempts + 1, "state": "intent", "intent_at": utcnow()}
    statement = insert_(JournalEntry).values(**values)
    tx.execute(statement.on_conflict_do_update(index_elements=["execution_id", "position"], set_=again))


def write_progress(tx: Tx, execution_id: int, position: int, progress: JsonObject) -> None:
    """How far a call is that is made once for each object of a list."""
    tx.execute(
        update(JournalEntry)
        .where(JournalEntry.execution_id == execution_id, JournalEntry.position == position)
        .values(progress=progress)
        .execution_options(synchronize_session="fetch")
    )


def write_outcome(
    tx: Tx,
    execution_id: int,
    position: int,
    state: str,
    request_id: str | None = None,
    error: str | None = None,
) -> None:
    tx.execute(
        update(JournalEntry)
        .where(JournalEntry.execution_id == execution_id, JournalEntry.position == position)
        .values(state=state, outcome_at=utcnow(), request_id=request_id, error=error)
        .execution_options(synchronize_session="fetch")
    )
