"""The verdict: two sentences that a tired person can act on."""

from collections.abc import Iterator, Mapping, Sequence

from bot.evidence.actors.haul import Haul
from bot.evidence.answers.case import Case
from bot.evidence.answers.reading_answers import taken
from bot.evidence.clients import is_service_name
from bot.evidence.detections import presigned
from bot.evidence.report import Actor
from bot.evidence.wording import at, called, clause, short, some

_LOST = " Not all that was there could be read, so this is not an all-clear."
_NO_SIGHT = " Object reads were not provably recorded, so this is not an all-clear."


def verdict(case: Case, actors: Sequence[Actor]) -> str:
    """Who got in, and what they got; or why that cannot be said."""
    suspects = [actor for actor in actors if actor.label == "suspect"]
    if not case.collected.seen.anything:
        return "These logs hold no event of the window. Nothing can be said about the bucket."
    if not suspects:
        return _nobody(case)
    return f"{_who(suspects, case)} {_what(case)}"


def _nobody(case: Case) -> str:
    touched = case.collected.about_bucket
    sight = _NO_SIGHT if "reads" not in case.covered.proven else _LOST if case.covered.lost else ""
    if not touched:
        return f"No event in these logs is about the bucket, and nobody is under suspicion.{sight}"
    return f"{some(touched, 'event')} about the bucket, and nobody is under suspicion.{_look(case)}{sight}"


def _look(case: Case) -> str:
    """What leaked without anybody being a suspect, and who has too little against it to be one."""
    leaked = [sign for sign in case.signs if sign.rule == presigned.RULE]
    if leaked:
        more = f" (and {some(len(leaked) - 1, 'finding')} more like it)" if len(leaked) > 1 else ""
        return (
            f" But presigned URLs of {called(leaked[0].actor)} leaked, or were passed on: "
            f"{clause(leaked[0].title)}{more}."
        )
    open_to_doubt = [
        f"{person.name} ({clause(person.reasons[0].text)})"
        for person in case.joined.people
        if person.label == "unclear"
        and person.score > 0
        and person.bucket_events
        # Services read at the word of whoever asked them; that one is looked at by itself.
        and not all(map(is_service_name, person.source_ips))
    ]
    return f" Look first at {' and '.join(open_to_doubt[:2])}." if open_to_doubt else ""


def _who(suspects: Sequence[Actor], case: Case) -> str:
    """One actor speaks for each person behind several."""
    first = min(
        counts.first
        for actor in case.suspects
        for place, counts in case.collected.tallies[actor].origins.items()
        if case.holds_against(actor, place)
    )
    named = [actor for actor in suspects if actor.principal != "anonymous"]
    people = list(dict.fromkeys(actor.person for actor in named))
    told = list(_with_reasons({name: clause(_gravest(name, named, case)) for name in people[:2]}))
    told += [f"{len(people) - 2} more"] if len(people) > 2 else []
    if unsigned := [actor for actor in suspects if actor.principal == "anonymous"]:
        told.append(f"{_unsigned(unsigned)} ({clause(unsigned[0].reasons[0])})")
    verb = "is" if len(people) + len(unsigned) == 1 else "are"
    sentence = f"{' and '.join(told)} {verb} under suspicion, since {at(first)}."
    return sentence[0].upper() + sentence[1:]


def _with_reasons(people: Mapping[str, str]) -> Iterator[str]:
    """Each with what weighs most; those of whom one thing is to be said together."""
    for reason in dict.fromkeys(people.values()):
        same = [name for name, theirs in people.items() if theirs == reason]
        yield f"{' and '.join(same)} ({'both: ' if len(same) > 1 else ''}{reason})"


def _gravest(name: str, actors: Sequence[Actor], case: Case) -> str:
    """What a person did that weighs most; whose kin it is where nothing else speaks against it."""
    person = next(one for one in case.joined.people if one.name == name)
    acts = {sign.title for sign in case.signs}
    first = next(actor.reasons[0] for actor in actors if actor.person == name)
    return next((reason.text for reason in person.reasons if reason.text in acts), first)


def _unsigned(actors: Sequence[Actor]) -> str:
    addresses = list(dict.fromkeys(ip for actor in actors for ip in actor.source_ips))
    more = f" and {some(len(addresses) - 3, 'more address', 'more addresses')}" if len(addresses) > 3 else ""
    return f"somebody without credentials at {', '.join(map(short, addresses[:3]))}{more}"


def _what(case: Case) -> str:
    """Only what came from the places held against suspects: an owner's own reads are not the thief's."""
    got = taken(case)
    did = _did(case)
    if not got.calls and "reads" not in case.covered.proven:
        return f"Whether objects were read cannot be known: object reads were not provably recorded{did}."
    if not got.calls:
        lost = "" if case.covered.lost is None else "; not all files could be read"
        return f"No object was read by a suspect as far as was recorded{lost}{did}."
    amount = "the number of bytes is unknown" if got.size is None else f"{_exactly(got)}{got.amount} sent"
    objects = got.amount_of_objects
    return f"{objects[0].upper()}{objects[1:]} read by {some(got.calls, 'call')}, {amount}{did}."


def _exactly(got: Haul) -> str:
    return "exactly " if got.exact and not got.least else ""


def _did(case: Case) -> str:
    """What was done beside reading, in the fewest words."""
    kinds = {sign.kind for sign in case.signs if sign.actor in case.suspects and sign.weight != "tells"}
    told = [words for kind, words in _KINDS.items() if kind in kinds]
    if "destruction" not in kinds and (wrote := _wrote(case)):
        told.insert(0, f"wrote to it {some(wrote, 'time')}")
    return (
        f"; they also {' and '.join([', '.join(told[:-1]), told[-1]] if len(told) > 1 else told)}"
        if told
        else ""
    )


def _wrote(case: Case) -> int:
    """How often suspects put objects into the bucket, from the places held against them."""
    return sum(
        number
        for actor in case.suspects
        for place, counts in case.collected.tallies[actor].origins.items()
        if case.holds_against(actor, place)
        for (name, outcome), number in counts.outcomes.items()
        if outcome == "ok" and name in ("CompleteMultipartUpload", "CopyObject", "PutObject")
    )


_KINDS = {
    "destruction": "changed or endangered data",
    "exposure": "opened doors to the bucket",
    "persistence": "made ways to stay",
    "evasion": "tampered with logging",
}
