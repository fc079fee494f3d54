"""What was done besides reading: E6, E7, E12, E13, E15, E18, E20, E21, E23, E27."""

from collections import Counter

from bot.evidence import names
from bot.evidence.answers.answering import Asked, found, ids_of, listed, nothing
from bot.evidence.answers.case import Case
from bot.evidence.collect import actor_key
from bot.evidence.touching import touches
from bot.evidence.wording import HOW_TO_KNOW, called, clause, short, some

_ACCOUNT_WIDE = frozenset({"PutAccountPublicAccessBlock", "DeleteAccountPublicAccessBlock"})
_KEY_CHANGES = frozenset({"ScheduleKeyDeletion", "DisableKey", "DeleteImportedKeyMaterial"})
_ENCRYPTING = frozenset({"UpdateObjectEncryption", "PutBucketEncryption"})


def denied_then_allowed(case: Case) -> Asked:
    """E6."""
    signs = [sign for sign in case.signs if sign.rule == "E6"]
    if signs:
        told = "; ".join(f"{called(sign.actor)}: {clause(sign.title)}" for sign in signs[:5])
        return "yes", f"{told}.", list(dict.fromkeys(one for sign in signs for one in sign.event_ids))
    denied = sum(event.denied for event in case.collected.kept)
    no = f"{some(denied, 'refused call')}, and none worked later" if denied else "No call was refused"
    return nothing(case.gate("management", "any_call"), no)


def enumeration(case: Case) -> Asked:
    """E7."""
    events = [
        event
        for event in case.others(names.ENUMERATION)
        if event.name not in names.LISTING or touches(event, case.scene.bucket)
    ]
    return found(events, f"{listed(events)}.", case.gate("management", "any_call"), "Nobody looked around")


def lineage(case: Case) -> Asked:
    """E12."""
    if not case.suspects:
        return "no", f"There is no suspect whose session could be followed ({case.covered.where}).", ()
    found_hops = [hop for hop in case.hops if hop.event_id]
    if not case.hops:
        return (
            "cannot_know",
            "The suspects show no access key: they used none, or only their own account logs it.",
            (),
        )
    if not found_hops:
        starts = " ".join(dict.fromkeys(f"{hop.access_key_id}: {hop.origin}" for hop in case.hops))
        return "cannot_know", f"{short(starts, 400)} {HOW_TO_KNOW['iam']}", ()
    shown = " ".join(dict.fromkeys(f"{hop.access_key_id}: {hop.origin}" for hop in found_hops))
    return "yes", short(shown, 600), [hop.event_id for hop in found_hops if hop.event_id]


def elsewhere(case: Case) -> Asked:
    """E13."""
    suspects = case.suspects
    if not suspects:
        return "no", f"There is no suspect ({case.covered.where}).", ()
    calls: Counter[str] = Counter()
    for actor in suspects:
        for counts in case.collected.tallies[actor].origins.values():
            calls.update(counts.calls)
    mine = (event for event in case.collected.kept if actor_key(event) in suspects)
    events = [event for event in mine if not touches(event, case.scene.bucket)]
    read = sum(event.name in names.SECRETS and event.succeeded for event in events)
    rotate = f" Secrets were read ({some(read, 'call')}): they must be changed too." if read else ""
    most = ", ".join(f"{call} ({count})" for call, count in calls.most_common(8))
    yes = f"All calls of the suspects, most frequent first: {most}.{rotate}"
    return found(events, yes, case.gate("management"), "The suspects did nothing else")


def exposure(case: Case) -> Asked:
    """E15: on this bucket, or for the whole account."""
    changes = case.others(names.EXPOSURE)
    events = [e for e in changes if touches(e, case.scene.bucket) or e.name in _ACCOUNT_WIDE]
    no = "Nobody changed who can reach the bucket"
    return found(events, f"{listed(events)}.", case.gate("management"), no)


def copies(case: Case) -> Asked:
    """E18."""
    events = [event for event in case.others(names.COPIES, here=True) if event.bucket != case.scene.bucket]
    return found(events, f"{listed(events)}.", case.gate("writes"), "Nothing was copied out by CopyObject")


def deletes(case: Case) -> Asked:
    """E20."""
    events = case.others(names.DELETES, here=True)
    for_good = sum(event.parameters.get("versionId") is not None for event in events)
    note = f" {some(for_good, 'version')} deleted for good." if for_good else ""
    return found(events, f"{listed(events)}.{note}", case.gate("writes"), "Nothing was deleted")


def encryption_by_force(case: Case) -> Asked:
    """E21."""
    signs = [*case.others(_ENCRYPTING, here=True), *case.others(_KEY_CHANGES), *case.by_rules({"D12", "D17"})]
    events = list({event.event_id: event for event in signs}.values())
    return found(events, f"{listed(events)}.", case.gate("writes", "management"), "No sign of it")


def root_or_no_mfa(case: Case) -> Asked:
    """E27."""
    signed_in = [
        e for e in case.collected.kept if e.name == "ConsoleLogin" and e.extra.get("MFAUsed") == "No"
    ]
    roots = [actor for actor, tally in case.collected.tallies.items() if tally.who.type == "Root"]
    ids = [counts.first_id for root in roots for counts in case.collected.tallies[root].origins.values()]
    told = [f"the root user was at work ({', '.join(map(called, roots))})"] if roots else []
    told += [f"console sign-in without MFA ({listed(signed_in)})"] if signed_in else []
    if told:
        sentence = "; ".join(told)
        return "yes", f"{sentence[0].upper()}{sentence[1:]}.", [*ids, *ids_of(signed_in)]
    no = "Neither the root user nor a console sign-in without MFA appears"
    return nothing(case.gate("management", "any_call"), no)
