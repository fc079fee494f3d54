"""From what was collected to what it means: signs, labels, people, lineage, answers and what to do. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.evidence.activity import activity
from bot.evidence.actors.actors import actors
from bot.evidence.actors.assessment import Assessment
from bot.evidence.actors.labels import assess
from bot.evidence.actors.lineage import Mints, hops
from bot.evidence.actors.newcomers import newcomers
from bot.evidence.actors.people import join
from bot.evidence.answers.answers import answers
from bot.evidence.answers.case import Case
from bot.evidence.collect import Collected, OriginKey
from bot.evidence.coverage.coverage import Covered
from bot.evidence.detections.patterns import signs
from bot.evidence.detections.ruleset import Detections, bundled
from bot.evidence.detections.scene import Memory, Scene
from bot.evidence.detections.sign import Sign
from bot.evidence.next_steps import next_steps
from bot.evidence.proposals import proposals
from bot.evidence.report import (
    MOST_EVENT_IDS,
    Activity,
    Actor,
    Answer,
    Clue,
    Coverage,
    Finding,
    Hop,
    Person,
    Proposal,
    TimelineEntry,
)
from bot.evidence.timeline import timeline
from bot.evidence.unknown import unknown
from bot.evidence.verdict import verdict


@dataclass(frozen=True)
class Judgement:
    """The members of an Investigation that are drawn from the evidence (see there)."""

    account_id: str | None
    verdict: str
    coverage: tuple[Coverage, ...]
    actors: tuple[Actor, ...]
    people: tuple[Person, ...]
    lineage: tuple[Hop, ...]
    answers: tuple[Answer, ...]
    findings: tuple[Finding, ...]
    timeline: tuple[TimelineEntry, ...]
    proposals: tuple[Proposal, ...]
    clues: tuple[Clue, ...]
    unknown: tuple[str, ...]
    next_steps: tuple[str, ...]
    activity: tuple[Activity, ...]


def case_of(
    collected: Collected,
    covered: Covered,
    clues: Sequence[Clue] = (),
    detections: Detections | None = None,
    memory: Memory | None = None,
) -> Case:
    """Who is under suspicion by these rules (None: our own) and why, and where their keys come from.

    `memory` is what earlier passes of the same investigation found of the same events.
    """
    question = collected.question
    owner = question.account_id or _owner(collected)
    remembered = memory.of(owner) if memory else None
    scene = Scene(question.bucket, owner, question.known_accounts, detections or bundled(), remembered)
    found, mints = signs(collected, scene), Mints.of(collected)
    assessed = assess(collected, found, mints, owner)
    new = newcomers(collected)
    return Case(
        collected=collected,
        scene=scene,
        signs=found,
        assessed=assessed,
        hops=tuple(_lineage(collected, assessed, mints)),
        covered=covered,
        mints=mints,
        joined=join(collected, assessed, mints, new),
        new=new,
        clues=tuple(clues),
    )


def judge(case: Case) -> Judgement:
    """Everything that people are told about the case."""
    everybody = actors(case.collected, case.assessed, case.joined, case.new)
    answered, proposed = answers(case), proposals(case)
    return Judgement(
        account_id=case.scene.owner,
        verdict=verdict(case, everybody),
        coverage=case.covered.rows,
        actors=everybody,
        people=case.joined.people,
        lineage=tuple(case.hops),
        answers=answered,
        findings=tuple(_findings(case.signs, case.collected)),
        timeline=timeline(case),
        proposals=proposed,
        clues=tuple(case.clues),
        unknown=unknown(case, answered),
        next_steps=next_steps(case, answered, proposed),
        activity=activity(case.collected.tallies, case.assessed),
    )


def _owner(collected: Collected) -> str | None:
    """The bucket owner's account: named in the records' resources, else whoever received the events."""
    received = Counter(event.account for event in collected.kept if event.account)
    end = f":{collected.question.bucket}"
    named = Counter(
        one.account
        for event in collected.kept
        for one in event.resources
        if one.account and one.type == "AWS::S3::Bucket" and one.arn.endswith(end)
    )
    most = sorted((named or received).items(), key=lambda item: (-item[1], item[0]))
    return most[0][0] if most else None


def _lineage(collected: Collected, assessed: Mapping[str, Assessment], mints: Mints) -> Iterator[Hop]:
    """The chain of every key that suspects used in suspicious places; shared hops are told once."""
    told: set[str] = set()
    for actor, tally in sorted(collected.tallies.items()):
        for key in _suspicious_keys(assessed[actor]):
            for hop in hops(key, tally.bearers.get(key, tally.who), mints):
                if hop.access_key_id not in told:
                    told.add(hop.access_key_id)
                    yield hop


def _suspicious_keys(assessment: Assessment) -> list[str]:
    return sorted({key for key, *_ in assessment.origins if key}) if assessment.label == "suspect" else []


def _findings(found: Sequence[Sign], collected: Collected) -> Iterator[Finding]:
    for sign in found:
        place = min(sign.origins, key=str, default=_NOWHERE)
        yield Finding(
            rule=sign.rule,
            severity=sign.severity,
            title=sign.title,
            principal=collected.tallies[sign.actor].who.principal,
            access_key_id=place[0],
            source_ip=place[1],
            time=sign.first,
            events=len(sign.event_ids),
            event_ids=sign.event_ids[:MOST_EVENT_IDS],
            mitre=sign.mitre,
        )


_NOWHERE: OriginKey = (None, "", "")
