"""`s3incident policy ...`: what AWS would decide, and what a bucket's settings expose, without AWS."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.text import Text

from bot.cli.policy_report import DECISIONS, show_answer, show_exposure
from bot.evidence.wording import short
from bot.policy.cases import CaseError, read_case
from bot.policy.exposure import OWNERSHIPS, exposure
from bot.policy.settings import SettingsError, read_acl, read_bucket_policy, read_public_access_block

_T = TypeVar("_T")

app = typer.Typer(no_args_is_help=True, help="What policies allow, and what a bucket exposes. Needs no AWS.")

#: Some lines could not be used; the others were.
SOME_BAD = 1
#: Input that cannot be worked with at all, or output that cannot be written; 0 is success.
BAD_INPUT = 2

BAD_LINE = "{file}:{line}: {problem} Correct this line and run it again; the other lines are done."
NOT_TEXT = "{file} is not UTF-8 text. Write out AWS's answer again, as JSON."
NOT_SETTINGS = "{file}: {problem} Write out AWS's answer again, as JSON."
NOT_OWNERSHIP = "--ownership {value!r} is no value of Object Ownership. Give one of {values}."
NOT_ACCOUNT = "--account {value!r} is not an AWS account id: it has 12 digits."
NO_ACCOUNT = "Without --account, the bucket owner's own account counts as another one."
NO_CASES = "{file} holds no case. Put one JSON object on each line."
CANNOT_READ = "{file} could not be read: {why}. Give the path of a file that you may read."
CANNOT_WRITE = "The result could not be written to {file}: {why}. Give --json a path that you may write to."


@app.callback()
def policy() -> None:
    """What policies allow, and what a bucket exposes. Needs no AWS."""


@app.command()
def simulate(
    cases: Annotated[
        Path, typer.Argument(help="A file with one case on each line, as JSON; - for standard input.")
    ],
    json_file: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="OUT", help="Write one JSON line for each case; - for standard output."
        ),
    ] = None,
) -> None:
    """Say what AWS would decide about each case, and because of what.

    A condition key with the value null cannot be known; a decision that turns on it is "depends". Exit code
    1: some lines are no cases (each is named, the others are done); 2: nothing could be done.
    """
    console = Console(stderr=str(json_file) == "-", highlight=False)
    counts: Counter[str] = Counter()
    with _opened(cases) as lines, _output(json_file) as out:
        for answer in _answers(lines, str(cases), counts):
            if out is None:
                show_answer(answer, console)
            else:
                out.write(f"{json.dumps(answer)}\n")
    if not counts:
        _refuse(NO_CASES.format(file=cases))
    console.print(Text(_summary(counts)))
    if counts["bad"]:
        raise typer.Exit(SOME_BAD)


def _answers(lines: Iterable[bytes], file: str, counts: Counter[str]) -> Iterator[dict[str, Any]]:
    """The answer to each case, line by line, so that the number of cases does not matter."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            answer = read_case(_decoded(line)).answer()
        except CaseError as error:
            counts["bad"] += 1
            typer.echo(BAD_LINE.format(file=file, line=number, problem=short(str(error), 500)), err=True)
            continue
        counts[answer["decision"]] += 1
        yield answer


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CaseError("$", "is not UTF-8 text.") from None


def _summary(counts: Counter[str]) -> str:
    parts = [f"{counts[name]:,} {text}" for name, text in DECISIONS.items() if counts[name]]
    bad = [f"{counts['bad']:,} not a case"] if counts["bad"] else []
    return f"{counts.total():,} line{'' if counts.total() == 1 else 's'}: {'; '.join([*parts, *bad])}."


@app.command("exposure")
def exposure_command(
    bucket_policy: Annotated[
        Path, typer.Option("--bucket-policy", metavar="FILE", help="The policy, or GetBucketPolicy's answer.")
    ],
    acl: Annotated[Path | None, typer.Option("--acl", metavar="FILE", help="GetBucketAcl's answer.")] = None,
    public_access_block: Annotated[
        Path | None,
        typer.Option(
            "--public-access-block", metavar="FILE", help="The bucket's GetPublicAccessBlock answer."
        ),
    ] = None,
    account_block: Annotated[
        Path | None,
        typer.Option("--account-public-access-block", metavar="FILE", help="The same of its account."),
    ] = None,
    organization_block: Annotated[
        Path | None,
        typer.Option(
            "--organization-public-access-block",
            metavar="FILE",
            help="The same by the organization's S3 policy, which overrides the account's.",
        ),
    ] = None,
    ownership: Annotated[
        str | None, typer.Option("--ownership", metavar="VALUE", help=f"One of {', '.join(OWNERSHIPS)}.")
    ] = None,
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="ID", help="The account that owns the bucket (12 digits)."),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the result as JSON; - for standard output."),
    ] = None,
) -> None:
    """Say what S3 calls public, and who gets in now: through what, for which actions, and what holds it back.

    Exit code 2: something given could not be read.
    """
    if ownership is not None and ownership not in OWNERSHIPS:
        _refuse(NOT_OWNERSHIP.format(value=ownership, values=", ".join(OWNERSHIPS)))
    if account is not None and not (account.isascii() and account.isdigit() and len(account) == 12):
        _refuse(NOT_ACCOUNT.format(value=account))
    found = exposure(
        _file(bucket_policy, read_bucket_policy),
        _file(acl, read_acl),
        _file(public_access_block, read_public_access_block),
        _file(account_block, read_public_access_block),
        ownership,
        account_id=account or "",
        organization_pab=_file(organization_block, read_public_access_block),
    )
    if json_file is not None:
        with _output(json_file) as out:
            print(json.dumps(found.as_json(), indent=2), file=out)
        return
    show_exposure(found, Console(highlight=False))
    if account is None:
        typer.echo(NO_ACCOUNT)


def _file(file: Path | None, read: Callable[[str], _T]) -> _T | None:
    if file is None:
        return None
    try:
        return read(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        _refuse(CANNOT_READ.format(file=file, why=error.strerror))
    except UnicodeDecodeError:
        _refuse(NOT_TEXT.format(file=file))
    except SettingsError as error:
        _refuse(NOT_SETTINGS.format(file=file, problem=short(str(error), 500)))


@contextmanager
def _opened(file: Path) -> Iterator[Iterable[bytes]]:
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    try:
        with file.open("rb") as lines:
            yield lines
    except OSError as error:
        _refuse(CANNOT_READ.format(file=file, why=error.strerror))


@contextmanager
def _output(target: Path | None) -> Iterator[IO[str] | None]:
    if target is None or str(target) == "-":
        yield None if target is None else sys.stdout
        return
    try:
        with target.open("w", encoding="utf-8") as out:
            yield out
    except OSError as error:
        _refuse(CANNOT_WRITE.format(file=target, why=error.strerror))


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(BAD_INPUT)
