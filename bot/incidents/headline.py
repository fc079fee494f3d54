"""One line about the latest evidence, for the control card and lists."""

from __future__ import annotations

from bot.evidence.report import Investigation
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
    suspects = investigation.suspects
    read = {key for actor in suspects for key in actor.objects_read}
    parts = [
        _count(len(suspects), "suspect", "suspects"),
        _count(len(read), "object read by them", "objects read by them") if suspects else "",
        _count(len(investigation.findings), "finding", "findings"),
    ]
    return " · ".join(part for part in parts if part)


def _count(number: int, one: str, many: str) -> str:
    return f"{number or 'no'} {one if number == 1 else many}"
