"""What people type for `s3incident investigate`, checked; each refusal is a sentence and exit code 2."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import NoReturn

import typer

from bot.evidence.wording import short
from bot.incidents.opening import check_bucket_name

#: Exit code for input that cannot be worked with; 0 is success.
BAD_INPUT = 2

#: Event history reaches back 90 days; a baseline longer than a year tells of another time.
MOST_BASELINE = 365

Window = tuple[datetime, datetime]

#: How CloudTrail and S3 name the logs that they deliver.
_DELIVERED = re.compile(r"_CloudTrail_|\.gz$|^\d{4}(-\d\d){5}-[0-9A-F]{16}$")

_ACCESS_KEY = re.compile(r"A[KS]IA[A-Z0-9]{12,124}")


def refuse(sentence: str) -> NoReturn:
    """Says why nothing can be done, and ends."""
    # A file's name can be an attacker's text as well.
    typer.echo(short(sentence, 2000), err=True)
    raise typer.Exit(BAD_INPUT)


def bucket_name(name: str) -> str:
    """The bare name of a bucket, also from an S3 URL or ARN."""
    bare = name.strip().removeprefix("s3://").removeprefix("arn:aws:s3:::").rstrip("/")
    if not bare or "/" in bare:
        refuse(
            f"--bucket {name!r} is not a bucket name. Give the name alone, without a key: --bucket my-bucket."
        )
    if sentence := check_bucket_name(bare):
        refuse(sentence)
    return bare


def account_id(option: str, account: str) -> str:
    """Twelve digits."""
    if not (account.isascii() and account.isdigit() and len(account) == 12):
        refuse(f"{option} {account!r} is not an AWS account id: it has 12 digits.")
    return account


def access_key(key: str) -> str:
    """An access key's id, never its secret."""
    if not _ACCESS_KEY.fullmatch(key.strip()):
        refuse("--key takes an access key's id, which begins with AKIA or ASIA. Never give the secret.")
    return key.strip()


def window_of(start: str | None, end: str | None) -> Window | None:
    """From the first to the last moment, both included; None when neither is given."""
    if start is None and end is None:
        return None
    first = _moment("--from", start, time.min) if start else datetime(1970, 1, 1, tzinfo=UTC)
    last = _moment("--to", end, time(23, 59, 59)) if end else datetime(9998, 12, 31, tzinfo=UTC)
    if first > last and end is None:
        refuse(f"--from {start} is no time that logs can be from.")
    if first > last:
        refuse(f"--from {start} lies after --to {end}. Swap them.")
    return first, last


def _moment(option: str, text: str, of_day: time) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        refuse(f"{option} {text!r} is not a time. Write it as 2026-11-23 or 2026-11-23T03:10:00Z (UTC).")
    if len(text.strip()) == len("2026-11-23"):
        moment = datetime.combine(moment.date(), of_day)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        refuse(f"{option} {text!r} is no time that logs can be from.")


def baseline_of(days: int | None, window: Window | None, start: str | None) -> timedelta | None:
    """How long before the window to learn who is usually there; it needs a beginning of the window."""
    if days is None:
        return None
    if not 1 <= days <= MOST_BASELINE:
        refuse(f"--baseline {days} is not a number of days from 1 to {MOST_BASELINE}.")
    if start is None or window is None:
        refuse("--baseline needs --from: it is the time before the window that is compared with.")
    if window[0] - datetime.min.replace(tzinfo=UTC) < timedelta(days=days):
        refuse(f"--from {start} is too early for a --baseline before it.")
    return timedelta(days=days)


def existing(option: str, path: Path | None, what: str) -> Path | None:
    """A file or folder that is there."""
    if path is not None and not path.exists():
        refuse(f"There is no file or folder {path}. Give {option} {what}.")
    return path


def writable(option: str, path: Path | None, *, stdout: bool = False) -> Path | None:
    """A file that could be written, checked before hours of reading are lost; `-` where `stdout` is meant."""
    if path is None or (stdout and str(path) == "-"):
        return path
    if str(path) == "-":
        refuse(f"{option} takes the name of a file: only --json writes to standard output.")
    if path.is_dir():
        refuse(f"{option} {path} is a folder. Give the name of a file.")
    if not path.absolute().parent.is_dir():
        refuse(f"The result could not be written to {path}: there is no folder {path.absolute().parent}.")
    return path


def apart(written: Mapping[str, Path | None], read: Mapping[str, Path | None]) -> None:
    """Each file has one use, and no log is written over: it may be the only copy."""
    uses: dict[Path, str] = {}
    for option, path in {**read, **written}.items():
        if path is None or str(path) == "-":
            continue
        if former := uses.get(path.resolve()):
            refuse(f"{option} {path} is the file of {former}. Give another name.")
        uses[path.resolve()] = option
    folders = [one.resolve() for one in read.values() if one and one.is_dir()]
    for option, path in written.items():
        if path and path.is_file() and _is_log_in(path.resolve(), folders):
            refuse(f"{option} {path} is one of the logs that are read. Give another name.")


def _is_log_in(path: Path, folders: Sequence[Path]) -> bool:
    """A result of an earlier time may lie among the logs, and be written again."""
    return bool(_DELIVERED.search(path.name)) and any(folder in path.parents for folder in folders)
