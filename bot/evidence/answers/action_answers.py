"""What was done besides reading: E6, E7, E12, E13, E14, E27."""

from collections import Counter

from bot.evidence import names
from bot.evidence.answers.answering import Asked, found, ids_of, listed, nothing
from bot.evidence.answers.case import Case
from bot.evidence.answers.reading_answers import secrets_read
from bot.evidence.answers.refusals import stopped_by
from bot.evidence.collect import actor_key
from bot.evidence.events import Event
from bot.evidence.touching import touches
from bot.evidence.wording import HOW_TO_KNOW, called, clause, short, some


def denied_then_allowed(case: Case) -> Asked:
    """E6: with the change that made the difference, and the layer that had stopped it."""
    signs = [sign for sign in case.signs if sign.rule == "E6"]
    ids = list(dict.fromkeys(one for sign in signs for one in sign.event_ids))
    if signs:
        named = frozenset(ids)
        refused = [event for event in case.collected.kept if event.denied and event.event_id in named]
        told = "; ".join(f"{called(sign.actor)}: {clause(sign.title)}" for sign in signs[:5])
        return Asked("yes", f"{told}.{stopped_by(refused)}", ids)
    denied = [event for event in case.collected.kept if event.denied and _judged(event, case)]
    no = f"{some(len(denied), 'refused call')}, and none worked later" if denied else "No call was refused"
    asked = nothing(case.gate("management", "any_call"), no)
    return asked._replace(because=f"{asked.because}{stopped_by(denied)}")


def _judged(event: Event, case: Case) -> bool:
    return case.collected.set_apart(event.who) is None


def enumeration(case: Case) -> Asked:
    """E7: who asked how many different things; consoles and scanners look the same."""
    events = [
        event
        for event in case.others(names.ENUMERATION)
        if event.name not in names.LISTING or touches(event, case.scene.bucket)
    ]
    kinds: dict[str, set[str]] = {}
    for event in events:
        kinds.setdefault(actor_key(event), set()).add(event.name)
    most = sorted(kinds.items(), key=lambda item: (item[0] not in case.suspects, -len(item[1]), item[0]))
    shown = ", ".join(f"{called(actor)} ({_kinds(asked)})" for actor, asked in most[:4])
    more = f" and {len(most) - 4:,} others" if len(most) > 4 else ""
    yes = f"{shown}{more}. Consoles and posture scanners ask the same questions."
    return found(events, yes, case.gate("management", "any_call"), "Nobody looked around")


def _kinds(asked: set[str]) -> str:
    shown = sorted(asked)
    more = f" and {len(shown) - 4} more" if len(shown) > 4 else ""
    return f"{', '.join(shown[:4])}{more}"


def lineage(case: Case) -> Asked:
    """E12."""
    if not case.suspects:
        return nothing(case.gate(), "There is no suspect whose session could be followed")
    if not case.hops:
        none = "The suspects show no access key: they used none, or only their own account logs it"
        return Asked("cannot_know", f"{none}. Ask that account for its CloudTrail.")
    found_hops = [hop for hop in case.hops if hop.event_id]
    missing = [hop for hop in case.hops if not hop.event_id and not hop.access_key_id.startswith("AKIA")]
    if not found_hops:
        starts = " ".join(dict.fromkeys(f"{hop.access_key_id}: {hop.origin}" for hop in case.hops))
        return Asked("cannot_know", f"{short(starts, 500)} {HOW_TO_KNOW['iam']}")
    shown = " ".join(dict.fromkeys(f"{hop.access_key_id}: {hop.origin}" for hop in found_hops))
    gaps = f" Missing: {some(len(missing), 'hop')}, see the lineage for where to look." if missing else ""
    return Asked("yes", f"{short(shown, 600)}{gaps}", [hop.event_id for hop in found_hops if hop.event_id])


def elsewhere(case: Case) -> Asked:
    """E13: all that suspects did from the places held against them, and the secrets that they read."""
    if not case.suspects:
        return nothing(case.gate(), "There is no suspect")
    calls: Counter[str] = Counter()
    for actor in case.suspects:
        for place, counts in case.collected.tallies[actor].origins.items():
            if case.holds_against(actor, place):
                calls.update(counts.calls)
    events = [
        event
        for event in case.collected.kept
        if event.event_id in case.suspicious and not touches(event, case.scene.bucket)
    ]
    most = ", ".join(f"{call} ({count:,})" for call, count in calls.most_common(8))
    yes = f"All calls of the suspects, most frequent first: {most}.{_secrets(case)}"
    return found(events, yes, case.gate("management"), "The suspects did nothing else")


def _secrets(case: Case) -> str:
    read = secrets_read(case)
    if not read:
        return ""
    named = list(dict.fromkeys(name for name, _ in read))
    shown = ", ".join(short(name, 60) for name in named[:8])
    more = f" and {len(named) - 8} more" if len(named) > 8 else ""
    return f" Secrets were read and must be changed too: {shown}{more}."


def persistence(case: Case) -> Asked:
    """E14: identities and rights created or changed, also for another user; suspects' first."""
    events = [event for event in case.others(names.PERSISTENCE) if _is_change(event)]
    theirs = [event for event in events if event.event_id in case.suspicious]
    others = [event for event in events if event.event_id not in case.suspicious]
    told = [f"By suspects: {listed(theirs, 8)}"] if theirs else []
    told += [f"{'by others' if theirs else 'By others'}: {listed(others, 4)}"] if others else []
    aimed = sorted({one for event in theirs if (one := _aimed_at_another(event))})
    victims = f" Aimed at other users: {', '.join(map(short, aimed))}." if aimed else ""
    yes = f"{'; '.join(told)}.{victims}"
    return found([*theirs, *others], yes, case.gate("iam"), "Nobody created or changed identities")


def _is_change(event: Event) -> bool:
    """UpdateAccessKey to Inactive is a defence, not a way to stay."""
    return not (event.name == "UpdateAccessKey" and event.parameters.get("status") == "Inactive")


def _aimed_at_another(event: Event) -> str | None:
    user = event.parameters.get("userName")
    return user if isinstance(user, str) and user and user != event.who.user_name else None


def root_or_no_mfa(case: Case) -> Asked:
    """E27."""
    signed_in = [
        e
        for e in case.collected.kept
        if e.name == "ConsoleLogin"
        and e.extra.get("MFAUsed") == "No"
        and e.who.type in ("IAMUser", "Root")
        and e.response.get("ConsoleLogin") != "Failure"
    ]
    roots = [actor for actor, tally in case.collected.tallies.items() if tally.who.type == "Root"]
    ids = [counts.first_id for root in roots for counts in case.collected.tallies[root].origins.values()]
    told = [f"the root user was at work ({', '.join(map(called, roots))})"] if roots else []
    told += [f"console sign-in without MFA ({listed(signed_in)})"] if signed_in else []
    if told:
        sentence = "; ".join(told)
        return Asked("yes", f"{sentence[0].upper()}{sentence[1:]}.", [*ids, *ids_of(signed_in)])
    no = "Neither the root user nor a console sign-in without MFA appears"
    return nothing(case.gate("management", "any_call"), no)
