"""What was changed about the bucket and its surroundings: E15, E17, E19 to E23."""

from collections.abc import Sequence

from bot.evidence import names
from bot.evidence.answers import batches, destinations
from bot.evidence.answers.answering import Asked, at_least, by_whom, found, in_all, listed
from bot.evidence.answers.case import Case
from bot.evidence.coverage import selectors
from bot.evidence.coverage.history import Change, changes
from bot.evidence.events import Event, mapping
from bot.evidence.touching import touches
from bot.evidence.wording import at, called, short, some

_ACCOUNT_WIDE = frozenset({"PutAccountPublicAccessBlock", "DeleteAccountPublicAccessBlock"})
_KEY_CHANGES = frozenset(
    {"CreateGrant", "DeleteImportedKeyMaterial", "DisableKey", "PutKeyPolicy", "ScheduleKeyDeletion"}
)
#: S3 Batch Operations; the records do not name the buckets of a job's manifest.
_JOBS = frozenset({"CreateJob", "JobCreated"})
_ENCRYPTING = frozenset({"UpdateObjectEncryption", "PutBucketEncryption"})
_WAYS_OUT = (names.EXITS - {"PutBucketReplication"}) | {"PutBucketLogging"}


def exposure(case: Case) -> Asked:
    """E15: on this bucket, or for the whole account; what the findings say of it comes first."""
    done = case.others(names.EXPOSURE)
    events = [e for e in done if touches(e, case.scene.bucket) or e.name in _ACCOUNT_WIDE]
    meanings = {
        sign.title
        for sign in case.signs
        if sign.kind == "exposure"
        and sign.weight != "tells"
        and set(sign.event_ids) & {e.event_id for e in events}
    }
    meant = f" {'; '.join(sorted(meanings)[:4])}." if meanings else ""
    no = "Nobody changed who can reach the bucket"
    return found(events, f"{listed(events)}.{meant}", case.gate("management"), no)


def replication(case: Case) -> Asked:
    """E17: also replication jobs of S3 Batch Operations, which copy what is there already."""
    jobs = [event for event in case.collected.kept if event.name in _JOBS and event.succeeded]
    events = [*case.others({"PutBucketReplication"}, here=True), *jobs]
    told = "; ".join(
        f"{event.name} by {called(event.who.principal)}{destinations.named(event)}" for event in events[:4]
    )
    yes = f"{told}. Replication copies new objects only; a batch job copies the old ones too."
    return found(events, yes, case.gate("management"), "Replication was not changed")


def ways_out(case: Case) -> Asked:
    """E19: notifications, inventory and log delivery, each with where it goes."""
    events = [event for event in case.others(_WAYS_OUT, here=True) if _sends(event)]
    away = [
        event
        for event in events
        if any(d.away(case.scene.bucket, case.scene.owner) for d in destinations.destinations(event))
    ]
    told = "; ".join(
        f"{event.name} by {called(event.who.principal)}{destinations.named(event)}" for event in events[:5]
    )
    abroad = (
        f" {some(len(away), 'of them leads', 'of them lead')} away from this bucket or account."
        if away
        else ""
    )
    return found(events, f"{told}.{abroad}", case.gate("management"), "No other way out was opened")


def _sends(event: Event) -> bool:
    """PutBucketLogging without a target switches logging off: E23, not a way out."""
    if event.name != "PutBucketLogging":
        return True
    return "LoggingEnabled" in mapping(event.parameters.get("BucketLoggingStatus"))


def deletes(case: Case) -> Asked:
    """E20: a version deleted by its id is gone; without one only a marker is set, where versioning is on."""
    events = case.others(names.DELETES, here=True)
    for_good = [event for event in events if event.parameters.get("versionId") is not None]
    marked = [event for event in events if event.response.get("x-amz-delete-marker") in ("true", True)]
    calls = [event for event in events if event.name == "DeleteObjects"]
    objects = {event.key for event in events if event.key}
    told = [f"{some(len(objects), 'object')} named"] if objects else []
    told += [f"{some(len(for_good), 'version')} deleted for good"] if for_good else []
    told += [f"{some(len(marked), 'delete marker')} set: those can be restored"] if marked else []
    told += [batches.told(calls, batches.keyless(case))] if calls else []
    note = f" {'; '.join(told)}." if told else ""
    asked = found(events, f"{by_whom(case, events)}.{note}", case.gate("writes"), "Nothing was deleted")
    return in_all(case, asked, names.DELETES)


def encryption_by_force(case: Case) -> Asked:
    """E21."""
    signs = [*case.others(_ENCRYPTING, here=True), *case.others(_KEY_CHANGES), *case.by_rules({"D12", "D17"})]
    events = sorted({e.event_id: e for e in signs}.values(), key=lambda e: (e.time, e.event_id))
    in_place = sum(event.name == "UpdateObjectEncryption" for event in events)
    keyed = sum("x-amz-server-side-encryption-customer-algorithm" in event.parameters for event in events)
    told = [f"{some(in_place, 'object')} re-encrypted in place"] if in_place else []
    told += [f"{some(keyed, 'call')} with a key that only the caller has (SSE-C)"] if keyed else []
    note = f" {'; '.join(told)}." if told else ""
    yes = f"{by_whom(case, events)}.{note}"
    return at_least(case, found(events, yes, case.gate("writes", "management"), "No sign of it"))


def safety_nets(case: Case) -> Asked:
    """E22: versioning, lifecycle, replication, Object Lock; changes that only strengthen are no removal."""
    events = [*case.by_rules({"D14", "D16"}), *_unlocked(case)]
    events = sorted({e.event_id: e for e in events}.values(), key=lambda e: (e.time, e.event_id))
    return found(events, f"{listed(events)}.", case.gate("management"), "No safety net was removed")


def _unlocked(case: Case) -> Sequence[Event]:
    """Object Lock lifted: a legal hold ended, or retention changed past the governance mode."""
    holds = case.others({"PutObjectLegalHold", "PutObjectRetention"}, here=True)
    return [event for event in holds if _lifts(event)]


def _lifts(event: Event) -> bool:
    off = str(mapping(event.parameters.get("LegalHold")).get("Status", "")).upper() == "OFF"
    return off or str(event.parameters.get("x-amz-bypass-governance-retention", "")).lower() == "true"


def evasion(case: Case) -> Asked:
    """E23, with what it did to recording."""
    steps = changes(case.collected.kept)
    less = [one for one in steps if one.event.event_id in case.suspicious and _leaves_out(one, case)]
    by_rule = case.by_rules({"D19", "D15", "E23"}, here=False)
    both = {event.event_id: event for event in (*by_rule, *(one.event for one in less))}
    events = sorted(both.values(), key=lambda event: (event.time, event.event_id))
    off = [
        one
        for one in steps
        if one.event.event_id in both and (one.logging is False or one.selectors is not None)
    ]
    since = "; ".join(
        f"trail {short(one.trail or 'unnamed', 40)} records "
        f"{'nothing' if one.logging is False else 'less'} since {at(one.event.time)}{_until(one, steps)}"
        for one in off[:3]
    )
    effect = f" {since[0].upper()}{since[1:]}." if since else ""
    no = "Nobody touched logging or detection"
    return found(events, f"{listed(events)}.{effect}", case.gate("management"), no)


def _leaves_out(change: Change, case: Case) -> bool:
    """Selectors that no longer record what is done to the bucket's objects."""
    if change.selectors is None or change.event.name == "CreateTrail":
        return False
    return selectors.shares(change.selectors, case.scene.bucket, names.CONTENT_READS | names.DELETES) != "all"


def _until(change: Change, steps: Sequence[Change]) -> str:
    """When the trail was switched on again."""
    again = (
        one.event.time
        for one in steps
        if one.trail == change.trail and one.logging and one.event.time > change.event.time
    )
    start = next(again, None)
    return f" until {at(start)}" if start and change.logging is False else ""
