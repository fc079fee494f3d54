"""CloudTrail event history (LookupEvents)."""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Protocol

from bot.evidence.events import BadRecordError, Event
from bot.evidence.scan.files import FileProblem, event_in
from bot.evidence.sources.base import EVENT_HISTORY, SESSION_LIFE, Progress, SourceCoverage, Window, ignore
from bot.evidence.sources.plan import Lookup, LookupPlan


class LookupEvents(Protocol):
    """CloudTrail event history, one attribute a call; paging, pacing and retries happen behind it."""

    def __call__(
        self, *, region: str, attribute: tuple[str, str], start: datetime, end: datetime
    ) -> Iterator[Mapping[str, Any]]:
        """The decoded CloudTrailEvent documents that match, all pages."""
        ...


#: What a short plan asked, said wherever the source is named.
BESIDE_FILES = (
    "asked only for the bucket, the keys it met and changes of trails: the trail's files tell the rest"
)


@dataclass
class EventHistory:
    """CloudTrail event history: 90 days of management events, trail or no trail; never an object read."""

    lookup: LookupEvents
    plan: LookupPlan
    window: Window
    progress: Progress = ignore
    problems: list[FileProblem] = field(default_factory=list)
    _done: int = 0
    _left: int = 0

    def coverage(self) -> SourceCoverage:
        """Complete when every look-up was made; beside a trail's files it proves nothing alone."""
        note = BESIDE_FILES if self.plan.beside_files else ""
        if self._left:
            note = f"partial: {self._done} of {self._done + self._left} look-ups were made"
        return SourceCoverage(
            EVENT_HISTORY,
            "CloudTrail event history",
            self.window,
            regions=self.plan.regions,
            management=None if self.plan.beside_files else True,
            data=False,
            lookups=self._done,
            complete=not self._left,
            note=note,
        )

    def events(self) -> Iterator[Event]:
        """The plan's look-ups in order; keys met on the way are followed, keys and issued sessions first."""
        self.problems.clear()
        self._done = 0
        waiting = deque(self.plan.lookups())
        seen_keys = set(self.plan.keys)
        asked: set[Lookup] = set()
        while waiting and self._done < self.plan.most:
            lookup = waiting.popleft()
            if lookup in asked:
                continue
            asked.add(lookup)
            met: list[str] = []
            for event in self._ask(lookup):
                met.extend(_keys_worth_following(event, lookup))
                yield event
            fresh = [key for key in dict.fromkeys(met) if key not in seen_keys]
            seen_keys.update(fresh)
            waiting.extendleft(reversed(list(chain.from_iterable(map(self.plan.follow_ups, fresh)))))
            self._done += 1
            self.progress(f"{self._done} of {self._done + len(waiting)} look-ups done")
        self._left = len({lookup for lookup in waiting if lookup not in asked})

    def _ask(self, lookup: Lookup) -> Iterator[Event]:
        back = SESSION_LIFE if lookup.attribute[0] == "ResourceName" else timedelta()
        start, end = self.window[0] - back, self.window[1]
        records = self.lookup(region=lookup.region, attribute=lookup.attribute, start=start, end=end)
        for record in records:
            try:
                yield event_in(json.dumps(record, separators=(",", ":")).encode())
            except BadRecordError as problem:
                name = f"event history {lookup.region} {'='.join(lookup.attribute)}"
                self.problems.append(FileProblem(name, str(problem)))


def _keys_worth_following(event: Event, lookup: Lookup) -> Iterator[str]:
    """Keys that changed something the plan asks about by name or bucket, and keys that a followed key issued.

    A key met only because it belongs to a service, or because it looked at the bucket, is not followed.
    """
    if event.who.is_service or event.who.invoked_by:
        return
    if lookup.attribute[0] == "AccessKeyId" and event.minted_key:
        yield event.minted_key
    if lookup.attribute[0] == "ResourceName" and event.minted_key and event.who.access_key:
        yield event.who.access_key
    if (
        event.read_only is False
        and lookup.attribute[0] in {"ResourceName", "EventName"}
        and event.who.access_key
    ):
        yield event.who.access_key
