"""The verdict: two sentences that a tired person can act on."""

from collections.abc import Sequence

from bot.evidence.answers.case import Case
from bot.evidence.report import Actor
from bot.evidence.wording import at, called, clause, size, some

_NO_SIGHT = " Object reads were not provably recorded, so this is not an all-clear."


def verdict(case: Case, actors: Sequence[Actor]) -> str:
    """Who got in, and what they got; or why that cannot be said."""
    suspects = [actor for actor in actors if actor.label == "suspect"]
    if not case.collected.seen.first:
        return "These logs hold no event of the window. Nothing can be said about the bucket."
    if not suspects:
        return _nobody(case)
    return f"{_who(suspects)} {_what(suspects, case)}"


def _nobody(case: Case) -> str:
    touched = case.collected.about_bucket
    sight = "" if "reads" in case.covered.proven else _NO_SIGHT
    if not touched:
        return f"No event in these logs is about the bucket, and nobody is under suspicion.{sight}"
    return f"{some(touched, 'event')} about the bucket, and nobody is under suspicion.{sight}"


def _who(suspects: Sequence[Actor]) -> str:
    first = min(origin.first_seen for actor in suspects for origin in actor.origins if origin.suspicious)
    names = [f"{_name(actor)} ({clause(actor.reasons[0])})" for actor in suspects[:2]]
    more = f" and {some(len(suspects) - 2, 'more principal')}" if len(suspects) > 2 else ""
    verb = "is" if len(suspects) == 1 else "are"
    sentence = f"{' and '.join(names)}{more} {verb} under suspicion, since {at(first)}."
    return sentence[0].upper() + sentence[1:]


def _name(actor: Actor) -> str:
    if actor.principal == "anonymous":
        return f"somebody without credentials at {', '.join(actor.source_ips)}"
    return called(actor.principal)


def _what(suspects: Sequence[Actor], case: Case) -> str:
    objects = {key for actor in suspects for key in actor.objects_read}
    reads = sum(actor.get_object_calls for actor in suspects)
    if not reads and "reads" not in case.covered.proven:
        return "Whether objects were read cannot be known: object reads were not provably recorded."
    if not reads:
        return "No object was read by a suspect as far as was recorded."
    return f"{some(len(objects), 'object')} read by {some(reads, 'call')}, {_bytes(suspects)}."


def _bytes(suspects: Sequence[Actor]) -> str:
    known = [actor.bytes_out for actor in suspects if actor.bytes_out is not None]
    if not known:
        return "the number of bytes is unknown"
    return f"{'' if all(actor.bytes_exact for actor in suspects) else 'at least '}{size(sum(known))} sent"
