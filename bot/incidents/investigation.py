"""Investigating an incident: from the account's logs to a card with answers, findings and proposals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.aws.errors import AwsRefused
from bot.aws.objects import bucket_region
from bot.config import AccountSettings, SettingsError
from bot.evidence.coverage.trails import TrailFacts
from bot.evidence.detections.ruleset import Detections, load
from bot.evidence.investigate import investigate
from bot.evidence.match_file import UnusableError, set_aside
from bot.evidence.matches import Matches
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.sources.base import Source
from bot.evidence.vault.manifest import Custody
from bot.evidence.vault.scratch import scratch
from bot.incidents import evidence_sentences as sentences
from bot.incidents.athena import cheapest
from bot.incidents.evidence_runs import fail_run
from bot.incidents.evidence_sources import access_logs_of, history_of, trail_files_of, trails_of
from bot.incidents.facts import gather
from bot.incidents.findings import Kept, keep_events, publish
from bot.incidents.progress import Progress
from bot.incidents.recording import BOT, notice, record
from bot.incidents.tools import Tools
from bot.incidents.vaults import vault_of
from bot.store import evidence, incidents, outbox, playbooks
from bot.store.tables.incidents import Incident
from bot.store.types import JsonObject, Tx, utcnow


@dataclass(frozen=True)
class Case:
    """One investigation under way. `window` is (start, end) in UTC."""

    incident: Incident
    step_id: int | None
    run_id: int
    window: tuple[datetime, datetime]


def collect(tools: Tools, payload: JsonObject) -> None:
    """The handler of evidence.collect.

    Raises AwsUnavailable, and InUseError where another worker is at it, upon which the job is tried again; a
    refusal ends the step with a sentence. A run that a crash interrupted is begun anew: reading changes
    nothing.
    """
    case = _begin(tools, payload)
    if case is None:
        return
    try:
        account = tools.settings.account(case.incident.account_id)
        _check_bucket(tools, case)
        found, kept = _investigate(tools, account, case)
    except (AwsRefused, SettingsError, OSError) as error:
        with tools.database.begin() as tx:
            fail_run(tx, case.incident.id, case.step_id, str(error))
        return
    with tools.database.begin() as tx:
        publish(tx, case.incident.id, case.step_id, case.run_id, found, kept)


def _begin(tools: Tools, payload: JsonObject) -> Case | None:
    """Starts the run, or takes up the one this step began before; None when there is nothing to do."""
    with tools.database.begin() as tx:
        incident = incidents.get(tx, payload["incident_id"])
        step_id = payload.get("step_id")
        step = playbooks.get_step(tx, step_id) if step_id is not None else None
        if incident is None or (step is not None and step.state != "running"):
            return None
        end = utcnow()
        window = (incident.opened_at - timedelta(days=tools.settings.evidence_days), end)
        run = evidence.run_of_step(tx, step_id) if step_id is not None else None
        if run is None:
            question = {"bucket": incident.bucket, "start": window[0].isoformat(), "end": end.isoformat()}
            run = evidence.start_run(tx, incident.id, step_id, question)
            _announce(tx, incident, run.id, window)
        return None if run.state == "done" else Case(incident, step_id, run.id, window)


def _announce(tx: Tx, incident: Incident, run_id: int, window: tuple[datetime, datetime]) -> None:
    record(tx, incident.id, BOT, "evidence.started", sentences.evidence_started(*window), run_id=run_id)
    place = outbox.incident_place(incident.id)
    outbox.show(tx, f"evidence:{run_id}", place, "evidence", {"run_id": run_id})


def _check_bucket(tools: Tools, case: Case) -> None:
    """Says first when AWS does not show us the bucket. The search goes on: deletion is evidence."""
    incident = case.incident
    try:
        bucket_region(tools.aws.reader(incident.account_id), incident.bucket)
    except AwsRefused as error:
        says = sentences.bucket_missing if error.status == 404 else sentences.bucket_elsewhere
        _tell(tools, case, "evidence.bucket", says(incident.bucket, incident.account_id))


def _investigate(tools: Tools, account: AccountSettings, case: Case) -> tuple[Investigation, Kept]:
    incident = case.incident
    reader = tools.aws.reader(account.account_id)
    progress = Progress(tools.database, case.run_id)
    question = Question(
        bucket=incident.bucket,
        account_id=account.account_id,
        window=case.window,
        own_principals=frozenset(tools.own_principals(account)),
        responders=frozenset(account.responders),
    )
    with scratch() as folder:
        sources = [*_trail_files(tools, account, case, progress)]
        trails = trails_of(reader, incident.bucket)
        # Two look-ups a second: where a trail's files tell all, most of them can be saved.
        whole = any(trail.on_since(case.window[0]) for trail in trails.trails) if trails else False
        beside = bool(sources) and whole
        history = history_of(reader, account, incident, case.window, progress, beside_files=beside)
        history.former = _former_ends(tools, case)
        sources += [history, *_access_logs(tools, case, trails, progress)]
        matches, detections = _matches(tools, incident), _detections(tools, case)

        def search(events: Path) -> tuple[Investigation, Kept]:
            with keep_events(events) as keep:
                found = investigate(
                    question,
                    sources,
                    trails=trails,
                    detections=detections,
                    facts=lambda about: gather(reader, account, incident, case.window, about, progress),
                    matches=matches,
                    progress=progress,
                    keep=keep,
                )
            return found, _keep(tools, case, found, events, question, matches)

        try:
            return search(folder / "events")
        except UnusableError as problem:
            # What was found lies in the logs still: better to read them again than to have no answer.
            _tell(
                tools,
                case,
                "evidence.matches",
                sentences.matches_set_aside(problem, set_aside(matches)),
            )
            return search(folder / "events-anew")


def _keep(
    tools: Tools, case: Case, found: Investigation, events: Path, question: Question, matches: Path
) -> Kept:
    """Puts result and records into the vault, with who asked, what was looked for, and what was read."""
    vault = vault_of(tools.settings, tools.aws)
    with Matches.open(matches, question) as store:
        custody = Custody(run=case.run_id, asked_by=case.incident.opened_by, wanted=tuple(store.looked_for()))
        parts = store.parts()
        return Kept.of(vault, case.incident.name, found, events, question, custody, parts)


def _matches(tools: Tools, incident: Incident) -> Path:
    """What earlier runs found: one that was killed goes on there, a new one reads only what is new."""
    folder = tools.settings.vault_dir.parent / "matches"
    return folder / f"{incident.name}-{incident.bucket}.sqlite"


def _former_ends(tools: Tools, case: Case) -> list[datetime]:
    """Until when the runs so far asked, this one's earlier attempts among them."""
    with tools.database.read() as tx:
        asked = [run.question for run in evidence.runs(tx, case.incident.id)]
    ends = [one["end"] for one in asked if one.get("bucket") == case.incident.bucket and "end" in one]
    return [datetime.fromisoformat(end) for end in ends]


def _trail_files(tools: Tools, account: AccountSettings, case: Case, progress: Progress) -> Iterator[Source]:
    """The trail's files if they can be read; if not, a sentence, and event history must do alone."""
    reader = tools.aws.reader(account.account_id)
    cache = tools.settings.vault_dir.parent / "trail-cache"
    try:
        files = trail_files_of(reader, account, case.incident, case.window, cache, progress)
        chosen = cheapest(reader, tools.settings, account, files) if files else None
    except (AwsRefused, OSError) as error:
        text = sentences.trail_files_unreadable(str(account.trail_logs), str(error))
        _tell(tools, case, "evidence.trail_files", text)
        return
    if chosen:
        if chosen.says:
            _tell(tools, case, "evidence.athena", chosen.says)
        yield chosen.source


def _access_logs(tools: Tools, case: Case, trails: TrailFacts | None, progress: Progress) -> Iterator[Source]:
    """The bucket's access logs where they are on; if they cannot be read, a sentence."""
    account_id = case.incident.account_id
    reader = tools.aws.reader(account_id)
    try:
        lines = access_logs_of(reader, account_id, case.incident, trails, case.window, progress)
        if lines:
            lines.keys()
    except (AwsRefused, OSError) as error:
        _tell(tools, case, "evidence.access_logs", sentences.access_logs_unreadable(str(error)))
    else:
        yield from [lines] if lines else []


def _detections(tools: Tools, case: Case) -> Detections | None:
    """The team's own rules beside ours, where there are any; those that do not load are named."""
    folder = tools.settings.detections_dir
    if folder is None:
        return None
    found = load((folder,))
    if broken := [str(one) for one in found.problems if one.broken]:
        _tell(tools, case, "evidence.detections", sentences.detections_broken(broken))
    return found


def _tell(tools: Tools, case: Case, action: str, text: str) -> None:
    """Says something about this run in channel and timeline, once."""
    key = f"{action}:{case.run_id}"
    with tools.database.begin() as tx:
        if outbox.find(tx, key) is None:
            record(tx, case.incident.id, BOT, action, text)
            notice(tx, case.incident.id, key, text)
