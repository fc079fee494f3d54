"""One line about the latest evidence, for the control card and lists."""

from __future__ import annotations

from bot.evidence.report import Investigation
from bot.evidence.view import reads_recorded, suspects
from bot.store.tables.evidence import EvidenceRun
from bot.store.types import JsonObject


def investigation_of(run: EvidenceRun) -> Investigation | None:
    """The investigation as stored (without its timeline, which is in the vault); None while there is none."""
    return None if run.summary is None else Investigation.model_validate({"timeline": (), **run.summary})


def summary_of(investigation: Investigation) -> JsonObject:
    """What the database keeps of an investigation: all but what was done when, which is in the vault."""
    return investigation.model_dump(mode="json", exclude={"timeline", "activity"})


def headline(investigation: Investigation) -> str:
    """`1 suspect · 35 objects read by them · 2 findings`: counts only, so nothing in it is untrusted."""
    parts = [
        _suspects(investigation),
        _objects(investigation) if investigation.suspects else "",
        _count(len(investigation.findings), "finding", "findings"),
    ]
    return " · ".join(part for part in parts if part)


def _suspects(investigation: Investigation) -> str:
    """People, as the verdict counts them: one may come as several principals."""
    people, principals = suspects(investigation), len(investigation.suspects)
    more = f" with {principals} principals" if principals > len(people) else ""
    return _count(len(people), "suspect", "suspects") + more


def _count(number: int, one: str, many: str) -> str:
    return f"{number or 'no'} {one if number == 1 else many}"


def _objects(investigation: Investigation) -> str:
    """Lists of objects are cut; those of several suspects may be the same ones."""
    actors = investigation.suspects
    listed = len({key for actor in actors for key in actor.objects_read})
    most = max(listed, *(actor.distinct_objects for actor in actors))
    recorded = reads_recorded(investigation)
    if not most and not recorded:
        return "what they read is not known"
    exact = recorded and (len(actors) == 1 or most == listed)
    return ("" if exact else "at least ") + _count(most, "object read by them", "objects read by them")
