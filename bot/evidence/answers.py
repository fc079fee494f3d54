"""The questions E1 to E30, each answered yes, no or cannot-know, with what shows it (rule 7)."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.evidence import names
from bot.evidence.actors import proven_bytes
from bot.evidence.clients import is_service_name
from bot.evidence.collect import Collected, actor_key, reads_content, set_apart, touches
from bot.evidence.coverage import Covered
from bot.evidence.detections import Scene, detect
from bot.evidence.events import Event
from bot.evidence.labels import Assessment
from bot.evidence.patterns import Sign
from bot.evidence.report import MOST_EVENT_IDS, Answer, Hop, Verdict
from bot.evidence.wording import at, called, short, some


@dataclass(frozen=True)
class Case:
    """All that the answers are drawn from."""

    collected: Collected
    scene: Scene
    signs: Sequence[Sign]
    assessed: dict[str, Assessment]
    hops: Sequence[Hop]
    covered: Covered

    @property
    def about(self) -> list[Event]:
        """Events about the bucket, without this program's own."""
        question = self.collected.question
        return [
            event
            for event in self.collected.kept
            if touches(event, question.bucket) and set_apart(event.who, question) != "own"
        ]

    def others(self, wanted: Iterable[str], *, here: bool = False) -> list[Event]:
        """Successful events with these names, by anybody but services and this program."""
        question, wanted = self.collected.question, frozenset(wanted)
        return [
            event
            for event in (self.about if here else self.collected.kept)
            if names.plain(event.name) in wanted
            and event.succeeded
            and set_apart(event.who, question) in (None, "responder")
        ]

    def by_rules(self, rules: Iterable[str], *, here: bool = True) -> list[Event]:
        """Successful events that satisfy one of the rules."""
        wanted = frozenset(rules)
        return [
            event
            for event in (self.about if here else self.collected.kept)
            if event.succeeded
            and set_apart(event.who, self.collected.question) in (None, "responder")
            and any(rule.id in wanted for rule in detect(event, self.scene))
        ]

    @property
    def suspects(self) -> list[str]:
        """The actors labelled suspect."""
        return [actor for actor, one in self.assessed.items() if one.label == "suspect"]


Asked = tuple[Verdict, str, Sequence[str]]


def answers(case: Case) -> tuple[Answer, ...]:
    """Every question in the order of the catalogue."""
    return tuple(_answer(number, question, ask(case)) for number, question, ask in QUESTIONS)


def _answer(number: str, question: str, asked: Asked) -> Answer:
    verdict, because, ids = asked
    return Answer(
        id=number,
        question=question,
        answer=verdict,
        because=because,
        events=len(ids),
        event_ids=tuple(ids[:MOST_EVENT_IDS]),
    )


def _ids(events: Iterable[Event]) -> list[str]:
    return [event.event_id for event in events]


def _found(events: Sequence[Event], yes: str, case: Case, gate: bool, no: str, how: str) -> Asked:
    """Yes with the events; no where recording is proven; otherwise cannot-know with how to find out."""
    if events:
        return "yes", yes, _ids(events)
    if gate:
        return "no", f"{no} ({case.covered.where}).", ()
    return "cannot_know", how, ()


def _listed(events: Iterable[Event], most: int = 6) -> str:
    """ "PutBucketPolicy by ARN (2 times), ..." for sentences."""
    counts = Counter((event.name, actor_key(event)) for event in events)
    shown = [
        f"{name} by {called(actor)}" + (f" ({count} times)" if count > 1 else "")
        for (name, actor), count in counts.most_common(most)
    ]
    return ", ".join(shown) + (f" and {len(counts) - most} more" if len(counts) > most else "")


_NO_READS = (
    "Object reads were not provably recorded. Data events for this bucket, server access logs or (for SSE-KMS) "
    "kms:Decrypt events would show them."
)
_NO_WRITES = "Object writes were not provably recorded. Data events for this bucket or server access logs would show them."
_NO_MANAGEMENT = "No management events were read. Read the trail files of every Region or ask CloudTrail event history (90 days)."
_NO_IAM = "No events of the Region where IAM logs (us-east-1) were read. Read its trail files or ask event history there."


def _coverage(case: Case) -> Asked:
    missing = [row.subject for row in case.covered.rows[:3] if row.answer != "yes"]
    if not missing:
        return (
            "yes",
            f"Management events, object reads and object writes were recorded ({case.covered.where}).",
            (),
        )
    return "cannot_know", f"Not provably recorded: {', '.join(missing)} ({case.covered.where}).", ()


def _who(case: Case) -> Asked:
    events = case.about
    actors = Counter(actor_key(event) for event in events)
    shown = ", ".join(f"{called(actor)} ({some(count, 'event')})" for actor, count in actors.most_common(5))
    yes = f"{some(len(actors), 'principal')} touched the bucket: {shown}{' and others' if len(actors) > 5 else ''}."
    gate = case.covered.management and case.covered.reads and case.covered.writes
    return _found(events, yes, case, gate, "Nobody touched the bucket", _NO_READS)


def _where_from(case: Case) -> Asked:
    events = [event for event in case.about if not is_service_name(event.source_ip)]
    places = Counter(event.source_ip for event in events)
    through = sum(event.vpc_endpoint is not None for event in events)
    shown = ", ".join(f"{short(place)} ({count})" for place, count in places.most_common(5))
    vpc = f"; {some(through, 'request')} through a VPC endpoint" if through else ""
    yes = (
        f"From {some(len(places), 'address', 'addresses')}: {shown}{vpc}. Country and network need a look-up."
    )
    gate = case.covered.management and case.covered.reads
    return _found(events, yes, case, gate, "No request for the bucket came from an address", _NO_READS)


def _clients(case: Case) -> Asked:
    events = [event for event in case.about if event.user_agent]
    agents = Counter(event.user_agent for event in events)
    shown = "; ".join(f"{short(agent, 80)} ({count})" for agent, count in agents.most_common(4))
    yes = f"With {some(len(agents), 'client')}: {shown}. User agents can be forged."
    gate = case.covered.management and case.covered.reads
    return _found(events, yes, case, gate, "No request for the bucket named a client", _NO_READS)


def _when(case: Case) -> Asked:
    events = case.about
    if not events:
        return _found(
            events, "", case, case.covered.management and case.covered.reads, "No activity", _NO_READS
        )
    minutes = Counter(event.time.replace(second=0, microsecond=0) for event in events)
    peak, count = max(minutes.items(), key=lambda item: (item[1], -item[0].timestamp()))
    yes = (
        f"First {at(events[0].time)}, last {at(events[-1].time)}; "
        f"busiest minute {peak:%Y-%m-%d %H:%M} with {some(count, 'event')}."
    )
    return "yes", yes, [events[0].event_id, events[-1].event_id]


def _denied_then_allowed(case: Case) -> Asked:
    signs = [sign for sign in case.signs if sign.rule == "E6"]
    ids = [one for sign in signs for one in sign.event_ids]
    if signs:
        return "yes", "; ".join(f"{called(s.actor)}: {s.title}" for s in signs[:5]) + ".", ids
    denied = [event for event in case.collected.kept if event.denied]
    no = f"{some(len(denied), 'refused call')}, none of them worked later" if denied else "No refused call"
    return _found((), "", case, case.covered.management, no, _NO_MANAGEMENT)


def _enumeration(case: Case) -> Asked:
    buckets = {"ListBuckets", *names.LISTING}
    events = [
        event
        for event in case.others(names.ENUMERATION)
        if event.name not in buckets or event.name == "ListBuckets" or touches(event, case.scene.bucket)
    ]
    return _found(events, f"{_listed(events)}.", case, case.covered.management, "Nobody looked around",
                  _NO_MANAGEMENT)  # fmt: skip


def _bulk(case: Case) -> Asked:
    reads = [event for event in case.about if reads_content(event)]
    objects = {event.key for event in reads}
    size = proven_bytes(reads)
    bursts = [sign for sign in case.signs if sign.rule == "E8"]
    pace = f" In bursts: {'; '.join(f'{called(s.actor)}: {s.title}' for s in bursts[:3])}." if bursts else ""
    yes = f"{some(len(objects), 'object')} read by {some(len(reads), 'call')}, {size} sent.{pace}"
    decrypts = [event for event in case.about if event.service == "kms" and event.succeeded]
    if not reads and decrypts:
        proxy = f"{some(len(decrypts), 'KMS Decrypt call')} for objects of this bucket prove reads; how many is unknown."
        return "yes", proxy, _ids(decrypts)
    return _found(reads, yes, case, case.covered.reads, "No object was read", _NO_READS)


def _anonymous(case: Case) -> Asked:
    events = [event for event in case.about if event.who.is_anonymous and event.succeeded]
    yes = f"{some(len(events), 'unsigned request')} answered: {_listed(events, 3)}."
    return _found(events, yes, case, case.covered.reads, "No unsigned request was answered", _NO_READS)


def _cross_account(case: Case) -> Asked:
    owner = case.scene.owner
    events = [
        event
        for event in case.about
        if owner
        and event.succeeded
        and not event.who.is_anonymous
        and not event.who.is_service
        and event.who.account not in (None, owner)
    ]
    accounts = sorted({event.who.account or "" for event in events})
    yes = f"From {some(len(accounts), 'other account')}: {', '.join(accounts[:10])} ({_listed(events, 3)})."
    return _found(
        events, yes, case, case.covered.reads and owner is not None, "No other account got in", _NO_READS
    )


def _lineage(case: Case) -> Asked:
    if not case.suspects:
        return "no", f"There is no suspect whose session could be followed ({case.covered.where}).", ()
    found = [hop for hop in case.hops if hop.event_id]
    if not found:
        return (
            "cannot_know",
            "The calls that issued the suspects' keys are not in these logs. " + _NO_MANAGEMENT,
            (),
        )
    shown = " ".join(dict.fromkeys(f"{hop.access_key_id}: {hop.origin}" for hop in found))
    return "yes", short(shown, 600), [hop.event_id for hop in found if hop.event_id]


def _elsewhere(case: Case) -> Asked:
    suspects = set(case.suspects)
    if not suspects:
        return "no", f"There is no suspect ({case.covered.where}).", ()
    calls: Counter[str] = Counter()
    for actor in suspects:
        for counts in case.collected.tallies[actor].origins.values():
            calls.update(counts.calls)
    events = [
        e for e in case.collected.kept if actor_key(e) in suspects and not touches(e, case.scene.bucket)
    ]
    other = ", ".join(f"{call} ({count})" for call, count in calls.most_common(8))
    secrets = sum(event.name in names.SECRETS and event.succeeded for event in events)
    rotate = f" It read secrets ({some(secrets, 'call')}): those must be changed too." if secrets else ""
    yes = f"All calls of the suspects: {other}.{rotate}"
    no = "The suspects did nothing else"
    return _found(events, yes, case, case.covered.management, no, _NO_MANAGEMENT)


def _named(
    wanted: Iterable[str], gate: Callable[[Covered], bool], no: str, how: str, *, here: bool = False
) -> Callable[[Case], Asked]:
    def ask(case: Case) -> Asked:
        events = case.others(wanted, here=here)
        return _found(events, f"{_listed(events)}.", case, gate(case.covered), no, how)

    return ask


def _ruled(
    rules: Iterable[str], gate: Callable[[Covered], bool], no: str, how: str, *, here: bool = True
) -> Callable[[Case], Asked]:
    def ask(case: Case) -> Asked:
        events = case.by_rules(rules, here=here)
        return _found(events, f"{_listed(events)}.", case, gate(case.covered), no, how)

    return ask


def _exposure(case: Case) -> Asked:
    account_wide = {"PutAccountPublicAccessBlock", "DeleteAccountPublicAccessBlock"}
    events = [
        e for e in case.others(names.EXPOSURE) if touches(e, case.scene.bucket) or e.name in account_wide
    ]
    no = "Nobody changed who can reach the bucket"
    return _found(events, f"{_listed(events)}.", case, case.covered.management, no, _NO_MANAGEMENT)


def _presigned(case: Case) -> Asked:
    events = [e for e in case.about if e.extra.get("AuthenticationMethod") == "QueryString" and e.succeeded]
    yes = f"{some(len(events), 'request')} with presigned URLs: {_listed(events, 3)}. The signer's key is in each record."
    return _found(events, yes, case, case.covered.reads, "No presigned URL was used", _NO_READS)


def _copies(case: Case) -> Asked:
    events = [e for e in case.others(names.COPIES, here=True) if e.bucket != case.scene.bucket]
    no = "Nothing was copied out by CopyObject"
    return _found(events, f"{_listed(events)}.", case, case.covered.writes, no, _NO_WRITES)


def _deletes(case: Case) -> Asked:
    events = case.others(names.DELETES, here=True)
    for_good = sum(event.parameters.get("versionId") is not None for event in events)
    note = f" {some(for_good, 'version')} deleted for good." if for_good else ""
    yes = f"{_listed(events)}.{note}"
    return _found(events, yes, case, case.covered.writes, "Nothing was deleted", _NO_WRITES)


def _root_or_no_mfa(case: Case) -> Asked:
    events = [e for e in case.collected.kept if e.who.type == "Root" and not e.who.invoked_by]
    events += [e for e in case.collected.kept if e.name == "ConsoleLogin" and e.extra.get("MFAUsed") == "No"]
    actors = (actor for actor, tally in case.collected.tallies.items() if tally.who.type == "Root")
    if not events and (roots := list(actors)):
        ids = [counts.first_id for root in roots for counts in case.collected.tallies[root].origins.values()]
        return "yes", f"The root user was at work: {', '.join(map(called, roots))}.", ids
    yes = f"{_listed(events)}."
    no = "Neither the root user nor a console sign-in without MFA is in these logs"
    return _found(events, yes, case, case.covered.management, no, _NO_MANAGEMENT)


def _own(case: Case) -> Asked:
    question = case.collected.question
    ids = [e.event_id for e in case.collected.kept if set_apart(e.who, question) in ("own", "responder")]
    own, responders = case.collected.own, case.collected.responders
    if own or responders:
        return (
            "yes",
            f"{some(own, 'event')} of this program and {responders:,} of declared responders, set apart.",
            ids,
        )
    return "no", f"None of the declared principals appears ({case.covered.where}).", ()


def _first_seen(case: Case) -> Asked:
    signs = [sign for sign in case.signs if sign.rule == "D20"]
    if signs:
        return (
            "yes",
            "; ".join(sign.title for sign in signs[:4]) + ".",
            [i for s in signs for i in s.event_ids],
        )
    return (
        "cannot_know",
        "There is no baseline: compare with logs of the 30 to 90 days before the window.",
        (),
    )


def _needs(how: str) -> Callable[[Case], Asked]:
    def ask(_: Case) -> Asked:
        return "cannot_know", how, ()

    return ask


def _by_management(covered: Covered) -> bool:
    return covered.management


def _by_writes(covered: Covered) -> bool:
    return covered.writes and covered.management


def _by_iam(covered: Covered) -> bool:
    return covered.iam


def _logging_tampered(case: Case) -> Asked:
    events = case.by_rules({"D19", "D15", "E23"}, here=False)
    no = "Nobody touched the logging"
    return _found(events, f"{_listed(events)}.", case, case.covered.management, no, _NO_MANAGEMENT)


_CRYPTO = {"UpdateObjectEncryption", "PutBucketEncryption", "ScheduleKeyDeletion", "DisableKey",
           "DeleteImportedKeyMaterial"}  # fmt: skip


def _crypto(case: Case) -> Asked:
    events = [*case.others(_CRYPTO & names.DATA, here=True), *case.others(_CRYPTO - names.DATA)]
    events += [e for e in case.by_rules({"D12", "D17"}) if e not in events]
    no = "No sign of encryption by force"
    return _found(events, f"{_listed(events)}.", case, _by_writes(case.covered), no, _NO_WRITES)


QUESTIONS: tuple[tuple[str, str, Callable[[Case], Asked]], ...] = (
    ("E1", "Could we have seen it?", _coverage),
    ("E2", "Did anybody touch the bucket, and who?", _who),
    ("E3", "From where?", _where_from),
    ("E4", "With which client?", _clients),
    ("E5", "When?", _when),
    ("E6", "Was anyone refused first and allowed later?", _denied_then_allowed),
    ("E7", "Did anyone look around?", _enumeration),
    ("E8", "Were objects read, how many, how much?", _bulk),
    ("E9", "Were the objects sensitive?", _needs(
        "The log has names, not contents. Look at the keys in `objects_read`, and at Macie findings and tags.")),
    ("E10", "Was it reached without credentials?", _anonymous),
    ("E11", "Did another AWS account get in?", _cross_account),
    ("E12", "Where do the suspects' sessions come from?", _lineage),
    ("E13", "What else did the suspects do?", _elsewhere),
    ("E14", "Did anyone create ways to stay?", _named(
        names.PERSISTENCE - {"PutBucketPolicy"}, _by_iam, "Nobody created or changed identities", _NO_IAM)),
    ("E15", "Was the bucket's exposure changed?", _exposure),
    ("E16", "Is the bucket public or shared now?", _needs(
        "Logs tell changes, not the present. Read the bucket's policy status, ACL and Block Public Access.")),
    ("E17", "Does replication send objects away?", _named(
        {"PutBucketReplication"}, _by_management, "Replication was not changed", _NO_MANAGEMENT, here=True)),
    ("E18", "Were objects copied elsewhere?", _copies),
    ("E19", "Were other ways out opened (notifications, inventory)?", _named(
        names.EXITS - {"PutBucketReplication"}, _by_management, "No other way out was opened", _NO_MANAGEMENT,
        here=True)),
    ("E20", "Was anything deleted?", _deletes),
    ("E21", "Were objects encrypted by force?", _crypto),
    ("E22", "Were safety nets removed (versioning, lifecycle, replication)?", _ruled(
        {"D14", "D16"}, _by_management, "No safety net was removed", _NO_MANAGEMENT)),
    ("E23", "Was logging or detection tampered with?", _logging_tampered),
    ("E24", "Were presigned URLs used?", _presigned),
    ("E25", "Is a place or client new?", _first_seen),
    ("E26", "Which permission let it through?", _needs(
        "Needs the policies as they were. Read identity, boundary, session, bucket and organization policies.")),
    ("E27", "Was the root user used, or MFA missing?", _root_or_no_mfa),
    ("E28", "Were the keys known to be exposed?", _needs(
        "Needs the credential report, AWS Health and Trusted Advisor's check for exposed keys.")),
    ("E29", "Did the containment hold?", _needs(
        "Nothing is contained yet as far as these logs show. Ask again 30 minutes after the containment.")),
    ("E30", "Which traces are our own?", _own),
)  # fmt: skip
