"""A remediation of very many objects: a row that lists them, looks at one, and changes one.

The run walks the list (see `running`). The state that such a row plans from is the bucket's settings and what
is left to do: `Objects`, the list's hash and counts. When all is done nothing is left, and after an undo the
same list is there again, byte for byte.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator

from bot.remediation.buckets import BucketRow
from bot.remediation.contract import Reader, Remediation
from bot.remediation.plan import Call, Plan, State, Target
from bot.remediation.run import Actor, Journal, RunResult
from bot.remediation.sweep.contract import Hands, Standing
from bot.remediation.sweep.manifests import Item, Manifests, Pile
from bot.remediation.sweep.running import run_sweep


class SweepRow(BucketRow):
    """A row whose calls are made once for each object of a list (see contract.Sweep)."""

    @abstractmethod
    def setting(self, read: Reader, target: Target) -> State: ...

    @abstractmethod
    def items(self, read: Reader, target: Target, setting: State) -> Iterator[Item]: ...

    @abstractmethod
    def standing(self, hands: Hands, call: Call, item: Item) -> Standing: ...

    @abstractmethod
    def make(self, hands: Hands, call: Call, item: Item) -> str: ...

    def snapshot(self, read: Reader, target: Target) -> State:
        """The state, without keeping the list."""
        return self._state(read, target, Pile(), Pile())

    def survey(self, read: Reader, target: Target, manifests: Manifests) -> State:
        """The state; its lists are kept in `manifests`. Raises AwsError and OSError."""
        with manifests.pile() as objects, manifests.pile() as left_out:
            return self._state(read, target, objects, left_out)

    def _state(self, read: Reader, target: Target, objects: Pile, left_out: Pile) -> State:
        setting = self.setting(read, target)
        for item in self.items(read, target, setting):
            (left_out if "Why" in item else objects).add(item)
        return {**setting, "Objects": objects.summary(), "LeftOut": left_out.summary()}

    def carry_out(
        self,
        plan: Plan,
        read: Reader,
        act: Callable[[], Actor],
        journal: Journal,
        sleep: Callable[[float], None],
        manifests: Manifests | None,
    ) -> RunResult:
        """Runs a plan of this row: bot.remediation.run.run hands it over, once the digest is the approved."""
        return run_sweep(plan, self, read, act, journal, sleep, manifests)


def surveyed(row: Remediation, read: Reader, target: Target, manifests: Manifests) -> State:
    """The state to plan from. Of a row that lists objects, the list is kept."""
    return row.survey(read, target, manifests) if isinstance(row, SweepRow) else row.snapshot(read, target)
