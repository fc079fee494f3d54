"""What is not known, each with how to find out."""

from collections.abc import Iterator, Sequence

from bot.evidence import wording
from bot.evidence.answers.batches import keyless, unknown_keys
from bot.evidence.answers.case import Case
from bot.evidence.answers.reading_answers import taken
from bot.evidence.report import Answer
from bot.evidence.wording import called, short, some


def unknown(case: Case, answers: Sequence[Answer]) -> tuple[str, ...]:
    """Gaps in sight first, then gaps in what was seen."""
    told = [*_sight(case), *_lost(case), *_amounts(case), *_batches(case), *_origins(case), *_outsiders(case)]
    held = next((one for one in answers if one.id == "E29"), None)
    if case.suspects and held and held.answer == "cannot_know":
        told.append(f"Whether it is over: {held.because}")
    return tuple(dict.fromkeys(told))


def _sight(case: Case) -> Iterator[str]:
    for row in case.covered.rows:
        if row.answer != "yes" and row.subject != "server access logs":
            how = f" {row.turn_on}" if row.turn_on else ""
            yield f"{row.subject[0].upper()}{row.subject[1:]}: {row.because}{how}"


def _lost(case: Case) -> Iterator[str]:
    if case.covered.lost:
        yield f"What lost files held: {case.covered.lost}."


def _amounts(case: Case) -> Iterator[str]:
    got = taken(case)
    if got.calls and not got.exact:
        least = "nothing" if got.size is None else f"only a part ({got.amount})"
        yield (
            f"How many bytes were taken: of {some(got.calls, 'read')} the records say {least}. Server access "
            "logs or CloudWatch's BytesDownloaded would bound it."
        )
    if got.objects:
        yield f"What was in the {objects_read(got.objects)} read: {wording.SENSITIVE}"


def objects_read(count: int) -> str:
    """`object`, `35 objects`: what stands after "the"."""
    return "object" if count == 1 else some(count, "object")


def _batches(case: Case) -> Iterator[str]:
    if unnamed := keyless(case):
        yield unknown_keys(unnamed)


def _origins(case: Case) -> Iterator[str]:
    """Where keys come from: hops that are missing, and how a long-term key got out."""
    for hop in case.hops:
        if hop.event_id:
            continue
        if hop.access_key_id.startswith("AKIA"):
            yield (
                f"How key {short(hop.access_key_id)} of {called(hop.principal)} got out: no log of AWS "
                "tells. Search repositories, build logs, images and laptops for it."
            )
        else:
            yield f"Who started {called(hop.principal)} (key {short(hop.access_key_id)}): {hop.origin}"


def _outsiders(case: Case) -> Iterator[str]:
    whos = [case.collected.tallies[actor].who for actor in case.suspects]
    accounts = sorted(
        {who.account for who in whos if who.type == "AWSAccount" and who.account and not who.is_anonymous}
    )
    if accounts:
        yield f"Who acts in account {', '.join(accounts)}: only its own CloudTrail and AWS Support can tell."
    if any(who.is_anonymous for who in whos):
        yield "Who sent the unsigned requests: nothing but addresses is known of them."
