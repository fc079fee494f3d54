"""Who reached the bucket, from where, how, and what they got: E1 to E5, E8, E10, E11, E24, E25, E30."""

from collections import Counter

from bot.evidence import wording
from bot.evidence.actors.actors import proven_bytes
from bot.evidence.answers.answering import Asked, found, ids_of, listed, nothing
from bot.evidence.answers.case import Case
from bot.evidence.clients import is_service_name
from bot.evidence.collect import actor_key, reads_content, set_apart
from bot.evidence.events import Event
from bot.evidence.wording import at, called, clause, short, some


def coverage(case: Case) -> Asked:
    """E1."""
    missing = [row.subject for row in case.covered.rows[:3] if row.answer != "yes"]
    where = case.covered.where
    if missing:
        return "cannot_know", f"Not provably recorded: {', '.join(missing)} ({where}).", ()
    return "yes", f"Management events, object reads and object writes were recorded ({where}).", ()


def who(case: Case) -> Asked:
    """E2."""
    actors = Counter(actor_key(event) for event in case.about)
    shown = ", ".join(f"{called(actor)} ({some(count, 'event')})" for actor, count in actors.most_common(5))
    more = " and others" if len(actors) > 5 else ""
    yes = f"{some(len(actors), 'principal')} touched the bucket: {shown}{more}."
    return found(case.about, yes, case.gate("reads", "writes", "management"), "Nobody touched the bucket")


def where_from(case: Case) -> Asked:
    """E3."""
    events = [event for event in case.about if not is_service_name(event.source_ip)]
    places = Counter(event.source_ip for event in events)
    through = sum(event.vpc_endpoint is not None for event in events)
    shown = ", ".join(f"{short(place)} ({count})" for place, count in places.most_common(5))
    vpc = f"; {some(through, 'request')} through a VPC endpoint" if through else ""
    yes = (
        f"From {some(len(places), 'address', 'addresses')}: {shown}{vpc}. Country and network need a look-up."
    )
    return found(
        events, yes, case.gate("reads", "management"), "No request for the bucket came from an address"
    )


def clients(case: Case) -> Asked:
    """E4."""
    events = [event for event in case.about if event.user_agent]
    agents = Counter(event.user_agent for event in events)
    shown = "; ".join(f"{short(agent, 80)} ({count})" for agent, count in agents.most_common(4))
    yes = f"With {some(len(agents), 'client')}: {shown}. User agents can be forged."
    return found(events, yes, case.gate("reads", "management"), "No request for the bucket named a client")


def when(case: Case) -> Asked:
    """E5."""
    events = case.about
    if not events:
        return nothing(case.gate("reads", "management"), "Nothing happened to the bucket")
    minutes = Counter(event.time.replace(second=0, microsecond=0) for event in events)
    peak, count = max(minutes.items(), key=lambda item: (item[1], -item[0].timestamp()))
    busiest = f"busiest minute {peak:%Y-%m-%d %H:%M} UTC with {some(count, 'event')}"
    yes = f"First {at(events[0].time)}, last {at(events[-1].time)}; {busiest}."
    return "yes", yes, list(dict.fromkeys([events[0].event_id, events[-1].event_id]))


def reads(case: Case) -> Asked:
    """E8; KMS Decrypt calls prove reads where data events were off (domain 0.3)."""
    events = [event for event in case.about if reads_content(event)]
    decrypts = [event for event in case.about if event.service == "kms" and event.succeeded]
    if not events and decrypts:
        calls = some(len(decrypts), "KMS Decrypt call")
        return "yes", f"{calls} for this bucket's objects prove reads; how many is unknown.", ids_of(decrypts)
    return found(events, _amount(events, case), case.gate("reads"), "No object was read")


def _amount(events: list[Event], case: Case) -> str:
    objects = {event.key for event in events}
    bursts = [f"{called(sign.actor)}: {clause(sign.title)}" for sign in case.signs if sign.rule == "E8"]
    pace = f" In bursts: {'; '.join(bursts[:3])}." if bursts else ""
    return (
        f"{some(len(objects), 'object')} read by {some(len(events), 'call')}, {proven_bytes(events)} sent, "
        f"by suspects and others together.{pace}"
    )


def anonymous(case: Case) -> Asked:
    """E10."""
    events = [event for event in case.about if event.who.is_anonymous and event.succeeded]
    kinds = ", ".join(f"{name} ({count})" for name, count in Counter(e.name for e in events).most_common(4))
    addresses = some(len({event.source_ip for event in events}), "address", "addresses")
    yes = f"{some(len(events), 'unsigned request')} answered, from {addresses}: {kinds}."
    return found(events, yes, case.gate("reads"), "No unsigned request was answered")


def cross_account(case: Case) -> Asked:
    """E11."""
    events = [event for event in case.about if event.succeeded and _foreign(event, case.scene.owner)]
    accounts = sorted({event.who.account or "" for event in events})
    shown = ", ".join(accounts[:10])
    yes = f"From {some(len(accounts), 'other account')}: {shown} ({listed(events, 3)})."
    if not case.scene.owner:
        return "cannot_know", "The bucket owner's account is not in the logs: give it with the question.", ()
    return found(events, yes, case.gate("reads"), "No other account got in")


def _foreign(event: Event, owner: str | None) -> bool:
    return not event.who.is_anonymous and not event.who.is_service and event.who.account not in (None, owner)


def presigned(case: Case) -> Asked:
    """E24."""
    events = [e for e in case.about if e.extra.get("AuthenticationMethod") == "QueryString" and e.succeeded]
    yes = f"{some(len(events), 'request')} by presigned URL, each with its signer's key: {listed(events, 3)}."
    return found(events, yes, case.gate("reads"), "No presigned URL was used")


def new_place(case: Case) -> Asked:
    """E25, within the logs at hand: a key that turned up in a second place."""
    signs = [sign for sign in case.signs if sign.rule == "D20"]
    if not signs:
        return "cannot_know", wording.NO_BASELINE, ()
    return "yes", "; ".join(sign.title for sign in signs[:4]) + ".", [i for s in signs for i in s.event_ids]


def own(case: Case) -> Asked:
    """E30."""
    question, collected = case.collected.question, case.collected
    ids = [e.event_id for e in collected.kept if set_apart(e.who, question) in ("own", "responder")]
    if not (collected.own or collected.responders):
        return "no", f"None of the declared principals appears ({case.covered.where}).", ()
    ours = f"{some(collected.own, 'event')} of this program, {collected.responders:,} of declared responders"
    return "yes", f"{ours}; set apart.", ids
