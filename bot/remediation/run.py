"""Carries out an approved plan: exactly it, once, also through a crash (DESIGN rules 1, 3 and 5)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from bot.aws.errors import AwsError, AwsRefused, AwsUnavailable
from bot.aws.gateway import Answer
from bot.remediation import sentences
from bot.remediation.contract import Reader, Remediation
from bot.remediation.errors import RemediationError, TargetMissing
from bot.remediation.plan import KEPT, Call, Plan, State, compared, state_hash
from bot.remediation.sweep.manifests import Manifests
from bot.remediation.sweep.progress import Progress

#: Codes by which AWS refuses what it would take some seconds later (IAM API Reference, DeleteLoginProfile).
_TOO_EARLY = frozenset({"EntityTemporarilyUnmodifiable"})

Outcome = Literal["verified", "stale", "failed", "halted", "stopped", "waiting"]


@dataclass(frozen=True)
class Entry:
    """One call in the journal: `intent` (it may have been made), `done` or `failed`."""

    position: int
    state: str


class Journal(Protocol):
    """The durable record of a run. Each write has reached the database when the method returns."""

    def entries(self) -> Sequence[Entry]: ...

    def keep(self, what: object) -> None:
        """Stores what the change is about to hide or destroy, as it was found."""
        ...

    def intent(self, position: int, call: Call) -> None: ...

    def outcome(
        self, position: int, state: Literal["done", "failed"], request_id: str | None, error: str | None
    ) -> None: ...

    def checkpoint(self, position: int, progress: Progress) -> None:
        """How far a call is that is made once for each object of a list."""
        ...

    def progress(self, position: int) -> Progress | None: ...


class Actor(Protocol):
    """Makes calls, as bot.aws.gateway.Gateway does."""

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], region: str | None = None
    ) -> Answer: ...


@dataclass(frozen=True)
class RunResult:
    """How a run ended.

    Attributes:
        outcome: `verified`: AWS shows the planned state. `stale`: AWS showed another state than the plan
            starts from; nothing was called. `failed`: nothing took effect, or the result does not show.
            `halted`: AWS refused, throttled or fell silent half way; it can go on from there. `stopped`: what
            is there is unclear, and a person must look. `waiting`: a guided plan, to be done by a person.
        sentence: what happened and what to do.
        calls_made, request_ids: of this run, not of one before a crash.
        state: the last state that was read, None when none was.
    """

    outcome: Outcome
    sentence: str
    calls_made: int = 0
    request_ids: tuple[str, ...] = ()
    state: State | None = None


@runtime_checkable
class Sweeper(Protocol):
    """A remediation whose calls are made once for each object of a list: it walks the list itself."""

    def carry_out(
        self,
        plan: Plan,
        read: Reader,
        act: Callable[[], Actor],
        journal: Journal,
        sleep: Callable[[float], None],
        manifests: Manifests | None,
    ) -> RunResult: ...


def run(
    plan: Plan,
    approved_digest: str,
    remediation: Remediation,
    read: Reader,
    act: Callable[[], Actor],
    journal: Journal,
    *,
    sleep: Callable[[float], None] = time.sleep,
    manifests: Manifests | None = None,
) -> RunResult:
    """Carries out a plan, or the rest of one that a crash interrupted.

    1. Recomputes the digest; refuses when it is not the approved one.
    2. A fresh start reads the live state; refuses when it is not the one the plan starts from.
    3. For each call: writes the intent, makes the call, writes the outcome. An intent left open by a crash
       is settled by reading: the state after the call means done; the state before it means make it now;
       anything else stops the run.
    4. Reads back until AWS shows the final state.

    A plan with a guide instead of calls only has its start compared: then it waits for a person.

    `act` opens the step's session; it is called when the first call is due, so a refusal leaves no intent.
    A plan whose calls have lists is walked object by object instead (bot.remediation.sweep.running);
    `manifests` is where its lists are.
    """
    if plan.digest != approved_digest or plan.remediation != remediation.row:
        return RunResult("stopped", sentences.NOT_WHAT_WAS_APPROVED)
    if isinstance(remediation, Sweeper):
        return remediation.carry_out(plan, read, act, journal, sleep, manifests)
    return _Run(plan, remediation, read, act, journal, sleep).result()


class _Ended(Exception):  # noqa: N818
    def __init__(self, outcome: Outcome, sentence: str) -> None:
        super().__init__(sentence)
        self.outcome = outcome
        self.sentence = sentence


class _Run:
    def __init__(
        self,
        plan: Plan,
        remediation: Remediation,
        read: Reader,
        act: Callable[[], Actor],
        journal: Journal,
        sleep: Callable[[float], None],
    ) -> None:
        self._plan = plan
        self._remediation = remediation
        self._read = read
        self._act = act
        self._journal = journal
        self._sleep = sleep
        self._actor: Actor | None = None
        self._request_ids: list[str] = []
        self._made = 0
        self._state: State | None = None
        self._found: State = {}

    def result(self) -> RunResult:
        try:
            for position in self._start():
                self._make(position)
            self._verify()
        except _Ended as end:
            outcome, sentence = end.outcome, end.sentence
        else:
            outcome, sentence = "verified", sentences.verified(self._plan.title)
        return RunResult(outcome, sentence, self._made, tuple(self._request_ids), self._state)

    def _start(self) -> range:
        """The positions still to be made, once it is certain that they may be."""
        journal = {entry.position: entry.state for entry in self._journal.entries()}
        if not journal:
            self._compare_with_base()
            if self._plan.guide and not self._plan.calls:
                raise _Ended("waiting", sentences.waits_for_a_person(self._plan.target.label))
            return range(len(self._plan.calls))
        if "failed" in journal.values():
            failed = min(position for position, state in journal.items() if state == "failed")
            raise _Ended(
                _short_of_all(failed), sentences.failed_before(self._names(0, failed), self._names(failed))
            )
        first = sum(1 for state in journal.values() if state == "done")
        if first < len(self._plan.calls) and self._has_taken_effect(first, or_not=True):
            if first in journal:
                self._journal.outcome(first, "done", None, None)
            first += 1
        return range(first, len(self._plan.calls))

    def _compare_with_base(self) -> None:
        label = self._plan.target.label
        try:
            live = self._look()
        except TargetMissing as error:
            raise _Ended("stale", str(error)) from error
        except (AwsError, RemediationError) as error:
            raise _Ended("failed", sentences.cannot_read(str(error))) from error
        if live != self._plan.base_hash:
            done = live == self._plan.final_hash
            raise _Ended("stale", (sentences.done_by_others if done else sentences.changed_meanwhile)(label))
        if KEPT in self._found:
            self._journal.keep(self._found[KEPT])

    def _make(self, position: int) -> None:
        call = self._plan.calls[position]
        actor = self._session(position)
        self._journal.intent(position, call)
        self._made += 1
        try:
            answer = self._ask(actor, call)
        except AwsUnavailable as error:
            self._after_silence(position, error)
        except AwsError as error:
            self._fail(position, error)
        else:
            self._request_ids.append(answer.request_id)
            self._journal.outcome(position, "done", answer.request_id, None)

    def _ask(self, actor: Actor, call: Call) -> Answer:
        """Makes the call; again, as long as patience lasts, where AWS says that it is a moment too early:
        then nothing took effect.
        """
        for pause in self._remediation.patience:
            try:
                return actor.call(call.service, call.operation, call.params, call.region or self._plan.region)
            except AwsRefused as error:
                if error.code not in _TOO_EARLY:
                    raise
            self._sleep(pause)
        return actor.call(call.service, call.operation, call.params, call.region or self._plan.region)

    def _session(self, position: int) -> Actor:
        if self._actor is None:
            try:
                self._actor = self._act()
            except (AwsError, RemediationError) as error:
                text = sentences.no_session(str(error))
                raise _Ended(
                    _short_of_all(position, error),
                    sentences.call_failed(text, self._names(0, position), self._names(position)),
                ) from error
        return self._actor

    def _after_silence(self, position: int, error: AwsUnavailable) -> None:
        """No usable answer came: only the state tells whether the call took effect."""
        if self._has_taken_effect(position, why=str(error)):
            self._journal.outcome(position, "done", error.request_id, None)
        else:
            self._fail(position, error)

    def _fail(self, position: int, error: AwsError) -> None:
        self._journal.outcome(position, "failed", error.request_id, str(error))
        made, left = self._names(0, position), self._names(position)
        raise _Ended(_short_of_all(position, error), sentences.call_failed(str(error), made, left)) from error

    def _has_taken_effect(self, position: int, *, why: str = "", or_not: bool = False) -> bool:
        """Whether AWS shows the state after a call, and not the one before it. Ends the run when neither.

        With `or_not`, the state before is believed at once: making the call (again) leads to the same state.
        Otherwise it is believed only when it stays.
        """
        call = self._plan.calls[position]
        before = self._plan.calls[position - 1].after if position else self._plan.base_hash
        name = _name(call)
        try:
            live = self._wait_for(call.after, *([before] if or_not else []))
        except AwsError as error:
            raise _Ended("halted", sentences.unclear_for_now(name, f"{why} {error}".strip())) from error
        except RemediationError as error:
            raise _Ended("stopped", sentences.unclear(name, f"{why} {error}".strip())) from error
        if live not in (call.after, before):
            raise _Ended("stopped", sentences.unclear(name, f"{why} {sentences.NEITHER}".strip()))
        return live == call.after

    def _verify(self) -> None:
        try:
            live = self._wait_for(self._plan.final_hash)
        except (AwsError, RemediationError) as error:
            raise _Ended("halted", sentences.not_read_back(str(error))) from error
        if live != self._plan.final_hash:
            raise _Ended("failed", sentences.not_shown(self._plan.target.label))

    def _wait_for(self, *wanted: str) -> str:
        """The live state's hash: a wanted one as soon as it shows, else what shows at the end of patience."""
        for pause in self._remediation.patience:
            try:
                live = self._look()
            except AwsUnavailable:
                live = ""
            if live in wanted:
                return live
            self._sleep(pause)
        return self._look()

    def _look(self) -> str:
        self._found = self._remediation.snapshot(self._read, self._plan.target)
        self._state = compared(self._found)
        return state_hash(self._state)

    def _names(self, start: int, end: int | None = None) -> list[str]:
        return [_name(call) for call in self._plan.calls[start:end]]


def _short_of_all(position: int, error: Exception | None = None) -> Outcome:
    """What it is called when this call did not take effect: whether anything did, or may yet."""
    later = isinstance(error, AwsUnavailable) or (isinstance(error, AwsError) and error.code in _TOO_EARLY)
    return "halted" if position or later else "failed"


def _name(call: Call) -> str:
    return f"{call.service}:{call.operation}"
