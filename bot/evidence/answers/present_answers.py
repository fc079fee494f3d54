"""What logs alone cannot tell, answered from what other AWS services say: E16, E26, E28, E29."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.evidence import names, wording
from bot.evidence.answers.answering import Asked, ids_of
from bot.evidence.answers.case import Case
from bot.evidence.events import Event
from bot.evidence.report import Clue
from bot.evidence.touching import touches
from bot.evidence.wording import at, called, short, some

#: CloudTrail shows calls after some minutes; AWS's own playbooks wait this long before calling it held.
SETTLED = timedelta(minutes=30)

#: IAM needs seconds to spread a change.
_SPREADS = timedelta(seconds=60)

_CONTAINING = frozenset(
    {
        "AttachUserPolicy",
        "DeleteAccessKey",
        "DeleteBucketPolicy",
        "DeleteLoginProfile",
        "PutBucketPolicy",
        "PutBucketPublicAccessBlock",
        "PutRolePolicy",
        "PutUserPolicy",
        "UpdateAccessKey",
    }
)


def exposed_now(case: Case) -> Asked:
    """E16: what Access Analyzer and Config say of the present; logs tell changes only."""
    told = case.clues_of("IAM Access Analyzer")
    active = [clue for clue in told if clue.severity != "info"]
    config = [f" Config, at {at(clue.time)}: {short(clue.title)}." for clue in _latest(case) if clue.time]
    if active:
        return Asked("yes", f"{_sentences(active)}{''.join(config)} {wording.EXPOSED_NOW}")
    row = case.looked("Access Analyzer findings")
    if row is not None and row.answer == "yes":
        no = f"Access Analyzer has no active finding about the bucket. {row.because}"
        return Asked("no", f"{no}{''.join(config)}")
    return Asked("cannot_know", f"{_last_change(case)}{wording.EXPOSED_NOW}{''.join(config)}")


def _latest(case: Case) -> Sequence[Clue]:
    """Config's last word."""
    return case.clues_of("AWS Config")[-1:]


def _last_change(case: Case) -> str:
    done = case.others(names.EXPOSURE, here=True)
    if not done:
        return ""
    last = done[-1]
    return (
        f"The last change in these logs is {last.name} by {called(last.who.principal)} at {at(last.time)}. "
    )


def permission(case: Case) -> Asked:
    """E26: the door that the logs show opening, and what IAM's policies allow."""
    doors = [sign for sign in case.signs if sign.rule in ("D6", "D5", "E6") and sign.weight == "decides"]
    clues = [clue for clue in case.clues_of("IAM") if clue.id.endswith(" rights")]
    told = [f"{called(sign.actor)}: {wording.clause(sign.title)}" for sign in doors[:3]]
    if told or clues:
        sentence = f"{'; '.join(told)}. " if told else ""
        ids = list(dict.fromkeys(one for sign in doors for one in sign.event_ids))
        return Asked(
            "yes" if told else "cannot_know", f"{sentence}{_sentences(clues)} {wording.PERMISSION}", ids
        )
    return Asked("cannot_know", wording.PERMISSION)


def known_leak(case: Case) -> Asked:
    """E28: AWS's quarantine policy, GuardDuty and the facts of IAM about the keys."""
    signs = [sign for sign in case.signs if sign.rule == "D27"]
    clues = [clue for clue in case.clues_of("IAM") if "AWSCompromisedKeyQuarantine" in clue.id]
    if signs or clues:
        told = f"{wording.QUARANTINED}. " if signs else ""
        ids = list(dict.fromkeys(one for sign in signs for one in sign.event_ids))
        return Asked("yes", f"{told}{_sentences(clues)}".strip(), ids)
    about = _sentences([clue for clue in case.clues_of("IAM") if clue.access_key_id])
    return Asked("cannot_know", f"{about} {wording.KNOWN_LEAK}".strip())


def _sentences(clues: Iterable[Clue], most: int = 3) -> str:
    return " ".join(short(clue.text or clue.title, 300) for clue in list(clues)[:most])


def held(case: Case) -> Asked:
    """E29: did suspects still succeed after the last containment, and has enough time passed to say so."""
    contained = _containments(case)
    if not contained:
        return Asked("cannot_know", wording.HELD)
    last = contained[-1]
    since = last.time + _SPREADS
    after = [
        event
        for event in case.collected.kept
        if event.event_id in case.suspicious and event.succeeded and event.time > since
    ]
    what = f"the last containment ({last.name} at {at(last.time)})"
    if after:
        told = f"{some(len(after), 'call')} of suspects worked after {what}, first {after[0].name} at "
        return Asked("no", f"Not held: {told}{at(after[0].time)}.", ids_of(after))
    return _quiet(what, last.time, case)


def _quiet(what: str, contained: datetime, case: Case) -> Asked:
    seen = case.collected.seen.last
    watched = seen - contained if seen else timedelta()
    if watched < SETTLED:
        return Asked(
            "cannot_know", f"Nothing of a suspect worked after {what} so far. {wording.HELD_NOT_YET}"
        )
    gate = case.gate("management")
    if gate.missing or gate.lost:
        return Asked("cannot_know", f"Nothing of a suspect is seen after {what}. {gate.missing or gate.lost}")
    return Asked("yes", f"Nothing of a suspect worked in the {wording.span(watched)} after {what}.", ())


def _containments(case: Case) -> Sequence[Event]:
    """Changes by this program or responders that can contain: to users, keys, roles or this bucket."""
    return [
        event
        for event in case.collected.kept
        if event.succeeded
        and event.name in _CONTAINING
        and case.collected.set_apart(event.who) in ("own", "responder")
        and (event.service == "iam" or touches(event, case.scene.bucket))
    ]
