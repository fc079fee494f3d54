"""What to do next, most important first."""

from collections.abc import Iterable, Iterator, Sequence

from bot.evidence.answers.case import Case
from bot.evidence.answers.reading_answers import secrets_read, taken
from bot.evidence.collect import reads_content
from bot.evidence.detections.giveaways import is_credential_file
from bot.evidence.proposals import no_containment
from bot.evidence.proposing.hardening import by_people
from bot.evidence.proposing.insiders import STOLEN, own_hands
from bot.evidence.proposing.principals import is_guest, started_outside
from bot.evidence.report import Answer, Proposal
from bot.evidence.unknown import objects_read
from bot.evidence.wording import called, short


def next_steps(case: Case, answers: Sequence[Answer], proposed: tuple[Proposal, ...]) -> tuple[str, ...]:
    """In the order to take them; the proposals are one of them and listed by themselves."""
    told = [*_contain(case, proposed), *_mend(case), *_watch(case, answers), *by_people(case, proposed)]
    told += _see_more(case, proposed)
    return tuple(dict.fromkeys(told))


def _contain(case: Case, proposed: tuple[Proposal, ...]) -> Iterator[str]:
    if reason := no_containment(case, proposed):
        yield reason
    yield from _maybe_themselves(case)
    yield from _guests(case)
    if proposed:
        rows = ", ".join(dict.fromkeys(f"{one.title} ({one.remediation})" for one in proposed))
        steps = f"{len(proposed):,} proposed changes" if len(proposed) > 1 else "proposed change"
        yield f"Carry out the {steps}: {rows}."
    if any(sign.rule == "E23" and sign.actor in case.suspects for sign in case.signs):
        yield (
            "Switch detection on again (GuardDuty, Config, Access Analyzer, flow logs): a suspect switched "
            "it off."
        )


def _maybe_themselves(case: Case) -> Iterator[str]:
    """Nothing points to theft: an insider, or somebody who made a mistake."""
    people: dict[str, list[str]] = {}
    for actor in case.suspects:
        people.setdefault(case.joined.name_of[actor], []).append(actor)
    for name, actors in people.items():
        whos = [case.collected.tallies[actor].who for actor in actors]
        ours = all(who.account in (None, case.scene.owner) and not who.is_anonymous for who in whos)
        kinds = {sign.kind for actor in actors for sign in case.assessed[actor].signs}
        named = any(case.assessed[actor].declared for actor in actors)
        if all(own_hands(actor, case) for actor in actors):
            yield _no_change_helps(name)
        elif ours and kinds and not named and not kinds & STOLEN and not _ransom(actors, case):
            yield (
                f"Nothing shows that the credentials of {name} are in other hands: it may have been their "
                "owner, by mistake or on purpose. Ask through whoever is responsible for them, and bring in "
                "legal and personnel first if it looks deliberate."
            )


def _ransom(actors: Iterable[str], case: Case) -> bool:
    """Locking up data under a key of one's own is no mistake, and whoever does it is stopped first."""
    return any(sign.rule in ("D12", "D13", "D17") for actor in actors for sign in case.assessed[actor].signs)


def _no_change_helps(name: str) -> str:
    return (
        f"No automatic containment of {name}: it acted where it has long been at work, and nothing points to "
        "stolen credentials. That is an insider, a mistake, or somebody at its computer. Ask the data owner "
        "whether it was meant to; then ask through whoever is responsible for it, with legal and personnel "
        "first if it looks deliberate. Read further back and more sources meanwhile. If it was another, "
        "propose R2 (a user) or R5 (a role) by hand."
    )


def _guests(case: Case) -> Iterator[str]:
    """Accounts whose sessions were stolen, and which were let in on purpose."""
    for actor in case.suspects:
        for event in started_outside(actor, case):
            if is_guest(event, actor, case):
                yield (
                    f"Tell account {event.who.account}: a session that it started, {called(actor)}, is in "
                    "other hands. It was let in on purpose: whether to take it out of the role's trust "
                    "policy (R6) is for whoever agreed on it."
                )


def _mend(case: Case) -> Iterator[str]:
    secrets = list(dict.fromkeys(name for name, _ in secrets_read(case)))
    if secrets:
        shown = ", ".join(short(name, 60) for name in secrets[:10])
        yield f"Change the secrets that were read: {shown}."
    got = taken(case)
    if got.objects:
        yield (
            f"Ask the data owner what is in the {objects_read(got.objects)} read, and whether authorities "
            "or customers must be told."
        )
    if files := _credential_files(case):
        yield f"Change the credentials in the files that were read: {', '.join(files)}."
    destroyed = any(sign.kind == "destruction" and sign.actor in case.suspects for sign in case.signs)
    if not destroyed and (written := _written(case)):
        yield (
            f"Compare with a copy of your own what a suspect wrote, before anybody uses it: "
            f"{', '.join(written)}. Older versions can be restored where versioning was on (R44)."
        )
    if any(case.collected.tallies[actor].who.is_instance for actor in case.suspects):
        yield "Take the instance out of service and keep its disk for forensics; require IMDSv2 everywhere."


def _credential_files(case: Case, most: int = 5) -> list[str]:
    """Objects read by suspects whose names say that they hold credentials."""
    read = (event for event in case.about if event.event_id in case.suspicious and reads_content(event))
    return _named(event.key for event in read if is_credential_file(event.key or ""))[:most]


def _written(case: Case, most: int = 5) -> list[str]:
    """Objects that suspects wrote: a web app's script is as good a target as any data."""
    wrote = (event for event in case.others(_WRITES, here=True) if event.event_id in case.suspicious)
    return _named(event.key for event in wrote if event.bucket == case.scene.bucket)[:most]


_WRITES = frozenset({"CompleteMultipartUpload", "CopyObject", "PutObject"})


def _named(keys: Iterable[str | None]) -> list[str]:
    return [short(key, 80) for key in dict.fromkeys(keys) if key]


def _watch(case: Case, answers: Sequence[Answer]) -> Iterator[str]:
    if case.suspects:
        yield (
            "Investigate again 30 minutes after the last change: look for new keys, roles and sessions of "
            "suspects, because whoever keeps asking can come back while a change spreads."
        )
    unsigned = next((one for one in answers if one.id == "E10"), None)
    if unsigned and unsigned.answer == "yes":
        yield (
            "Unsigned requests were answered: decide whether the bucket, or objects in it, are meant to be "
            "public."
        )

    urls = next((one for one in answers if one.id == "E24"), None)
    if urls and urls.answer == "yes":
        yield (
            "Presigned URLs were used: ask the owner of the signing key whether they were given out on "
            "purpose. They stop with the signer, or by a Deny on old signatures (R27)."
        )


#: Rows that switch on what a coverage row misses.
_SWITCHED_ON_BY = {
    "object reads": "R36",
    "object writes": "R36",
    "server access logs": "R34",
    "Access Analyzer findings": "R40",
}


def _see_more(case: Case, proposed: Sequence[Proposal]) -> Iterator[str]:
    if case.covered.lost:
        yield "Get the files that could not be read again, and repeat this: what they hold is missing here."
    rows = {one.remediation for one in proposed}
    for row in case.covered.rows:
        if row.turn_on and _SWITCHED_ON_BY.get(row.subject) not in rows:
            yield row.turn_on
