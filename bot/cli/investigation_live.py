"""Sources for an investigation live against AWS: the same that the bot reads, with the same read-only role.

Where the settings do not name the account, the credentials of whoever types the command are used, and it says
so. It reads and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.aws.access import AwsAccess
from bot.aws.errors import AwsError, AwsRefused
from bot.aws.gateway import Gateway
from bot.aws.objects import bucket_region
from bot.cli.investigation_inputs import refuse
from bot.cli.investigation_progress import Bars
from bot.config import AccountSettings, Settings, SettingsError, load_settings
from bot.evidence.clues.gathered import Gathered, Suspicion
from bot.evidence.coverage.trails import TrailFacts
from bot.evidence.questions import Question
from bot.evidence.sources.base import Source
from bot.incidents.athena import cheapest
from bot.incidents.evidence_sources import access_logs_of, history_of, trail_files_of, trails_of
from bot.incidents.facts import gather_about

WITH_ROLE = "Reading account {account} with the role {role}."
WITH_OWN = (
    "The settings do not name account {account}: reading it with your own AWS credentials ({arn}). "
    "Trail files are not read: S3INCIDENT_ACCOUNTS says where they are."
)
OTHER_ACCOUNT = (
    "Your AWS credentials belong to account {own}, not to {account}. Use credentials of that account, or "
    "name it in S3INCIDENT_ACCOUNTS with a role to read it with."
)
WHICH_ACCOUNT = (
    "Say with --account whose bucket it is, or give --logs a folder of CloudTrail files to read without AWS."
)
NOT_SEEN = (
    "AWS does not show the bucket {bucket} to account {account} ({why}). The logs are read all the same."
)
NOT_READ = "The {what} cannot be read ({why}). The others are read without them."


@dataclass(frozen=True)
class Bucket:
    """The bucket and its Region."""

    bucket: str
    region: str


@dataclass(frozen=True)
class Prepared:
    """Everything an investigation needs; `facts` asks other AWS services about the suspects, where it can."""

    question: Question
    sources: tuple[Source, ...]
    trails: TrailFacts | None = None
    facts: Callable[[Suspicion], Gathered] | None = None


@dataclass(frozen=True)
class Reader:
    """How the account is read; `said` tells it to people."""

    gateway: Gateway
    account: AccountSettings
    own: frozenset[str]
    said: str


def live(question: Question, bars: Bars) -> Prepared:
    """Finds out how to read the account and what there is to read. Ends the command where it cannot.

    Without a window the last days are taken, as many as the bot takes (`evidence_days`).
    """
    settings = _settings()
    account_id = question.account_id or _only_account(settings)
    try:
        reader = _reader(settings, account_id)
        bars.say(reader.said)
        return _live(_asked(question, settings, reader), reader, settings, bars)
    except AwsError as error:
        refuse(str(error))


def _settings() -> Settings:
    try:
        return load_settings("db")
    except SettingsError as error:
        refuse(str(error))


def _only_account(settings: Settings) -> str:
    if len(settings.accounts) != 1:
        refuse(WHICH_ACCOUNT)
    return settings.accounts[0].account_id


def _reader(settings: Settings, account_id: str) -> Reader:
    aws = AwsAccess(settings)
    known = next((one for one in settings.accounts if one.account_id == account_id), None)
    identity = aws.identity()
    if known:
        own = frozenset({known.evidence_role, known.remediation_role, identity.arn})
        said = WITH_ROLE.format(account=account_id, role=known.evidence_role)
        return Reader(aws.reader(account_id), known, own, said)
    if identity.account_id != account_id:
        refuse(OTHER_ACCOUNT.format(own=identity.account_id, account=account_id))
    # These credentials stand for both roles: nothing is assumed, and nothing but reading is done.
    role = f"arn:aws:iam::{account_id}:role/none"
    account = AccountSettings(account_id=account_id, evidence_role=role, remediation_role=role)
    said = WITH_OWN.format(account=account_id, arn=identity.arn)
    return Reader(aws.plain(account_id, account.regions[0]), account, frozenset({identity.arn}), said)


def _asked(question: Question, settings: Settings, reader: Reader) -> Question:
    end = datetime.now(UTC)
    window = question.window or (end - timedelta(days=settings.evidence_days), end)
    return replace(
        question,
        account_id=reader.account.account_id,
        window=(window[0], min(window[1], end)),
        own_principals=question.own_principals | reader.own,
        responders=question.responders | frozenset(reader.account.responders),
    )


def _live(question: Question, reader: Reader, settings: Settings, bars: Bars) -> Prepared:
    bucket = _bucket(question.bucket, reader, bars)
    trails = trails_of(reader.gateway, question.bucket)
    files = list(_trail_files(question, reader, settings, bucket, bars))
    assert question.span is not None
    whole = any(trail.on_since(question.span[0]) for trail in trails.trails) if trails else False
    history = history_of(
        reader.gateway,
        reader.account,
        bucket,
        question.span,
        bars.bar("event history"),
        beside_files=bool(files) and whole,
    )
    lines = list(_access_logs(question, reader, bucket, trails, bars))

    def facts(suspicion: Suspicion) -> Gathered:
        regions = tuple(dict.fromkeys((bucket.region, *reader.account.regions)))
        assert question.window is not None
        return gather_about(
            reader.gateway,
            bucket.bucket,
            bucket.region,
            regions,
            question.window,
            suspicion,
            bars.bar("other AWS services"),
        )

    return Prepared(question, (*files, history, *lines), trails, facts)


def _bucket(name: str, reader: Reader, bars: Bars) -> Bucket:
    """Its Region. A bucket that is gone is evidence too: the logs are read as if it were in the first one."""
    try:
        return Bucket(name, bucket_region(reader.gateway, name))
    except AwsRefused as error:
        bars.say(NOT_SEEN.format(bucket=name, account=reader.account.account_id, why=error))
        return Bucket(name, reader.account.regions[0])


def _trail_files(
    question: Question, reader: Reader, settings: Settings, bucket: Bucket, bars: Bars
) -> Iterator[Source]:
    assert question.span is not None
    cache = settings.vault_dir.parent / "trail-cache"
    try:
        tell = bars.bar("trail files")
        files = trail_files_of(reader.gateway, reader.account, bucket, question.span, cache, tell)
        chosen = cheapest(reader.gateway, settings, reader.account, files) if files else None
    except (AwsError, OSError) as error:
        bars.say(NOT_READ.format(what="trail's files", why=error))
        return
    if chosen:
        if chosen.says:
            bars.say(chosen.says)
        yield chosen.source


def _access_logs(
    question: Question, reader: Reader, bucket: Bucket, trails: TrailFacts | None, bars: Bars
) -> Iterator[Source]:
    assert question.span is not None
    account_id = reader.account.account_id
    try:
        tell = bars.bar("access logs")
        lines = access_logs_of(reader.gateway, account_id, bucket, trails, question.span, tell)
        if lines:
            lines.keys()
    except (AwsError, OSError) as error:
        bars.say(NOT_READ.format(what="bucket's access logs", why=error))
    else:
        yield from [lines] if lines else []
