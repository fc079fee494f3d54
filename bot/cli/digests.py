"""`s3incident evidence digests`: whether a trail's log files are all there, as CloudTrail delivered them."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import logs
from bot.aws.access import AwsAccess
from bot.aws.digest_objects import S3TrailObjects, public_keys
from bot.aws.errors import AwsError
from bot.aws.gateway import Gateway
from bot.cli.incident_name import refuse
from bot.cli.running import settings_or_exit
from bot.config import SettingsError
from bot.evidence.digests.objects import Folder, Objects
from bot.evidence.digests.report import DigestReport, Window
from bot.evidence.digests.rsa import PublicKey
from bot.evidence.digests.sentences import summary
from bot.evidence.digests.validate import regions, validate
from bot.evidence.sources.base import Progress, ignore
from bot.evidence.wording import short

NO_PLACE = "There is no folder {place}. Give the folder, or the s3:// prefix, that holds AWSLogs."
NEEDS_ACCOUNT = "To read {place}, say with --account whose evidence role to use."
NOT_KEYS = (
    "{file} does not hold public keys as `aws cloudtrail list-public-keys --start-time ... --end-time ...` "
    "prints them: {error}."
)
NO_WINDOW = (
    "From {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC there can be no digests. Give --from and --to "
    "in their order, not before {began:%Y-%m-%d}, when validation began, and not after today."
)
PROBLEM = "  {kind}: {what}: {why}."
UNLISTED = "  listed in no digest: {what}."
MORE = "  ... and {count} more: --json has all."
#: Lines of one kind that are printed.
MOST = 50
#: CloudTrail's keys are asked for since its first day of validation, where no window is given.
BEGAN = datetime(2015, 10, 1, tzinfo=UTC)

_TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]


def digests_command(
    place: Annotated[str, typer.Argument(help="A folder with a trail's files, or their s3:// prefix.")],
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="ID", help="Read, and ask for the keys, with its evidence role."),
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option("--public-keys", metavar="FILE", help="What `aws cloudtrail list-public-keys` printed."),
    ] = None,
    start: Annotated[
        datetime | None, typer.Option("--from", metavar="TIME", formats=_TIMES, help="UTC.")
    ] = None,
    end: Annotated[datetime | None, typer.Option("--to", metavar="TIME", formats=_TIMES, help="UTC.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON instead of text.")] = False,
) -> None:
    """Check the log files of a trail against CloudTrail's signed digests. Exit code 1: tampered with."""
    window = None
    if start or end:
        window = ((start or BEGAN).replace(tzinfo=UTC), (end or datetime.now(UTC)).replace(tzinfo=UTC))
        if not BEGAN <= window[0] <= window[1] <= datetime.now(UTC) + timedelta(days=1):
            refuse(NO_WINDOW.format(start=window[0], end=window[1], began=BEGAN))
    report = digest_report(place, window, account, key_file)
    typer.echo(json.dumps(_plain(report), indent=2) if as_json else "\n".join(_text(report)))
    if report.tampered:
        raise typer.Exit(1)


def digest_report(
    place: str,
    window: Window | None,
    account: str | None,
    key_file: Path | None,
    progress: Progress = ignore,
) -> DigestReport:
    """Validates a folder or `s3://` prefix; ends the command with exit code 2 where that cannot be done."""
    logs.configure("ERROR")
    try:
        gateway = AwsAccess(settings_or_exit("db")).reader(account) if account else None
        objects = _objects(place, gateway)
        keys = _keys_in(key_file) if key_file else _keys_of(gateway, objects, window)
        return validate(objects, window, keys, progress)
    except (AwsError, SettingsError, OSError) as error:
        refuse(short(str(error), 2000))


def _objects(place: str, gateway: Gateway | None) -> Objects:
    if place.startswith("s3://"):
        if gateway is None:
            refuse(NEEDS_ACCOUNT.format(place=place))
        return S3TrailObjects(gateway, place)
    if not Path(place).is_dir():
        refuse(NO_PLACE.format(place=place))
    return Folder(Path(place))


def _keys_of(gateway: Gateway | None, objects: Objects, window: Window | None) -> Mapping[str, PublicKey]:
    """CloudTrail's keys; none without an account to ask with."""
    if gateway is None:
        return {}
    first, last = window or (BEGAN, datetime.now(UTC))
    # A day around it: a digest is signed after the hour it tells of.
    times = (first - timedelta(days=1), last + timedelta(days=1))
    found = public_keys(gateway, regions(objects), times)
    return {fingerprint: PublicKey.from_der(der) for fingerprint, der in found.items()}


def _keys_in(file: Path) -> Mapping[str, PublicKey]:
    try:
        listed: Any = json.loads(file.read_text("utf-8"))["PublicKeyList"]
        return {
            one["Fingerprint"]: PublicKey.from_der(base64.b64decode(one["Value"], validate=True))
            for one in listed
        }
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        refuse(NOT_KEYS.format(file=file, error=error))


def _text(report: DigestReport) -> Iterator[str]:
    yield from summary(report)
    told = [PROBLEM.format(kind=one.kind, what=short(one.what, 400), why=one.why) for one in report.problems]
    told += [UNLISTED.format(what=short(name, 400)) for name in report.unlisted]
    yield from told[:MOST]
    if len(told) > MOST:
        yield MORE.format(count=len(told) - MOST)


def _plain(report: DigestReport) -> dict[str, Any]:
    """The report as JSON values; `summary` and `tampered` are said too."""
    plain = dataclasses.asdict(report)
    for span in plain["spans"]:
        span |= {"start": span["start"].isoformat(), "end": span["end"].isoformat()}
    return {"tampered": report.tampered, "summary": summary(report), **plain}
