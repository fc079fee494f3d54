"""What was taken: objects and bytes, never claimed to be all where the logs cannot show that."""

from __future__ import annotations

from bot.evidence.report import Actor, Investigation
from bot.evidence.view import reads_recorded
from bot.evidence.wording import some
from bot.reports import sentences
from bot.reports.data import Haul


def hauls(found: Investigation) -> tuple[Haul, ...]:
    """Suspects first, then everybody else who was handed an object."""
    whole = reads_recorded(found)
    taking = [actor for actor in found.actors if actor.label == "suspect" or actor.get_object_calls]
    return tuple(_haul(actor, whole=whole) for actor in taking)


def taken_by_suspects(found: Investigation) -> tuple[str, ...]:
    """The distinct keys that suspects were handed, sorted."""
    return tuple(sorted({key for actor in found.suspects for key in actor.objects_read}))


def _haul(actor: Actor, *, whole: bool) -> Haul:
    least = "" if whole else "at least "
    return Haul(
        actor=actor,
        objects=f"{least}{some(max(actor.distinct_objects, len(actor.objects_read)), 'object')}",
        calls=f"{least}{some(actor.get_object_calls, 'call')}",
        size=_size(actor, whole=whole),
    )


def _size(actor: Actor, *, whole: bool) -> str:
    if actor.bytes_out is not None:
        return sentences.sent(actor.bytes_out, actor.bytes_exact and whole)
    if actor.get_object_calls == 0 and whole:
        return sentences.sent(0, exact=True)
    return sentences.UNKNOWN_SIZE
