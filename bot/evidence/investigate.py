"""From a question and sources to the whole answer."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from bot.evidence.actors.actors import actors
from bot.evidence.actors.labels import Assessment, assess
from bot.evidence.actors.lineage import Mints, hops
from bot.evidence.answers.answers import answers
from bot.evidence.answers.case import Case
from bot.evidence.collect import Collected, collect
from bot.evidence.coverage.coverage import cover
from bot.evidence.coverage.trails import TrailFacts
from bot.evidence.detections.patterns import signs
from bot.evidence.detections.rule_tests import Scene
from bot.evidence.detections.sign import Sign
from bot.evidence.events import Event
from bot.evidence.proposals import proposals
from bot.evidence.questions import Question
from bot.evidence.redact import redact
from bot.evidence.report import MOST_EVENT_IDS, Finding, Hop, Investigation, SetApart, Totals, Window
from bot.evidence.report import Source as ReadSource
from bot.evidence.sources.base import Source, SourceCoverage
from bot.evidence.timeline import timeline
from bot.evidence.verdict import verdict


def _silent(_: str) -> None:
    pass


def investigate(
    question: Question,
    sources: Sequence[Source],
    *,
    trails: TrailFacts | None = None,
    progress: Callable[[str], None] = _silent,
    keep: Callable[[Event], None] | None = None,
) -> Investigation:
    """Read the sources once and answer everything.

    `trails` are AWS's own answers about logging, for live runs. `progress` hears what is being done.
    `keep` receives each relevant event with its record as received (Event.raw), for the vault. The order
    of sources, files and records does not change the result.
    """
    progress("reading the sources")
    collected = collect(question, sources, keep)
    progress("working out who did what")
    case, coverages = _case(question, collected, sources, trails)
    progress("writing the report")
    people = actors(collected, case.assessed)
    result = Investigation(
        bucket=question.bucket,
        account_id=case.scene.owner,
        verdict=verdict(case, people),
        window=_window(question, collected),
        coverage=case.covered.rows,
        sources=tuple(_source(one, source) for one, source in zip(coverages, sources, strict=True)),
        totals=_totals(collected, coverages),
        actors=people,
        lineage=tuple(case.hops),
        answers=answers(case),
        findings=_findings(case.signs, collected),
        timeline=timeline(case),
        proposals=proposals(case),
    )
    # The result goes to people, to Slack and into the database: none of them is a place for live secrets.
    return Investigation.model_validate_json(redact(result.model_dump_json()))


def _case(
    question: Question, collected: Collected, sources: Sequence[Source], trails: TrailFacts | None
) -> tuple[Case, list[SourceCoverage]]:
    coverages = [source.coverage() for source in sources]
    scene = Scene(question.bucket, question.account_id or _owner(collected), question.known_accounts)
    found, mints = signs(collected, scene), Mints.of(collected)
    assessed = assess(collected, found, mints)
    chains = list(_lineage(collected, assessed, mints))
    return Case(collected, scene, found, assessed, chains, cover(collected, sources, trails)), coverages


def _owner(collected: Collected) -> str | None:
    """The bucket owner's account: named in the records' resources, else whoever received the events."""
    named: Counter[str] = Counter()
    received: Counter[str] = Counter()
    for event in collected.kept:
        received.update(filter(None, [event.account]))
        for one in event.resources:
            if (
                one.type == "AWS::S3::Bucket"
                and one.account
                and one.arn.endswith(f":{collected.question.bucket}")
            ):
                named[one.account] += 1
    most = sorted((named or received).items(), key=lambda item: (-item[1], item[0]))
    return most[0][0] if most else None


def _lineage(collected: Collected, assessed: dict[str, Assessment], mints: Mints) -> Iterable[Hop]:
    """The chain of every key that suspects used in suspicious places; shared hops are told once."""
    told: set[str] = set()
    for actor, tally in sorted(collected.tallies.items()):
        keys = (
            {key for key, *_ in assessed[actor].origins if key}
            if assessed[actor].label == "suspect"
            else set()
        )
        for key in sorted(keys):
            for hop in hops(key, tally.who, mints):
                if hop.access_key_id not in told:
                    told.add(hop.access_key_id)
                    yield hop


def _findings(found: Sequence[Sign], collected: Collected) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            rule=sign.rule,
            severity=sign.severity,
            title=sign.title,
            principal=collected.tallies[sign.actor].who.principal,
            access_key_id=next((origin[0] for origin in sorted(sign.origins, key=str)), None),
            source_ip=next((origin[1] for origin in sorted(sign.origins, key=str)), ""),
            time=sign.first,
            events=len(sign.event_ids),
            event_ids=sign.event_ids[:MOST_EVENT_IDS],
            mitre=sign.mitre,
        )
        for sign in found
    )


def _window(question: Question, collected: Collected) -> Window:
    start, end = question.window or (None, None)
    return Window(start=start, end=end, first_event=collected.seen.first, last_event=collected.seen.last)


def _totals(collected: Collected, coverages: Sequence[SourceCoverage]) -> Totals:
    return Totals(
        files=sum(one.files for one in coverages),
        events=collected.events,
        unique_events=collected.events - collected.duplicates,
        duplicates=collected.duplicates,
        outside_window=collected.outside,
        other_accounts=collected.other_accounts,
        about_bucket=collected.about_bucket,
        set_apart=SetApart(services=collected.services, own=collected.own, responders=collected.responders),
    )


def _source(coverage: SourceCoverage, source: Source) -> ReadSource:
    return ReadSource(
        kind=coverage.kind,
        where=coverage.where,
        regions=coverage.regions,
        files=coverage.files,
        skipped=coverage.skipped,
        lookups=coverage.lookups,
        complete=coverage.complete,
        note=coverage.note,
        problems=tuple(map(str, source.problems)),
    )
