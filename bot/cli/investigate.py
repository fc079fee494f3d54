"""`s3incident investigate`: the evidence engine on local logs, without Slack and without AWS."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.cli.investigation_report import show
from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.report import Source as ReadSource
from bot.evidence.sources.folder import LocalFolder
from bot.evidence.wording import short

#: Exit code for input that cannot be worked with; 0 is success.
BAD_INPUT = 2


def investigate_command(
    logs: Annotated[
        Path,
        typer.Option("--logs", help="A CloudTrail file, or a folder of them (any depth, gzipped or not)."),
    ],
    bucket: Annotated[str, typer.Option("--bucket", help="The bucket the incident is about.")],
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="UTC, as 2026-11-23 or 2026-11-23T03:10.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="UTC; a date means its last second.")
    ] = None,
    account: Annotated[
        str | None, typer.Option("--account", metavar="ID", help="The bucket owner's account (12 digits).")
    ] = None,
    known_accounts: Annotated[
        list[str] | None,
        typer.Option("--known-account", metavar="ID", help="Another account that may reach it; repeatable."),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the full result as JSON; - for standard output."),
    ] = None,
) -> None:
    """Find out who touched a bucket, what they got, and what cannot be known, from CloudTrail logs on
    disk.
    """
    question = Question(
        bucket=_bucket(bucket),
        account_id=_account("--account", account) if account else None,
        window=_window(start, end),
        known_accounts=frozenset(_account("--known-account", one) for one in known_accounts or ()),
    )
    if not logs.exists():
        _refuse(
            f"There is no file or folder {logs}. Give --logs the folder that holds AWSLogs, or one log file."
        )
    result = _run(question, logs)
    if json_file is not None:
        _write(result, json_file)
    if json_file is None or str(json_file) != "-":
        show(result, Console())


def _run(question: Question, logs: Path) -> Investigation:
    with _progress() as tell:
        source = LocalFolder(logs, question.span, tell)
        result = investigate(question, [source], progress=tell)
    if not result.totals.events:
        _refuse(_nothing_read(logs, result.sources[0], question))
    return result


def _nothing_read(logs: Path, files: ReadSource, question: Question) -> str:
    if files.problems:
        return f"No CloudTrail event could be read from {logs}: {'; '.join(files.problems[:3])}."
    if files.skipped and question.window:
        return f"{logs} holds no CloudTrail file that can have events of the window. Widen --from and --to."
    return (
        f"There is no CloudTrail log in {logs}. Give --logs the folder that holds AWSLogs, or one log file."
    )


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A bar on standard error, so that standard output stays clean for pipes."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def tell(what: str) -> None:
            done, _, rest = what.partition(" of ")
            if done.isdigit() and (total := rest.split()[0]).isdigit():
                bar.update(task, description=what, completed=int(done), total=int(total))
            else:
                bar.update(task, description=what)

        yield tell


def _write(result: Investigation, target: Path) -> None:
    text = msgspec.json.format(msgspec.json.encode(result.to_json()), indent=2) + b"\n"
    if str(target) == "-":
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
        return
    try:
        target.write_bytes(text)
    except OSError as problem:
        _refuse(f"The result could not be written to {target}: {problem.strerror}.")


def _bucket(name: str) -> str:
    bare = name.strip().removeprefix("s3://").removeprefix("arn:aws:s3:::").rstrip("/")
    if not bare or "/" in bare:
        _refuse(
            f"--bucket {name!r} is not a bucket name. Give the name alone, without a key: --bucket my-bucket."
        )
    return bare


def _account(option: str, account: str) -> str:
    if not (account.isdigit() and len(account) == 12):
        _refuse(f"{option} {account!r} is not an AWS account id: it has 12 digits.")
    return account


def _window(start: str | None, end: str | None) -> tuple[datetime, datetime] | None:
    if start is None and end is None:
        return None
    first = _moment("--from", start, time.min) if start else datetime(1970, 1, 1, tzinfo=UTC)
    last = _moment("--to", end, time(23, 59, 59)) if end else datetime(9998, 12, 31, tzinfo=UTC)
    if first > last:
        _refuse(f"--from {start} lies after --to {end}. Swap them.")
    return first, last


def _moment(option: str, text: str, of_day: time) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        _refuse(f"{option} {text!r} is not a time. Write it as 2026-11-23 or 2026-11-23T03:10:00Z (UTC).")
    if len(text.strip()) == len("2026-11-23"):
        moment = datetime.combine(moment.date(), of_day)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _refuse(sentence: str) -> NoReturn:
    # A file's name can be an attacker's text as well.
    typer.echo(short(sentence, 2000), err=True)
    raise typer.Exit(BAD_INPUT)
