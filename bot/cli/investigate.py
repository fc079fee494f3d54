"""`s3incident investigate`: the evidence engine on local logs, or live against AWS; without Slack."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot import logs as logs_of_this_program
from bot.aws.errors import AwsError
from bot.cli import investigation_inputs as inputs
from bot.cli.digests import digest_report
from bot.cli.investigation_inputs import refuse
from bot.cli.investigation_live import Prepared, live
from bot.cli.investigation_output import write_csv, write_html, write_json
from bot.cli.investigation_progress import Bars, bars
from bot.cli.investigation_report import show
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

READ_HELP, WRITE_HELP = "What to read", "What to write"
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
    """What to write besides the report on the terminal; `-` as JSON is standard output, and nothing else."""

    json: Path | None
    csv: Path | None
    html: Path | None


def investigate_command(
    *,
    bucket: Annotated[str, typer.Option("--bucket", help="The bucket the incident is about.")],
    logs: Annotated[
        Path | None,
        typer.Option("--logs", help="A CloudTrail file, or a folder of them. Without it: live from AWS."),
    ] = None,
    access_logs: Annotated[
        Path | None,
        typer.Option("--access-logs", metavar="PATH", help="S3 server access logs, a file or a folder."),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="UTC, as 2026-11-23 or 2026-11-23T03:10.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="UTC; a date means its last second.")
    ] = None,
    baseline: Annotated[
        int | None,
        typer.Option("--baseline", metavar="DAYS", help="Compare with so many days before --from."),
    ] = None,
    account: Annotated[
        str | None, typer.Option("--account", metavar="ID", help="The bucket owner's account (12 digits).")
    ] = None,
    known_accounts: Annotated[
        list[str] | None,
        typer.Option("--known-account", metavar="ID", help="Another account that may reach it; repeatable."),
    ] = None,
    keys: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="AKIA...", help="An access key under suspicion; repeatable."),
    ] = None,
    detections: Annotated[
        Path | None,
        typer.Option(
            "--detections",
            metavar="DIR",
            envvar="S3INCIDENT_DETECTIONS_DIR",
            help="A folder of Sigma rules, beside our own.",
        ),
    ] = None,
    validate_digests: Annotated[
        bool, typer.Option("--validate-digests", help="Check the trail's files against its digests first.")
    ] = False,
    matches: Annotated[
        Path | None,
        typer.Option("--matches", metavar="FILE", help="Keep what was found, to go on there the next time."),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the full result as JSON; - for standard output."),
    ] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write every event, one a row.")
    ] = None,
    html_file: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write the report as one page, with pictures."),
    ] = None,
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
    files = Files(
        inputs.writable("--json", json_file, stdout=True),
        inputs.writable("--csv", csv_file),
        inputs.writable("--html", html_file),
    )
    kept = inputs.writable("--matches", matches)
    inputs.apart(
        {"--json": files.json, "--csv": files.csv, "--html": files.html, "--matches": kept},
        {"--logs": where.logs, "--access-logs": where.access_logs},
    )
    rules = _rules(detections)
    if validate_digests:
        _validate(where, question)
    found = _run(question, where, rules, kept, files.csv)
    _tell(found, files)


def _rules(folder: Path | None) -> Detections | None:
    """Our rules and the folder's; those that do not load are named before anything is concluded."""
    if inputs.existing("--detections", folder, "a folder of Sigma rules") is None:
        return None
    assert folder is not None
    found = load((folder,))
    broken = [short(str(one), 600) for one in found.problems if one.broken]
    for problem in broken[:MOST_RULES]:
        typer.echo(f"Not in force: {problem}", err=True)
    if len(broken) > MOST_RULES:
        typer.echo(f"and {len(broken) - MOST_RULES:,} more: s3incident detections check {folder}", err=True)
    return found


def _validate(where: Where, question: Question) -> None:
    """Says on standard error what the digests prove, before anything is concluded from the files."""
    if where.logs is None or not where.logs.is_dir():
        refuse("--validate-digests needs --logs with the folder that holds AWSLogs: the digests lie beside.")
    with bars() as shown:
        report = digest_report(str(where.logs), question.span, None, None, shown.bar("digests"))
        for line in summary(report):
            shown.say(line)


def _run(
    question: Question, where: Where, rules: Detections | None, matches: Path | None, csv: Path | None
) -> Investigation:
    with ExitStack() as stack:
        shown = stack.enter_context(bars())
        folder = stack.enter_context(scratch()) / "records"
        prepared = live(question, shown) if where.live else _local(question, where, shown)
        with kept_in(folder) as keep:
            found = _investigated(prepared, rules, matches, shown, keep if csv else None)
        if not found.totals.events and not where.live:
            refuse(_nothing_read(where, found.sources[0], question))
        if csv:
            kept = files_in(folder)
            write_csv(found, (one for file in kept for one in events_in(file.read_bytes(), file.name)), csv)
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
