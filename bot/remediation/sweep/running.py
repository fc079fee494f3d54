"""Walks a list of objects: each once, also through a crash, and reports what was not done.

1. The list is read through: its hash must be the approved one. The bucket's settings must be the plan's.
2. Batch by batch: each object is looked at right before it is changed. As the list says: changed now. Already
   as planned: counted. Anything else: left alone and reported. A failure does not stop the others.
3. After each batch the journal keeps how far it is. After a crash the walk goes on from there, and the
   objects of the broken-off batch are settled by the same look (DESIGN rule 3).
4. All objects are read back; what does not show the planned state is written to a list of its own (rule 5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice

from bot.aws.errors import AwsError, AwsRefused, AwsUnavailable
from bot.remediation.contract import Reader
from bot.remediation.errors import RemediationError, TargetMissing
from bot.remediation.plan import Call, Plan, State
from bot.remediation.run import Actor, Journal, Outcome, RunResult
from bot.remediation.sweep.batch import OPERATION, run_job
from bot.remediation.sweep.contract import Hands, Sweep
from bot.remediation.sweep.manifests import Item, Manifests
from bot.remediation.sweep.progress import Progress, Settled
from bot.remediation.sweep.session import Renewed
from bot.remediation.words import sweeping

#: Objects between two checkpoints, and how many are worked on at once.
BATCH = 200
WORKERS = 16
#: Seconds to wait after AWS asked for fewer calls or fell silent; then look again before trying again.
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
#: Refusals that the next object would get as well.
_FOR_ALL = frozenset(
    {"AccessDenied", "DryRun", "AccessControlListNotSupported", "NoSuchBucket", "KMS.DisabledException"}
)


def run_sweep(
    plan: Plan,
    row: Sweep,
    read: Reader,
    act: Callable[[], Actor],
    journal: Journal,
    sleep: Callable[[float], None],
    manifests: Manifests | None,
) -> RunResult:
    """Carries out a plan whose calls have lists, or the rest of one that a crash interrupted."""
    if manifests is None:
        return RunResult("stopped", sweeping.NO_PLACE)
    return _Sweep(plan, row, read, act, journal, sleep, manifests).result()


class _Ended(Exception):  # noqa: N818
    def __init__(self, outcome: Outcome, sentence: str) -> None:
        super().__init__(sentence)
        self.outcome = outcome
        self.sentence = sentence


class _Sweep:
    def __init__(
        self,
        plan: Plan,
        row: Sweep,
        read: Reader,
        act: Callable[[], Actor],
        journal: Journal,
        sleep: Callable[[float], None],
        manifests: Manifests,
    ) -> None:
        self._plan = plan
        self._row = row
        self._hands = Hands(read, Renewed(act), plan.target, plan.before)
        self._journal = journal
        self._sleep = sleep
        self._manifests = manifests
        self._state: State | None = None
        self._made = 0
        self._request_ids: list[str] = []

    def result(self) -> RunResult:
        try:
            outcome, sentence = self._carry_out()
        except _Ended as end:
            outcome, sentence = end.outcome, end.sentence
        return RunResult(outcome, sentence, self._made, tuple(self._request_ids), self._state)

    def _carry_out(self) -> tuple[Outcome, str]:
        self._check_lists()
        journal = {entry.position: entry.state for entry in self._journal.entries()}
        for position, call in enumerate(self._plan.calls):
            if journal.get(position) != "done":
                walk = self._give_to_s3 if call.operation == OPERATION else self._walk
                walk(position, call, resumed=journal.get(position) == "intent")
        return self._judge(fresh=not journal)

    def _check_lists(self) -> None:
        try:
            for call in self._plan.calls:
                assert call.each is not None
                self._manifests.check(call.each)
        except (RemediationError, OSError) as error:
            raise _Ended("stopped", str(error)) from error
        self._same_setting()

    def _same_setting(self, progress: Progress | None = None) -> None:
        """Ends the run unless the bucket's settings are those that the plan relies on."""
        bucket, begun = self._plan.target.label, progress is not None and progress.done > 0
        try:
            setting = self._row.setting(self._hands.read, self._plan.target)
        except TargetMissing as error:
            raise _Ended("halted" if begun else "stale", str(error)) from error
        except (AwsError, RemediationError) as error:
            raise _Ended(
                "halted" if begun else "failed", sweeping.settings_unread(bucket, str(error))
            ) from error
        if not setting.items() <= self._plan.before.items():
            raise _Ended("halted" if begun else "stale", sweeping.settings_changed(bucket))

    # -- changing --------------------------------------------------------------------------------------

    def _walk(self, position: int, call: Call, *, resumed: bool) -> None:
        """From where a crash left it, else from the first line: what is as planned is only looked at."""
        assert call.each is not None
        progress = (self._journal.progress(position) if resumed else None) or Progress(call.each.items)
        if progress.failed and (progress.walked == progress.items or not progress.done):
            # It ended, and goes on because a person said so: what failed is tried again.
            progress = Progress(call.each.items)
        if not resumed:
            self._journal.intent(position, call)
            self._journal.checkpoint(position, progress)
        lines = self._manifests.lines(call.each, skip=progress.walked)
        with ThreadPoolExecutor(WORKERS) as pool:
            while batch := list(islice(lines, BATCH)):
                if progress.walked:
                    self._same_setting(progress)
                settled = list(pool.map(partial(self._settle, call), batch))
                for item, one in zip(batch, settled, strict=True):
                    progress = progress.plus(item["Key"], one, sweeping.CHANGED)
                self._count(settled)
                self._journal.checkpoint(position, progress)
                if not progress.done and (refusal := _refused_all(settled)):
                    self._journal.outcome(position, "failed", None, refusal)
                    raise _Ended("failed", sweeping.refused(refusal))
        why = sweeping.named(progress.not_done).strip() if progress.failed else None
        self._journal.outcome(position, "failed" if why else "done", None, why)

    def _give_to_s3(self, position: int, call: Call, *, resumed: bool) -> None:
        """A job of S3 Batch Operations. What it leaves, the next call walks."""
        if not resumed:
            self._journal.intent(position, call)
        token, tell = self._plan.digest, partial(self._journal.checkpoint, position)
        try:
            with ThreadPoolExecutor(WORKERS) as pool:
                items = self._standing_before(pool, call)
                job = run_job(self._hands, call, token, items, self._sleep, tell)
        except AwsError as error:
            self._journal.outcome(position, "failed", error.request_id, str(error))
            raise _Ended("halted", sweeping.no_job(str(error))) from error
        self._request_ids.append(job)
        self._journal.outcome(position, "done", job, None)

    def _standing_before(self, pool: ThreadPoolExecutor, call: Call) -> Iterator[Item]:
        """The lines that are as the list says."""
        assert call.each is not None
        lines = self._manifests.lines(call.each)
        while batch := list(islice(lines, BATCH)):
            standings = pool.map(lambda item: self._row.standing(self._hands, call, item), batch)
            yield from (item for item, one in zip(batch, standings, strict=True) if one == "before")

    def _settle(self, call: Call, item: Item) -> Settled:
        """One object. AWS's silence is answered by waiting and looking again, so nothing is made twice."""
        tried = False
        for pause in (*PAUSES, None):
            try:
                standing = self._row.standing(self._hands, call, item)
                if standing == "after":
                    return Settled("done" if tried else "already")
                if standing == "other":
                    return Settled("changed")
                tried = True
                return Settled("done", self._row.make(self._hands, call, item))
            except AwsUnavailable as error:
                if pause is None:
                    return _failed(error)
                self._sleep(pause)
            except AwsError as error:
                return _failed(error)
        raise AssertionError("unreachable")

    def _count(self, settled: list[Settled]) -> None:
        made = [one for one in settled if one.fate == "done"]
        self._made += len(made)
        ids = [one.request_id for one in made if one.request_id]
        self._request_ids += ids[: max(0, BATCH - len(self._request_ids))]

    # -- reading back ----------------------------------------------------------------------------------

    def _judge(self, *, fresh: bool) -> tuple[Outcome, str]:
        total, by_job = self._total(OPERATION, among=False), self._total(OPERATION, among=True)
        self._made += by_job.done
        missing = self._read_back()
        bucket, title = self._plan.target.label, self._plan.title
        if fresh and not total.done and not total.failed and not by_job.done:
            if missing:
                return "stale", sweeping.all_changed(bucket, total.not_done)
            return "stale", sweeping.all_already(bucket)
        if missing > total.changed + total.failed:
            return "halted", sweeping.not_shown(missing)
        made = total.done + total.already
        if total.failed:
            sentence = sweeping.unfinished(made, total.failed, total.changed, total.not_done)
            return "halted" if made else "failed", sentence
        return "verified", sweeping.finished(title, made, total.changed, total.not_done)

    def _total(self, operation: str, *, among: bool) -> Progress:
        """Of all calls of this operation together, or of all others."""
        wanted = [at for at, one in enumerate(self._plan.calls) if (one.operation == operation) == among]
        kept = [self._journal.progress(position) for position in wanted]
        known = [one for one in kept if one is not None]
        return Progress(
            **{
                name: sum(getattr(one, name) for one in known)
                for name in ("items", "walked", "done", "already", "changed", "failed")
            },
            not_done=tuple(one for progress in known for one in progress.not_done),
        )

    def _read_back(self) -> int:
        """How many objects do not show the planned state; the list of them is what is left to do."""
        try:
            with self._manifests.pile() as left, ThreadPoolExecutor(WORKERS) as pool:
                for call in (one for one in self._plan.calls if one.operation != OPERATION):
                    for item in self._not_after(pool, call):
                        left.add(item)
        except (AwsError, RemediationError, OSError) as error:
            raise _Ended("halted", sweeping.not_read_back(str(error))) from error
        summary = left.summary()
        self._state = {**self._plan.before, "Objects": summary} if summary["items"] else self._plan.after
        return int(summary["items"])

    def _not_after(self, pool: ThreadPoolExecutor, call: Call) -> Iterator[Item]:
        assert call.each is not None
        lines = self._manifests.lines(call.each)
        while batch := list(islice(lines, BATCH)):
            for item, shown in zip(batch, pool.map(partial(self._shows, call), batch), strict=True):
                if not shown:
                    yield item

    def _shows(self, call: Call, item: Item) -> bool:
        for pause in (*PAUSES, None):
            try:
                return self._row.standing(self._hands, call, item) == "after"
            except AwsRefused:
                return False
            except AwsUnavailable:
                if pause is None:
                    raise
                self._sleep(pause)
        raise AssertionError("unreachable")


def _failed(error: AwsError) -> Settled:
    return Settled("failed", error.request_id or "", str(error), error.code)


def _refused_all(settled: list[Settled]) -> str:
    """Why every object of a batch was refused, where the next ones would be too; empty otherwise."""
    codes = {one.code for one in settled}
    return settled[0].why if {one.fate for one in settled} == {"failed"} and codes <= _FOR_ALL else ""
