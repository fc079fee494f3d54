"""What was read: objects (E8), how sensitive they look (E9), and secrets kept elsewhere."""

from collections.abc import Sequence

from bot.evidence import names, wording
from bot.evidence.actors.haul import Haul, Place, haul_from
from bot.evidence.answers.answering import Asked, at_least, found, ids_of, nothing
from bot.evidence.answers.case import Case
from bot.evidence.collect import reads_content
from bot.evidence.detections.giveaways import is_credential_file
from bot.evidence.events import Event, many, mapping, text_or_none
from bot.evidence.touching import touches
from bot.evidence.wording import at, called, clause, short, some


def reads(case: Case) -> Asked:
    """E8; KMS Decrypt calls prove reads where data events were off (domain 0.3)."""
    theirs, others = taken(case), _haul(case, suspicious=False)
    decrypted = _decrypted(case)
    if not theirs.calls and not others.calls:
        if decrypted:
            return Asked("yes", _by_kms(decrypted), ids_of(decrypted))
        return nothing(case.gate("reads"), "No object was read")
    events = [event for event in case.about if reads_content(event)]
    told = [f"By suspects: {theirs}"] if theirs.calls else ["By suspects: nothing"] if case.suspects else []
    told += [f"by everybody else: {others}"] if others.calls else []
    sentence = f"{'; '.join(told)}. {_first(events, case)}{_versions(events)}{_pace(case)}"
    return Asked("yes", sentence[0].upper() + sentence[1:], ids_of(events), theirs.calls + others.calls)


def taken(case: Case) -> Haul:
    """What suspects read from the places held against them; an owner's own reads are not the thief's."""
    return _haul(case, suspicious=True)


def _haul(case: Case, *, suspicious: bool) -> Haul:
    haul = haul_from(case.collected, _places(case, suspicious=suspicious))
    return haul if case.covered.all_reads else haul.at_least()


def _places(case: Case, *, suspicious: bool) -> list[Place]:
    return [
        (actor, place)
        for actor, tally in case.collected.tallies.items()
        for place in tally.origins
        if case.holds_against(actor, place) == suspicious
    ]


def _first(events: Sequence[Event], case: Case) -> str:
    theirs = [event for event in events if event.event_id in case.suspicious]
    first = (theirs or list(events))[:1]
    whose = "the first by a suspect" if theirs else "the first"
    return f"Denied calls are not counted; {whose} at {at(first[0].time)}." if first else ""


def _versions(events: Sequence[Event]) -> str:
    """Range and multipart requests inflate calls; versions of one key are different contents."""
    versions = {(event.key, event.parameters.get("versionId")) for event in events}
    keys = {event.key for event in events}
    synced = any("command/s3.sync" in event.user_agent for event in events)
    told = f" {len(versions):,} versions of {some(len(keys), 'key')}." if len(versions) > len(keys) else ""
    return told + (" The client says `s3 sync`: whole prefixes were copied." if synced else "")


def _pace(case: Case) -> str:
    bursts = [f"{called(sign.actor)}: {clause(sign.title)}" for sign in case.signs if sign.rule == "E8"]
    return f" In bursts: {'; '.join(bursts[:3])}." if bursts else ""


def _decrypted(case: Case) -> list[Event]:
    return [e for e in case.about if e.service == "kms" and e.name == "Decrypt" and e.succeeded]


def _by_kms(events: Sequence[Event]) -> str:
    """With a bucket key the context names the bucket only; without, the object."""
    contexts = {
        str(mapping(event.parameters.get("encryptionContext")).get("aws:s3:arn", "")) for event in events
    }
    objects = sorted(one for one in contexts if "/" in one)
    shown = f" ({', '.join(short(one.split('/', 1)[1], 60) for one in objects[:5])})" if objects else ""
    named = f" name {some(len(objects), 'object')}{shown}" if objects else " name the bucket"
    who = ", ".join(sorted({called(event.who.principal) for event in events})[:3])
    return (
        f"{some(len(events), 'KMS Decrypt call')}{named} and prove reads by {who}; how many is unknown, "
        "because not every read leaves such a call. They show neither address nor bytes."
    )


def sensitive(case: Case) -> Asked:
    """E9: the log has names, not contents; names of credential files speak for themselves."""
    events = [event for event in case.about if reads_content(event) and is_credential_file(event.key or "")]
    if events:
        keys = sorted({event.key or "" for event in events})
        shown = ", ".join(short(key, 60) for key in keys[:5])
        yes = f"By their names {some(len(keys), 'object')} hold credentials: {shown}. {wording.SENSITIVE}"
        return Asked("yes", yes, ids_of(events))
    count = taken(case).objects
    return Asked(
        "cannot_know", (f"{some(count, 'object')} read by suspects. " if count else "") + wording.SENSITIVE
    )


def secrets_read(case: Case) -> list[tuple[str, Event]]:
    """(name, call) of every secret and parameter that suspects read, in order of time."""
    return [
        (name, event)
        for event in case.collected.kept
        if event.event_id in case.suspicious and names.plain(event.name) in names.SECRETS and event.succeeded
        for name in _secret_names(event)
    ]


def _secret_names(event: Event) -> list[str]:
    parameters = event.parameters
    single = [text_or_none(parameters.get(one)) for one in ("secretId", "name", "path", "instanceId")]
    several = [one for name in ("names", "secretIdList") for one in many(parameters.get(name))]
    filters = [
        str(value)
        for one in map(mapping, many(parameters.get("filters")))
        for value in many(one.get("values"))
    ]
    found_names = [*filter(None, single), *map(str, several), *filters]
    return [one.rsplit(":secret:", 1)[-1] for one in found_names] or [f"unnamed ({event.name})"]


def copies(case: Case) -> Asked:
    """E18: by CopyObject or UploadPartCopy with this bucket as source, to another bucket."""
    events = [event for event in case.others(names.COPIES, here=True) if _leaves(event, case.scene.bucket)]
    targets = sorted({f"bucket {event.bucket}" for event in events if event.bucket})
    foreign = {
        one.account
        for event in events
        for one in event.resources
        if one.account and one.account != case.scene.owner
    }
    abroad = f" Other accounts take part: {', '.join(sorted(foreign))}." if foreign else ""
    objects = {event.key for event in events if event.key}
    yes = (
        f"{some(len(objects), 'object')} copied by {some(len(events), 'call')} to "
        f"{', '.join(map(short, targets[:5]))}, by "
        f"{', '.join(sorted({called(event.who.principal) for event in events})[:3])}.{abroad}"
    )
    no = "Nothing was copied out by CopyObject; who reads and writes elsewhere shows as a reader"
    return at_least(case, found(events, yes, case.gate("writes"), no))


def _leaves(event: Event, bucket: str) -> bool:
    source = str(event.parameters.get("x-amz-copy-source", "")).removeprefix("/").split("/")[0]
    return event.bucket != bucket and source in (bucket, "") and touches(event, bucket)
