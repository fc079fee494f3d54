"""Who reached the bucket, from where, how and when: E1 to E5, E10, E11, E24, E25, E30."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.evidence import wording
from bot.evidence.answers.answering import Asked, at_least, found, ids_of, listed, nothing
from bot.evidence.answers.case import Case
from bot.evidence.clients import is_private, is_service_name
from bot.evidence.collect import actor_key
from bot.evidence.detections.giveaways import tool_in
from bot.evidence.events import Event
from bot.evidence.wording import at, called, short, some, span

#: Hours in UTC between which nobody in most of Europe, Africa and America is at an ordinary desk.
_NIGHT = range(5)


def coverage(case: Case) -> Asked:
    """E1."""
    missing = [row for row in case.covered.rows[:3] if row.answer != "yes"]
    where = case.covered.where
    if missing:
        subjects = ", ".join(row.subject for row in missing)
        how = " ".join(dict.fromkeys(row.turn_on for row in missing if row.turn_on))
        return Asked("cannot_know", f"Not provably recorded: {subjects} ({where}). {how}")
    return Asked("yes", f"Management events, object reads and object writes were recorded ({where}).")


def who(case: Case) -> Asked:
    """E2."""
    counts = {
        actor: tally.bucket_events
        for actor, tally in case.collected.tallies.items()
        if tally.bucket_events and case.collected.set_apart(tally.who) != "own"
    }
    most = sorted(counts.items(), key=lambda item: (item[0] not in case.suspects, -item[1], item[0]))
    shown = ", ".join(
        f"{called(actor)} ({case.assessed[actor].label}, {some(count, 'event')})" for actor, count in most[:6]
    )
    more = f" and {len(most) - 6:,} others" if len(most) > 6 else ""
    if not most:
        return nothing(case.gate("reads", "writes", "management"), "Nobody touched the bucket")
    yes = f"{some(len(most), 'principal')} touched the bucket: {shown}{more}."
    return Asked("yes", yes, ids_of(case.about), sum(counts.values()))


def where_from(case: Case) -> Asked:
    """E3: public addresses, private ones and VPC endpoints, and AWS itself are told apart."""
    events = [event for event in case.about if event.source_ip]
    outside = [e for e in events if not is_service_name(e.source_ip) and not is_private(e.source_ip)]
    inside = [e for e in events if is_private(e.source_ip) or (e.vpc_endpoint and e not in outside)]
    by_aws = [e for e in events if is_service_name(e.source_ip)]
    told = [_public(outside, case)] if outside else []
    told += [_inside(inside)] if inside else []
    told += [f"AWS itself ({_most(e.source_ip for e in by_aws)})"] if by_aws else []
    through = sorted({event.vpc_endpoint for event in outside if event.vpc_endpoint})
    told += [f"public addresses through VPC endpoint {', '.join(map(short, through))}"] if through else []
    seen_by = [clue.title for clue in case.clues_of("GuardDuty") if clue.source_ip]
    told += [f"GuardDuty says: {'; '.join(map(short, seen_by[:3]))}"] if seen_by else []
    yes = f"From {'; '.join(told)}. Country and network need a look-up."
    no = "No request for the bucket came from an address"
    return found(events, yes, case.gate("reads", "management"), no)


def _public(events: Sequence[Event], case: Case) -> str:
    places = {event.source_ip for event in events}
    theirs = sorted({event.source_ip for event in events if event.event_id in case.suspicious})
    suspects = f", of suspects {', '.join(map(short, theirs[:5]))}" if theirs else ""
    shown = _most(event.source_ip for event in events)
    return f"{some(len(places), 'public address', 'public addresses')}: {shown}{suspects}"


def _inside(events: Sequence[Event]) -> str:
    endpoints = sorted({event.vpc_endpoint for event in events if event.vpc_endpoint})
    through = f" through VPC endpoint {', '.join(map(short, endpoints[:3]))}" if endpoints else ""
    return f"inside a VPC{through}: {_most(event.source_ip for event in events)}"


def _most(values: Iterable[str], most: int = 5) -> str:
    counts = Counter(values)
    shown = ", ".join(f"{short(value)} ({count:,})" for value, count in counts.most_common(most))
    return shown + (f" and {len(counts) - most:,} more" if len(counts) > most else "")


def clients(case: Case) -> Asked:
    """E4."""
    events = [event for event in case.about if event.user_agent]
    agents = Counter(event.user_agent for event in events)
    shown = "; ".join(f"{short(agent, 80)} ({count:,})" for agent, count in agents.most_common(4))
    more = f" and {len(agents) - 4:,} more" if len(agents) > 4 else ""
    tools = sorted({tool for agent in agents if (tool := tool_in(agent))})
    named = f" Tools that attackers use: {', '.join(map(short, tools))}." if tools else ""
    yes = f"With {some(len(agents), 'client')}: {shown}{more}.{named} User agents can be forged."
    return found(events, yes, case.gate("reads", "management"), "No request for the bucket named a client")


def when(case: Case) -> Asked:
    """E5: first and last, busiest minute, nights and weekends, how soon after its making a key was used."""
    events = case.about
    if not events:
        return nothing(case.gate("reads", "management"), "Nothing happened to the bucket")
    theirs = [event for event in events if event.event_id in case.suspicious]
    told = [f"First {at(events[0].time)}, last {at(events[-1].time)}", _busiest(events, case)]
    if theirs:
        told.append(f"suspects from {at(theirs[0].time)} to {at(theirs[-1].time)}, {_busiest(theirs, case)}")
        told += [_off_hours(theirs)] if _off_hours(theirs) else []
    told += _gaps(case)
    ends = [events[0], *theirs[:1], *theirs[-1:], events[-1]]
    return Asked("yes", f"{'; '.join(told)}.", list(dict.fromkeys(ids_of(ends))))


def _busiest(events: Sequence[Event], case: Case) -> str:
    minutes = Counter(event.time.replace(second=0, microsecond=0) for event in events)
    peak, count = max(minutes.items(), key=lambda item: (item[1], -item[0].timestamp()))
    least = "at least " if case.collected.aggregated else ""
    return f"busiest minute {peak:%Y-%m-%d %H:%M} UTC with {least}{some(count, 'event')}"


def _off_hours(events: Sequence[Event]) -> str:
    weekend = sum(event.time.weekday() > 4 for event in events)
    night = sum(event.time.hour in _NIGHT for event in events)
    told = [f"{night:,} of {len(events):,} between 00:00 and 05:00 UTC"] if night else []
    told += [f"{weekend:,} at the weekend"] if weekend else []
    return ", ".join(told)


def _gaps(case: Case) -> list[str]:
    """How soon keys were used after they were made."""
    first: dict[str, datetime] = {}
    for tally in case.collected.tallies.values():
        for (key, *_), counts in tally.origins.items():
            if key:
                first[key] = min(first.get(key, counts.first), counts.first)
    made = [(key, event) for key, event in case.mints.by_key.items() if event.name == "CreateAccessKey"]
    return [
        f"key {short(key)} was first used {span(first[key] - event.time)} after it was made"
        for key, event in sorted(made)
        if key in first and first[key] >= event.time
    ][:3]


def anonymous(case: Case) -> Asked:
    """E10."""
    answered: Counter[str] = Counter()
    refused = 0
    addresses = set()
    for tally in case.collected.tallies.values():
        for (_, address, _), counts in tally.origins.items() if tally.who.is_anonymous else ():
            worked = {name: n for (name, outcome), n in counts.outcomes.items() if outcome == "ok"}
            answered.update(worked)
            refused += counts.outcomes.total() - sum(worked.values())
            addresses |= {address} if worked else set()
    if not answered:
        no = f"{some(refused, 'unsigned request')} came and none was answered" if refused else _NONE_UNSIGNED
        return nothing(case.gate("reads"), no)
    kinds = ", ".join(f"{name} ({count:,})" for name, count in answered.most_common(4))
    others = f" {some(refused, 'other')} not answered." if refused else ""
    places = some(len(addresses), "address", "addresses")
    yes = f"{some(answered.total(), 'unsigned request')} answered, from {places}: {kinds}.{others}"
    ids = ids_of(event for event in case.about if event.who.is_anonymous and event.succeeded)
    return Asked("yes", yes, ids, answered.total())


_NONE_UNSIGNED = "No unsigned request was answered"


def cross_account(case: Case) -> Asked:
    """E11: another account's principals; accounts declared as known are named apart."""
    owner, known = case.scene.owner, case.scene.known_accounts
    if not owner:
        return Asked(
            "cannot_know", "The bucket owner's account is not in the logs: give it with the question."
        )
    foreign = [event for event in case.about if _foreign(event, owner)]
    events = [event for event in foreign if event.succeeded]
    accounts = sorted({event.who.account or "" for event in events})
    shown = ", ".join(f"{one} (declared as known)" if one in known else one for one in accounts[:10])
    hidden = " Their users are named only in their own CloudTrail." if _hidden(events) else ""
    yes = f"From {some(len(accounts), 'other account')}: {shown} ({listed(events, 3)}).{hidden}"
    refused = len(foreign) - len(events)
    no = f"{some(refused, 'call')} of other accounts failed, and none worked" if refused else _NO_ACCOUNT
    return found(events, yes, case.gate("reads"), no)


_NO_ACCOUNT = "No other account got in"


def _foreign(event: Event, owner: str | None) -> bool:
    return not event.who.is_anonymous and not event.who.is_service and event.who.account not in (None, owner)


def _hidden(events: Iterable[Event]) -> bool:
    return any(event.who.type == "AWSAccount" for event in events)


def presigned(case: Case) -> Asked:
    """E24: each request names its signer's key; who holds the URL is not who signed it."""
    events = [e for e in case.about if e.extra.get("AuthenticationMethod") == "QueryString" and e.succeeded]
    by_signer: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        by_signer[actor_key(event), event.who.access_key or ""].append(event)
    shown = "; ".join(_signed(*signer, same) for signer, same in list(by_signer.items())[:4])
    more = f" and {len(by_signer) - 4} more signers" if len(by_signer) > 4 else ""
    yes = f"{some(len(events), 'request')} by presigned URL: {shown}{more}. Making a URL leaves no trace."
    return at_least(case, found(events, yes, case.gate("reads"), "No presigned URL was used"))


def _signed(actor: str, key: str, events: Sequence[Event]) -> str:
    addresses = {event.source_ip for event in events}
    objects = {event.key for event in events if event.key}
    with_key = f" with key {short(key)}" if key else ""
    return (
        f"signed by {called(actor)}{with_key}, used {len(events):,} times for {some(len(objects), 'object')} "
        f"from {some(len(addresses), 'address', 'addresses')} ({_most(e.source_ip for e in events)})"
    )


def new_place(case: Case) -> Asked:
    """E25: against the baseline where there is one; within the logs a key that came to a second place."""
    signs = [sign for sign in case.signs if sign.rule in ("D20", "D25")]
    new = [actor for actor, is_new in case.new.items() if is_new]
    before = f"{some(case.collected.baseline.events, 'event')} of the time before the window"
    told = [f"New at the bucket, compared with {before}: {_named(new)}"] if new else []
    told += [sign.title for sign in signs[:4]]
    if told:
        ids = [one for sign in signs for one in sign.event_ids]
        ids += [e.event_id for e in case.about if actor_key(e) in new]
        return Asked("yes", f"{'; '.join(told)}.", list(dict.fromkeys(ids)))
    if any(one is not None for one in case.new.values()):
        return nothing(case.gate("management"), f"Nobody is new, compared with {before}")
    return Asked("cannot_know", wording.NO_BASELINE)


def _named(actors: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(map(called, actors[:most]))
    return shown + (f" and {len(actors) - most:,} more" if len(actors) > most else "")


def own(case: Case) -> Asked:
    """E30."""
    collected = case.collected
    ids = [e.event_id for e in collected.kept if collected.set_apart(e.who) in ("own", "responder")]
    if not (collected.own or collected.responders):
        return nothing(case.gate(), "None of the declared principals appears")
    ours = f"{some(collected.own, 'event')} of this program, {collected.responders:,} of declared responders"
    return Asked("yes", f"{ours}; set apart.", ids, collected.own + collected.responders)
