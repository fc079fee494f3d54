"""`s3incident investigate`: the evidence engine on local logs, or live against AWS; without Slack."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console

from bot import logs as logs_of_this_program
from bot.aws.errors import AwsError
from bot.cli import investigation_inputs as inputs
from bot.cli import investigation_options as options
from bot.cli.digests import digest_report
from bot.cli.investigation_inputs import refuse
from bot.cli.investigation_live import Prepared, live
from bot.cli.investigation_output import write_csv, write_html, write_json
from bot.cli.investigation_progress import Bars, bars
from bot.cli.investigation_report import show
from bot.config import given, variable
from bot.evidence.detections.ruleset import Detections, load
from bot.evidence.digests.sentences import summary
from bot.evidence.investigate import investigate
from bot.evidence.match_file import InUseError
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.report import Source as ReadSource
from bot.evidence.sources.access_logs import AccessLogFolder
from bot.evidence.sources.base import Source
from bot.evidence.sources.folder import LocalFolder
from bot.evidence.vault.records import files_in, kept_in
from bot.evidence.vault.scratch import scratch
from bot.evidence.wording import short
from bot.reports.recorded import events_in

#: Rules out of force that are named.
MOST_RULES = 10
LOGS = "the folder that holds AWSLogs, or one log file"


@dataclass(frozen=True)
class Where:
    """Where to read: folders of this machine, or AWS where there is none."""

    logs: Path | None
    access_logs: Path | None

    @property
    def live(self) -> bool:
        """Whether AWS is asked."""
        return self.logs is None and self.access_logs is None


@dataclass(frozen=True)
class Files:
    """What to write besides the report on the terminal; `-` as JSON is standard output, and nothing else.

    `matches` keeps what was found, for the next time.
    """

    json: Path | None
    csv: Path | None
    html: Path | None
    matches: Path | None


def investigate_command(
    *,
    bucket: options.Bucket,
    logs: options.Logs = None,
    access_logs: options.AccessLogs = None,
    start: options.From = None,
    end: options.To = None,
    baseline: options.Baseline = None,
    account: options.Account = None,
    known_accounts: options.KnownAccounts = None,
    keys: options.Keys = None,
    detections: options.DetectionsFolder = None,
    validate_digests: options.ValidateDigests = False,
    matches: options.MatchesFile = None,
    json_file: options.JsonFile = None,
    csv_file: options.CsvFile = None,
    html_file: options.HtmlFile = None,
) -> None:
    """Find out who touched a bucket, what they got, and what cannot be known: from logs on disk, or from AWS
    itself. It only reads.
    """
    logs_of_this_program.configure("ERROR")
    window = inputs.window_of(start, end)
    question = Question(
        bucket=inputs.bucket_name(bucket),
        account_id=inputs.account_id("--account", account) if account else None,
        window=window,
        known_accounts=frozenset(inputs.account_id("--known-account", one) for one in known_accounts or ()),
        keys=frozenset(map(inputs.access_key, keys or ())),
        baseline=inputs.baseline_of(baseline, window, start),
    )
    where = Where(
        inputs.existing("--logs", logs, LOGS),
        inputs.existing("--access-logs", access_logs, "S3 server access logs, a file or a folder"),
    )
    files = _files(where, json_file, csv_file, html_file, matches)
    rules = _rules(detections)
    if validate_digests:
        _validate(where, question)
    _tell(_run(question, where, rules, files), files)


def _files(
    where: Where, json: Path | None, csv: Path | None, html: Path | None, matches: Path | None
) -> Files:
    """The files to write, all of which can be written, and none of which is a log or another of them."""
    files = Files(
        inputs.writable("--json", json, stdout=True),
        inputs.writable("--csv", csv),
        inputs.writable("--html", html),
        inputs.writable("--matches", matches),
    )
    inputs.apart(
        {"--json": files.json, "--csv": files.csv, "--html": files.html, "--matches": files.matches},
        {"--logs": where.logs, "--access-logs": where.access_logs},
    )
    return files


def _rules(folder: Path | None) -> Detections | None:
    """Our rules and the folder's; those that do not load are named before anything is concluded."""
    option, folder = ("--detections", folder) if folder else _folder_set()
    if folder is None:
        return None
    inputs.existing(option, folder, "a folder of Sigma rules")
    found = load((folder,))
    broken = [short(str(one), 600) for one in found.problems if one.broken]
    for problem in broken[:MOST_RULES]:
        typer.echo(f"Not in force: {problem}", err=True)
    if len(broken) > MOST_RULES:
        typer.echo(f"and {len(broken) - MOST_RULES:,} more: s3incident detections check {folder}", err=True)
    return found


def _folder_set() -> tuple[str, Path | None]:
    """The setting that names the team's folder, and the folder: as the bot has it, from `.env` too."""
    name = variable("detections_dir")
    folder = given(name)
    return name, Path(folder) if folder else None


def _validate(where: Where, question: Question) -> None:
    """Says on standard error what the digests prove, before anything is concluded from the files."""
    if where.logs is None or not where.logs.is_dir():
        refuse("--validate-digests needs --logs with the folder that holds AWSLogs: the digests lie beside.")
    with bars() as shown:
        report = digest_report(str(where.logs), question.span, None, None, shown.bar("digests"))
        for line in summary(report):
            shown.say(line)


def _run(question: Question, where: Where, rules: Detections | None, files: Files) -> Investigation:
    with ExitStack() as stack:
        shown = stack.enter_context(bars())
        folder = stack.enter_context(scratch()) / "records"
        prepared = live(question, shown) if where.live else _local(question, where, shown)
        with kept_in(folder) as keep:
            found = _investigated(prepared, rules, files.matches, shown, keep if files.csv else None)
        if not found.totals.events and not where.live:
            refuse(_nothing_read(where, found.sources[0], question))
        if files.csv:
            kept = (one for file in files_in(folder) for one in events_in(file.read_bytes(), file.name))
            write_csv(found, kept, files.csv)
    return found


def _local(question: Question, where: Where, shown: Bars) -> Prepared:
    sources: list[Source] = []
    if where.logs:
        sources.append(LocalFolder(where.logs, question.span, shown.bar("trail files")))
    if where.access_logs:
        sources.append(AccessLogFolder(where.access_logs, question.span, shown.bar("access logs")))
    return Prepared(question, tuple(sources))


def _investigated(
    prepared: Prepared,
    rules: Detections | None,
    matches: Path | None,
    shown: Bars,
    keep: Callable[[bytes], None] | None,
) -> Investigation:
    try:
        return investigate(
            prepared.question,
            prepared.sources,
            trails=prepared.trails,
            facts=prepared.facts,
            detections=rules,
            matches=matches,
            progress=shown.bar("investigation"),
            keep=(lambda event: keep(event.raw)) if keep else None,
        )
    except (AwsError, InUseError, OSError) as problem:
        refuse(f"The investigation could not be finished: {problem}")


def _nothing_read(where: Where, files: ReadSource, question: Question) -> str:
    place = where.logs or where.access_logs
    if files.problems:
        kind = "CloudTrail event" if where.logs else "line of a server access log"
        return f"No {kind} could be read from {place}: {'; '.join(files.problems[:3])}."
    if files.skipped and question.window:
        return f"{place} holds no file that can have events of the window. Widen --from and --to."
    if where.logs is None:
        return f"There is no server access log in {place}. Give --access-logs a file or folder of them."
    return f"There is no CloudTrail log in {place}. Give --logs {LOGS}."


def _tell(found: Investigation, files: Files) -> None:
    if files.html:
        write_html(found, files.html)
    if files.json:
        write_json(found, files.json)
    if str(files.json) != "-":
        show(found, Console())
