"""The states of a plan and the moves between them. Every move is one conditional UPDATE in the store."""

from __future__ import annotations

from enum import StrEnum


class PlanState(StrEnum):
    """Where a proposed change stands.

    proposed: waits for approvals. approved: enough people said yes, a worker will take it. running: calls
    are being made. verified: AWS shows the planned state. held: it still did after the watch, and nobody
    used what was cut off. failed: a call was refused, or AWS never showed the planned state. stopped: the
    state is neither the old nor the new one, a person must look. stale: AWS had changed before the first
    call, nothing was called. rejected: a person said no. expired: nobody decided in time. replaced: a
    newer plan stands for it. undone: its undo ran. halted: some calls ran, and then AWS refused, throttled
    or fell silent; it can go on from there, or what ran can be undone. waiting: a guided change that was
    approved, and that a person must make by hand; AWS is read until it shows the change.
    """

    PROPOSED = "proposed"
    APPROVED = "approved"
    RUNNING = "running"
    VERIFIED = "verified"
    HELD = "held"
    FAILED = "failed"
    STOPPED = "stopped"
    STALE = "stale"
    REJECTED = "rejected"
    EXPIRED = "expired"
    REPLACED = "replaced"
    UNDONE = "undone"
    HALTED = "halted"
    WAITING = "waiting"


MOVES: dict[PlanState, frozenset[PlanState]] = {
    PlanState.PROPOSED: frozenset(
        {PlanState.APPROVED, PlanState.REJECTED, PlanState.EXPIRED, PlanState.HALTED}
    ),
    PlanState.APPROVED: frozenset({PlanState.RUNNING, PlanState.EXPIRED, PlanState.HALTED}),
    PlanState.RUNNING: frozenset(
        {
            PlanState.VERIFIED,
            PlanState.FAILED,
            PlanState.STOPPED,
            PlanState.STALE,
            PlanState.HALTED,
            PlanState.WAITING,
        }
    ),
    PlanState.WAITING: frozenset({PlanState.VERIFIED, PlanState.REPLACED}),
    PlanState.HALTED: frozenset({PlanState.APPROVED, PlanState.PROPOSED, PlanState.UNDONE}),
    PlanState.VERIFIED: frozenset({PlanState.HELD, PlanState.UNDONE}),
    PlanState.HELD: frozenset({PlanState.UNDONE}),
    PlanState.FAILED: frozenset({PlanState.REPLACED}),
    PlanState.STOPPED: frozenset({PlanState.REPLACED}),
    PlanState.STALE: frozenset({PlanState.REPLACED}),
    PlanState.REJECTED: frozenset({PlanState.REPLACED}),
    PlanState.EXPIRED: frozenset({PlanState.REPLACED}),
    PlanState.REPLACED: frozenset(),
    PlanState.UNDONE: frozenset(),
}

#: Something may still happen without anybody asking for it.
UNDER_WAY = frozenset({PlanState.PROPOSED, PlanState.APPROVED, PlanState.RUNNING})
#: The change is in AWS.
IN_FORCE = frozenset({PlanState.VERIFIED, PlanState.HELD})
#: Calls of it took effect, all or some: there is something to undo.
UNDOABLE = IN_FORCE | {PlanState.HALTED}
#: A fresh plan may take its place.
REPLACEABLE = frozenset(state for state, targets in MOVES.items() if PlanState.REPLACED in targets)


def sources(target: PlanState) -> frozenset[PlanState]:
    """The states from which a plan may move to this one."""
    return frozenset(state for state, targets in MOVES.items() if target in targets)
