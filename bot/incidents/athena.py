"""Athena instead of fetching a trail's files one by one: where it is set up, and the logs are large."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.aws.athena import AthenaRefused, AthenaWorkgroup
from bot.aws.errors import AwsError
from bot.aws.gateway import ANY_OWNER, Gateway
from bot.aws.objects import bucket_region
from bot.config import AccountSettings, Settings
from bot.evidence.athena.query import Place, Query
from bot.evidence.athena.table import Table
from bot.evidence.sources.athena import AthenaTrail
from bot.evidence.sources.trail_prefix import TrailPrefix
from bot.evidence.wanted import Wanted
from bot.incidents import evidence_sentences as sentences


@dataclass(frozen=True)
class Choice:
    """How the trail's files are read, and a sentence about it, "" where nothing is to be said."""

    source: TrailPrefix | AthenaTrail
    says: str = ""


def cheapest(reader: Gateway, settings: Settings, account: AccountSettings, files: TrailPrefix) -> Choice:
    """Athena where the files of the window hold more bytes than the settings say, else the files.

    With the price before anything is paid for. If Athena cannot be used, the files are read, and it is said
    why. Raises OSError when the files cannot be listed.
    """
    if settings.athena_workgroup is None:
        return Choice(files)
    try:
        athena = _athena(reader, settings, account, files)
        cost = athena.cost(Wanted())
        if cost.size <= settings.athena_above:
            return Choice(files)
        table = athena.place.table
        if not workgroup_of(reader, settings, account).has_table(table.database, table.name):
            return Choice(files, sentences.athena_has_no_table(cost.size, account.account_id))
    except (AwsError, AthenaRefused, ValueError) as error:
        return Choice(files, sentences.athena_unusable(str(error)))
    return Choice(athena, sentences.athena_reads(cost.size, cost.calls, cost.dollars or 0.0))


def workgroup_of(reader: Gateway, settings: Settings, account: AccountSettings) -> AthenaWorkgroup:
    """The workgroup of the settings, in the Region of the trail's bucket: there nothing is sent elsewhere.

    Raises ValueError when the settings name no workgroup or no trail's files, AwsError when AWS does not tell
    the Region.
    """
    if settings.athena_workgroup is None or account.trail_logs is None:
        raise ValueError(sentences.ATHENA_NOT_SET)
    region = bucket_region(reader, urlsplit(account.trail_logs).netloc, ExpectedBucketOwner=ANY_OWNER)
    output = settings.athena_output
    return AthenaWorkgroup(reader, settings.athena_workgroup, region=region, output=output)


def table_of(settings: Settings, account: AccountSettings) -> Table:
    """The table over the trail's files. Raises ValueError when there can be none."""
    if account.trail_logs is None:
        raise ValueError(sentences.ATHENA_NOT_SET)
    url = f"{account.trail_logs.rstrip('/')}/"
    inside = "AWSLogs" in urlsplit(url).path.split("/")
    return Table(url if inside else f"{url}AWSLogs/", settings.athena_database)


def make_table(workgroup: AthenaWorkgroup, table: Table) -> None:
    """Makes database and table where they are missing. Raises OSError, and AwsError (DryRun in a dry run)."""
    for statement in (table.create_database, table.create):
        workgroup.make(statement, Query(statement, ()).token(table.location))


def _athena(reader: Gateway, settings: Settings, account: AccountSettings, files: TrailPrefix) -> AthenaTrail:
    regions = tuple(dict.fromkeys(prefix.rstrip("/").rsplit("/", 1)[-1] for prefix in files.prefixes))
    return AthenaTrail(
        workgroup_of(reader, settings, account),
        Place(table_of(settings, account), account.account_id, regions),
        files.objects,
        files.prefixes,
        files.window,
        files.progress,
        dollars_per_tb=settings.athena_dollars_per_tb,
    )
