"""From a question and sources to the whole answer."""

from collections.abc import Callable, Sequence
from pathlib import Path

from bot.evidence.answers.case import Case
from bot.evidence.clues.asking import Facts, suspicion_of, with_gathered
from bot.evidence.clues.gathered import Gathered
from bot.evidence.collect import Collected
from bot.evidence.coverage.coverage import cover
from bot.evidence.coverage.trails import TrailFacts
from bot.evidence.detections.ruleset import Detections, bundled, is_loaded
from bot.evidence.detections.scene import Memory
from bot.evidence.events import Event
from bot.evidence.garbage import seldom_collected
from bot.evidence.judge import case_of, judge
from bot.evidence.matches import Matches
from bot.evidence.passes import search_all
from bot.evidence.questions import Question
from bot.evidence.redact import redact_bytes
from bot.evidence.report import Baseline, Investigation, SetApart, Totals, Window
from bot.evidence.report import Source as ReadSource
from bot.evidence.scan.pool import get_ready, kept
from bot.evidence.sources.base import TRAIL_FILES, Reading, Source
from bot.evidence.wanted import Wanted


def _silent(_: str) -> None:
    pass


def investigate(
    question: Question,
    sources: Sequence[Source],
    *,
    trails: TrailFacts | None = None,
    facts: Facts | None = None,
    detections: Detections | None = None,
    matches: Path | None = None,
    progress: Callable[[str], None] = _silent,
    keep: Callable[[Event], None] | None = None,
) -> Investigation:
    """Search the sources, in passes and in the order given, and answer everything.

    `trails` are AWS's own answers about logging, for live runs; `facts` asks AWS's other
    services about the suspects, once the events have been judged.
    `detections` are the rules in force (None: our own).
    `matches` is the file in which found records are kept: with it a run that was killed goes on where it was,
    and a later run reads only what is new; both end in the answer of a fresh run. `progress` hears what is
    being done. `keep` receives every record that was looked for and found, in order of time, with the record
    as received (Event.raw), for the vault. The order of sources, files and records does not change the
    result. Raises OSError, and what the sources raise.
    """
    with seldom_collected(), kept(), Matches.open(matches, question) as store:
        if detections is None and not is_loaded() and any(map(_reads_files, sources)):
            # Both take a while, and the machine has two processors.
            get_ready(Wanted())
        rules, memory = detections or bundled(), Memory()

        def case(collected: Collected, readings: Sequence[Reading]) -> Case:
            return case_of(collected, cover(collected, readings, trails), (), rules, memory)

        found = search_all(question, sources, store, case, progress, rules.event_names())
        gathered = facts(suspicion_of(found.case)) if facts else Gathered()
        if keep:
            for event in store.events(found.wanted):
                keep(event)
        progress("writing the report")
        return _report(question, with_gathered(found.case, gathered), found.readings, gathered)


def _reads_files(source: Source) -> bool:
    return source.coverage().kind == TRAIL_FILES


def _report(question: Question, case: Case, readings: Sequence[Reading], gathered: Gathered) -> Investigation:
    collected = case.collected
    result = Investigation(
        **vars(judge(case)),
        bucket=question.bucket,
        window=_window(question, collected),
        sources=tuple(map(_source, readings)),
        totals=_totals(collected, readings),
        baseline=_baseline(question, collected),
        lost=case.covered.lost,
        bucket_before=dict(gathered.bucket_before) if gathered.bucket_before else None,
    )
    # The result goes to people, to Slack and into the database: none of them is a place for live secrets.
    return Investigation.model_validate_json(redact_bytes(result.model_dump_json(indent=0).encode()))


def _window(question: Question, collected: Collected) -> Window:
    start, end = question.window or (None, None)
    return Window(start=start, end=end, first_event=collected.seen.first, last_event=collected.seen.last)


def _baseline(question: Question, collected: Collected) -> Baseline | None:
    if question.window is None or question.span is None or question.baseline is None:
        return None
    return Baseline(start=question.span[0], end=question.window[0], events=collected.baseline.events)


def _totals(collected: Collected, readings: Sequence[Reading]) -> Totals:
    return Totals(
        files=sum(one.covered.files for one in readings),
        events=collected.events,
        unique_events=collected.events - collected.duplicates,
        duplicates=collected.duplicates,
        outside_window=collected.outside,
        other_accounts=collected.other_accounts,
        about_bucket=collected.about_bucket,
        set_apart=SetApart(services=collected.services, own=collected.own, responders=collected.responders),
        access_log_lines=collected.lines,
        joined_lines=collected.joined,
    )


def _source(reading: Reading) -> ReadSource:
    coverage = reading.covered
    return ReadSource(
        kind=coverage.kind,
        where=coverage.where,
        regions=coverage.regions,
        files=coverage.files,
        skipped=coverage.skipped,
        lookups=coverage.lookups,
        complete=coverage.complete,
        note=coverage.note,
        problems=tuple(map(str, reading.problems)),
        records=reading.records,
        size=reading.size,
        calls=coverage.calls,
        dollars=coverage.dollars,
    )
