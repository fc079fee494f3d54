"""The worker: threads that claim jobs and deliver messages, and that may die at any moment."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Callable, Mapping

import structlog

from bot.evidence.redact import redact
from bot.incidents.given_up import give_up
from bot.store import jobs
from bot.store.database import Database
from bot.store.jobs import Claim
from bot.store.types import JsonObject, utcnow

Handler = Callable[[JsonObject], None]

#: How long an idle thread waits before it looks again for work that another process queued, in seconds.
POLL = 0.25

#: Why work is given up that no process has survived.
LETHAL = (
    "each process that took this work up ended before the work did (killed, out of memory, or cut off);"
    " what it has done so far stays."
)

log = structlog.get_logger()


class Worker:
    """Runs handlers for jobs, and `deliver` for the outbox, until stopped.

    Args:
        handlers: one function for each kind of job; it gets the payload and the job's id as `job_id`.
        deliver: delivers one message if one is due; True when it did something.
        threads: how many jobs run at once. One more thread delivers, one keeps the leases.
    """

    def __init__(
        self, database: Database, handlers: Mapping[str, Handler], deliver: Callable[[], bool], threads: int
    ) -> None:
        self._database = database
        self._handlers = handlers
        self._deliver = deliver
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
        self._stopping = threading.Event()
        self._held: dict[tuple[int, int], Claim] = {}
        self._threads = [
            threading.Thread(target=self._loop, args=(self._work_once,), name=f"worker-{number}", daemon=True)
            for number in range(threads)
        ]
        self._threads.append(
            threading.Thread(target=self._loop, args=(self._deliver,), name="delivery", daemon=True)
        )
        self._threads.append(threading.Thread(target=self._heartbeat, name="heartbeat", daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Asks every thread to end after what it is doing; what does not end is taken over by its lease."""
        self._stopping.set()
        self._database.wakeup.set()
        for thread in self._threads:
            thread.join(timeout)

    def _loop(self, once: Callable[[], bool]) -> None:
        seen = self._database.wakeup.count
        while not self._stopping.is_set():
            try:
                busy = once()
            except Exception:
                # A process boundary: a thread that dies silently would leave work waiting for ever.
                log.exception("worker.loop_failed", thread=threading.current_thread().name)
                busy = False
            if not busy:
                seen = self._database.wakeup.wait(seen, POLL)

    def _work_once(self) -> bool:
        claim = self._claim()
        if claim is None:
            return False
        # By attempt too: a process that slept can hold the same job in two of its threads.
        held = (claim.id, claim.attempts)
        self._held[held] = claim
        try:
            self._run(claim)
        finally:
            self._held.pop(held, None)
        return True

    def _claim(self) -> Claim | None:
        # Reading first: a claim takes the database's write lock, which idle threads must not fight over.
        with self._database.read() as tx:
            due = jobs.next_due(tx)
        if due is None or due > utcnow():
            return None
        with self._database.begin() as tx:
            return jobs.claim(tx, self._owner, tuple(self._handlers))

    def _run(self, claim: Claim) -> None:
        if claim.attempts > jobs.MAX_ATTEMPTS:
            # Nobody came back from the last tries, not even to say that they failed.
            log.error("job.lethal", kind=claim.kind, job=claim.id, attempts=claim.attempts)
            self._failed(claim, LETHAL)
            return
        try:
            self._handlers[claim.kind]({**claim.payload, "job_id": claim.id})
        except Exception as error:
            # A process boundary: whatever went wrong, the job is tried again and people are told.
            log.exception("job.failed", kind=claim.kind, job=claim.id, attempt=claim.attempts)
            self._failed(claim, redact(f"{type(error).__name__}: {error}"))
        else:
            with self._database.begin() as tx:
                jobs.finish(tx, claim)

    def _failed(self, claim: Claim, error: str) -> None:
        with self._database.begin() as tx:
            if jobs.fail(tx, claim, error):
                give_up(tx, claim, error)

    def _heartbeat(self) -> None:
        while not self._stopping.wait(jobs.LEASE.total_seconds() / 4):
            for claim in list(self._held.values()):
                try:
                    self._renew(claim)
                except Exception:
                    # A process boundary: a database that is away for a moment must not end the heartbeat.
                    log.exception("worker.renewal_failed", kind=claim.kind, job=claim.id)

    def _renew(self, claim: Claim) -> None:
        with self._database.begin() as tx:
            if not jobs.renew(tx, claim):
                log.warning("job.lease_lost", kind=claim.kind, job=claim.id)
